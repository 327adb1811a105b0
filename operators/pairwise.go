package operators

import (
	"context"

	"github.com/rxcql/rxcql/rx"
)

// Pairwise emits every item together with the one before it, {before, item}, from the second item on: RxJS's pairwise,
// Pekko's sliding(2).
//
// Ordered. Not concurrent. Buffers the last item. On error: passes it on.
func Pairwise[T any](src rx.Observable[T]) rx.Observable[[2]T] {
	given("Pairwise", src)
	return func(ctx context.Context, yield func([2]T) bool) error {
		var last T
		begun := false
		return src(ctx, func(v T) bool {
			pair := [2]T{last, v}
			last = v
			if !begun {
				begun = true
				return true
			}
			return yield(pair)
		})
	}
}
