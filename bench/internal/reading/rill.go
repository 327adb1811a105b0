package reading

import (
	"context"

	"github.com/destel/rill"

	"github.com/rxcql/rxcql/bench/internal/events"
)

func rillRows(ctx context.Context, t table) <-chan rill.Try[*events.Event] {
	return rill.Generate(func(send func(*events.Event), fail func(error)) {
		err := t.each(ctx, func(e *events.Event) bool {
			send(e)
			return ctx.Err() == nil
		})
		if err != nil {
			fail(err)
		}
	})
}

func rillAll(ctx context.Context, t table) (n int, err error) {
	doubled := rill.OrderedMap(rillRows(ctx, t), 1, func(e *events.Event) (*events.Event, error) { return double(e), nil })
	positive := rill.OrderedFilter(doubled, 1, func(e *events.Event) (bool, error) { return kept(e), nil })
	err = rill.ForEach(rill.Batch(positive, group, -1), 1, func(batch []*events.Event) error { n += len(batch); return nil })
	return n, err
}

// rillTake has the context end the source, and reads what it has sent until then: it has no operator for that.
func rillTake(ctx context.Context, t table, n int, seen func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rows := rillRows(ctx, t)
	defer rill.Drain(rows)
	defer cancel()
	for i := range n {
		if row := <-rows; row.Error != nil {
			return row.Error
		}
		if i == n-1 {
			seen()
		}
	}
	return nil
}
