package operators

import (
	"context"

	"github.com/rxcql/rxcql/rx"
)

// Scan folds the stream and emits the accumulator after every item: ReactiveX's scan with a seed. The seed is made
// by init at the start of each run and not emitted itself, so there is one result for each item.
//
// What f returns is given away: if A is a slice, a map or a pointer, f must return a new one rather than change the
// last.
//
// Ordered. Not concurrent. Buffers nothing but the accumulator. On error: passes it on.
func Scan[T, A any](src rx.Observable[T], init func() A, f func(A, T) A) rx.Observable[A] {
	given("Scan", src, init, f)
	return func(ctx context.Context, yield func(A) bool) error {
		acc := init()
		return src(ctx, func(v T) bool {
			acc = f(acc, v)
			return yield(acc)
		})
	}
}
