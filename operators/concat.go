package operators

import (
	"context"
	"slices"

	"github.com/rxcql/rxcql/rx"
)

// Concat emits all items of the first stream, then all of the second, and so on: ReactiveX's concat. A stream is run
// when the one before it has completed.
//
// Ordered. Not concurrent; [Merge] is. Buffers nothing. On error: passes it on and does not run the streams after it.
func Concat[T any](srcs ...rx.Observable[T]) rx.Observable[T] {
	given("Concat", srcs)
	if len(srcs) == 0 {
		return rx.Empty[T]()
	}
	srcs = slices.Clone(srcs)
	return func(ctx context.Context, yield func(T) bool) error {
		stopped := false
		remember := func(v T) bool {
			stopped = !yield(v)
			return !stopped
		}
		for _, src := range srcs {
			if err := src(ctx, remember); stopped {
				return nil
			} else if err != nil {
				return err
			}
		}
		return nil
	}
}

// ConcatMap makes a stream of every item and emits all that stream's items before it asks for the next item:
// ReactiveX's concatMap, Pekko's flatMapConcat.
//
// Ordered. Not concurrent; [FlatMap] is. Buffers nothing. On error: passes it on, its upstream's and that of a stream
// made by f alike.
func ConcatMap[T, U any](src rx.Observable[T], f func(T) rx.Observable[U]) rx.Observable[U] {
	given("ConcatMap", src, f)
	return func(ctx context.Context, yield func(U) bool) error {
		var failure error
		stopped := false
		remember := func(u U) bool {
			stopped = !yield(u)
			return !stopped
		}
		err := src(ctx, func(v T) bool {
			failure = f(v)(ctx, remember)
			return !stopped && failure == nil
		})
		switch {
		case stopped:
			return nil
		case failure != nil:
			return failure
		default:
			return err
		}
	}
}
