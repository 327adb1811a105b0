package bridge

import (
	"context"

	"github.com/reactivex/rxgo/v2"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/internal/demand"
	"github.com/rxcql/rxcql/rx"
)

// run is one run of a stream that comes out of rxgo. The streams of ours that rxgo runs for it belong to it: it does
// not end before they have.
type run struct {
	group *async.Group
	cut   chan error // why a stream of ours was cut short by a context that is not the run's; room for the first
}

type runKey struct{} // of the run in the context with which rxgo is observed

// observe runs what build makes of rxgo's.
func observe[T any](ctx context.Context, build func(*run) rxgo.Iterable, yield func(T) bool) error {
	if err := rx.Cause(ctx); err != nil {
		return err
	}
	r := &run{cut: make(chan error, 1)}
	left := false
	err := async.Run(ctx, func(g *async.Group) error {
		r.group = g
		own := demand.Without(g.Context()) // rxgo's channels are buffers, as boundaries of ours are
		items := build(r).Observe(rxgo.WithContext(context.WithValue(own, runKey{}, r)))
		return receive(ctx, g, items, func(v T) bool {
			left = !yield(v)
			return !left
		})
	})
	if err != nil || left {
		return err
	}
	select {
	case err = <-r.cut:
	default:
	}
	return err
}

// join calls f with own, a context of the run's, that also ends with ctx, which somebody has given to an operator of
// rxgo's. The end of ctx looks to rxgo like the end of the stream, but must not look so to us.
func (r *run) join(ctx, own context.Context, f func(context.Context)) {
	own, cancel := context.WithCancelCause(own)
	defer cancel(nil)
	stop := context.AfterFunc(ctx, func() { cancel(rx.Cause(ctx)) })
	defer stop()
	f(own)
	if err := rx.Cause(ctx); err != nil {
		select {
		case r.cut <- err:
		default:
		}
	}
}

// receive yields rxgo's items until the first error or the end.
func receive[T any](ctx context.Context, g *async.Group, items <-chan rxgo.Item, yield func(T) bool) error {
	done := g.Done()
	for n := 1; ; n++ {
		var (
			item rxgo.Item
			more bool
		)
		select {
		case <-done:
			return rx.Cause(ctx)
		case item, more = <-items:
		}
		select {
		case <-done: // the other case was chosen by chance, or is a consequence
			return rx.Cause(ctx)
		default:
		}
		if !more {
			return nil
		}
		if item.E != nil {
			if p, ok := item.E.(*raised); ok {
				panic(p.panic)
			}
			return item.E
		}
		v, ok := value[T](item.V)
		if !ok {
			return wrongType[T](n, item.V)
		}
		if !yield(v) {
			return nil
		}
	}
}
