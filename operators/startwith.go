package operators

import (
	"context"
	"slices"

	"github.com/rxcql/rxcql/rx"
)

// StartWith emits the given items, then all of its upstream, which it runs when they have been emitted: ReactiveX's
// startWith, Pekko's prepend.
//
// Ordered. Not concurrent. Buffers nothing. On error: passes it on.
func StartWith[T any](src rx.Observable[T], items ...T) rx.Observable[T] {
	given("StartWith", src)
	items = slices.Clone(items)
	return func(ctx context.Context, yield func(T) bool) error {
		for _, v := range items {
			if canceled := rx.Cause(ctx); canceled != nil {
				return canceled
			}
			if !yield(v) {
				return nil
			}
		}
		return src(ctx, yield)
	}
}
