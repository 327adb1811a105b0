package operators

import (
	"context"

	"github.com/rxcql/rxcql/rx"
)

// Find emits the first item for which pred is true and completes; nothing if there is none. RxJS's find, ReactiveX's
// first with a predicate. It stops its upstream there and never asks for one more item.
//
// Ordered. Not concurrent. Buffers nothing. On error: passes it on.
func Find[T any](src rx.Observable[T], pred func(T) bool) rx.Observable[T] {
	given("Find", src, pred)
	return func(ctx context.Context, yield func(T) bool) error {
		return src(ctx, func(v T) bool {
			if !pred(v) {
				return true
			}
			yield(v)
			return false
		})
	}
}
