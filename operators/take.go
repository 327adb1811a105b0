package operators

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/rx"
)

// Take emits the first n items and completes: ReactiveX's take. It stops its upstream when the n-th item has been
// yielded and never asks for one more, so a query fetches no page too many. Take of 0 does not run its upstream at
// all. It panics if n is negative.
//
// Ordered. Not concurrent. Buffers nothing. On error: passes it on.
func Take[T any](src rx.Observable[T], n int) rx.Observable[T] {
	given("Take", src)
	switch {
	case n < 0:
		panic(fmt.Sprintf("operators.Take: %d items; the number must not be negative", n))
	case n == 0:
		return rx.Empty[T]()
	}
	return func(ctx context.Context, yield func(T) bool) error {
		left := n
		return src(ctx, func(v T) bool {
			left--
			return yield(v) && left > 0
		})
	}
}

// TakeWhile emits items up to, and without, the first for which pred is false, and completes: ReactiveX's
// takeWhile.
//
// Ordered. Not concurrent. Buffers nothing. On error: passes it on.
func TakeWhile[T any](src rx.Observable[T], pred func(T) bool) rx.Observable[T] {
	given("TakeWhile", src, pred)
	return func(ctx context.Context, yield func(T) bool) error {
		return src(ctx, func(v T) bool { return pred(v) && yield(v) })
	}
}
