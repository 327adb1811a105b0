package reading

import (
	"context"
	"time"

	"github.com/reugn/go-streams/extension"
	"github.com/reugn/go-streams/flow"

	"github.com/rxcql/rxcql/bench/internal/events"
)

// goStreamsRows gives the rows, and what they ended with when they have.
func goStreamsRows(ctx context.Context, t table) (rows chan any, ended <-chan error) {
	rows, result := make(chan any, 1024), make(chan error, 1)
	go func() {
		defer close(rows)
		result <- t.each(ctx, func(e *events.Event) bool {
			select {
			case rows <- e:
				return true
			case <-ctx.Done():
				return false
			}
		})
	}()
	return rows, result
}

func goStreamsAll(ctx context.Context, t table) (n int, err error) {
	rows, ended := goStreamsRows(ctx, t)
	batches := extension.NewChanSource(rows).
		Via(flow.NewMap(double, 1)).
		Via(flow.NewFilter(kept, 1)).
		Via(flow.NewBatch[*events.Event](group, time.Hour))
	for batch := range batches.Out() {
		n += len(batch.([]*events.Event))
	}
	return n, <-ended
}

// goStreamsTake has the context end the source: it has no operator for that.
func goStreamsTake(ctx context.Context, t table, n int, seen func()) error {
	ctx, cancel := context.WithCancel(ctx)
	rows, ended := goStreamsRows(ctx, t)
	for i := range n {
		<-rows
		if i == n-1 {
			seen()
		}
	}
	cancel()
	<-ended // with the context's error, perhaps
	return nil
}
