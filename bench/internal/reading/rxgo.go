package reading

import (
	"context"

	"github.com/reactivex/rxgo/v2"

	"github.com/rxcql/rxcql/bench/internal/events"
)

// buffered has rxgo's stages hold some items, without which it takes some times as long.
var buffered = rxgo.WithBufferedChannel(1024)

func rxgoRows(t table, opts ...rxgo.Option) rxgo.Observable {
	return rxgo.Defer([]rxgo.Producer{func(ctx context.Context, next chan<- rxgo.Item) {
		if err := t.each(ctx, func(e *events.Event) bool { return rxgo.Of(e).SendContext(ctx, next) }); err != nil {
			rxgo.Error(err).SendContext(ctx, next)
		}
	}}, opts...)
}

func rxgoAll(ctx context.Context, t table) (n int, err error) {
	opts := []rxgo.Option{buffered, rxgo.WithContext(ctx)}
	batches := rxgoRows(t, opts...).
		Map(func(_ context.Context, e any) (any, error) { return double(e.(*events.Event)), nil }, opts...).
		Filter(func(e any) bool { return kept(e.(*events.Event)) }, opts...).
		BufferWithCount(group, opts...)
	for batch := range batches.Observe(opts...) {
		if batch.E != nil {
			return n, batch.E
		}
		n += len(batch.V.([]any))
	}
	return n, nil
}

func rxgoTake(ctx context.Context, t table, n int, seen func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // else its goroutines stay
	opts := []rxgo.Option{buffered, rxgo.WithContext(ctx)}
	i := 0
	for item := range rxgoRows(t, opts...).Take(uint(n), opts...).Observe(opts...) {
		if item.E != nil {
			return item.E
		}
		if i++; i == n {
			seen()
			return nil
		}
	}
	return nil
}
