package operators

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/rx"
)

// Skip emits all but the first n items: ReactiveX's skip. The skipped items are still read. It panics if n is
// negative.
//
// Ordered. Not concurrent. Buffers nothing. On error: passes it on.
func Skip[T any](src rx.Observable[T], n int) rx.Observable[T] {
	given("Skip", src)
	if n < 0 {
		panic(fmt.Sprintf("operators.Skip: %d items; the number must not be negative", n))
	}
	return func(ctx context.Context, yield func(T) bool) error {
		left := n
		return src(ctx, func(v T) bool {
			if left > 0 {
				left--
				return true
			}
			return yield(v)
		})
	}
}

// SkipWhile emits all items from the first for which pred is false on, that one included: ReactiveX's skipWhile.
// pred is not asked after it has said false.
//
// Ordered. Not concurrent. Buffers nothing. On error: passes it on.
func SkipWhile[T any](src rx.Observable[T], pred func(T) bool) rx.Observable[T] {
	given("SkipWhile", src, pred)
	return func(ctx context.Context, yield func(T) bool) error {
		skipping := true
		return src(ctx, func(v T) bool {
			if skipping && pred(v) {
				return true
			}
			skipping = false
			return yield(v)
		})
	}
}
