package operators

import (
	"context"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// Zip emits f of the first item of a and the first of b, of the second ones, and so on: ReactiveX's zip. It ends as
// soon as one of the two has ended and its items are used up, and the other is cancelled then: items without a
// counterpart are dropped, and what the longer stream would have said later does not count. If both are used up, a's
// result is the stream's.
//
// Ordered. Concurrent: a, b and the consumer, which calls f. Buffers at most 64 items of each. On error: emits what
// the items before it led to, then passes it on. On cancel: drops the items.
func Zip[A, B, C any](a rx.Observable[A], b rx.Observable[B], f func(A, B) C) rx.Observable[C] {
	given("Zip", a, b, f)
	return func(ctx context.Context, yield func(C) bool) error {
		return async.Boundary(ctx, "Zip", func(g *async.Group) error {
			left := newInput(async.Start(g, a, inputAhead-1))
			right := newInput(async.Start(g, b, inputAhead-1))
			for both(g.Done(), left, right) {
				if !yield(f(left.take(), right.take())) {
					return nil
				}
			}
			if left.ended() {
				return left.end(ctx)
			}
			return right.end(ctx)
		})
	}
}
