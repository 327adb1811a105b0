package reading

import (
	"context"

	"github.com/samber/ro"

	"github.com/rxcql/rxcql/bench/internal/events"
)

// roRows looks at the context for each row: an observer cannot tell it to stop.
func roRows(t table) ro.Observable[*events.Event] {
	return ro.NewUnsafeObservableWithContext(func(ctx context.Context, to ro.Observer[*events.Event]) ro.Teardown {
		err := t.each(ctx, func(e *events.Event) bool {
			to.NextWithContext(ctx, e)
			return ctx.Err() == nil
		})
		if err != nil {
			to.ErrorWithContext(ctx, err)
		} else {
			to.CompleteWithContext(ctx)
		}
		return nil
	})
}

func roAll(ctx context.Context, t table) (n int, err error) {
	batches := ro.Pipe3(roRows(t), ro.Map(double), ro.Filter(kept), ro.BufferWithCount[*events.Event](group))
	batches.SubscribeWithContext(ctx, ro.NewObserver(
		func(batch []*events.Event) { n += len(batch) }, func(failure error) { err = failure }, func() {},
	)).Wait()
	return n, err
}

func roTake(ctx context.Context, t table, n int, seen func()) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	i := 0
	ro.Take[*events.Event](int64(n))(roRows(t)).SubscribeWithContext(ctx, ro.NewObserver(
		func(*events.Event) {
			if i++; i == n {
				seen()
				cancel()
			}
		}, func(failure error) { err = failure }, func() {},
	)).Wait()
	if i == n {
		return nil // whatever came of the cancel
	}
	return err
}
