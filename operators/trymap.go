package operators

import (
	"context"

	"github.com/rxcql/rxcql/rx"
)

// TryMap emits f's result for every item. It is [Map] for functions that can fail or block: f gets the run's
// context, and an error of f ends the stream as its error, unless one of the OnError functions decides otherwise.
// They are asked in order until one says other than [Stop], so that each can be about one kind of error.
//
//	valid := op.TryMap(lines, parse, func(context.Context, *op.Failure[string]) op.Decision {
//		rejected.Add(1)
//		return op.Resume
//	})
//
// Ordered. Not concurrent; [MapAsync] is. Buffers nothing. On error: passes it on; an error of f as decided. An error
// of f after the context's end is the context's.
func TryMap[T, U any](src rx.Observable[T], f func(context.Context, T) (U, error), on ...OnError[T]) rx.Observable[U] {
	given("TryMap", src, f, on)
	return func(ctx context.Context, yield func(U) bool) error {
		var failure error
		err := src(ctx, func(v T) bool {
			u, ok, err := attempt(ctx, f, on, v)
			if ok {
				return yield(u)
			}
			failure = err
			return err == nil
		})
		if failure != nil {
			return failure
		}
		return err
	}
}
