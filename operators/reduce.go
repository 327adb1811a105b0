package operators

import (
	"context"

	"github.com/rxcql/rxcql/rx"
)

// Reduce folds the stream and emits the accumulator once, when upstream has completed: ReactiveX's reduce with a seed,
// Pekko's fold. The accumulator of an empty stream is the seed, which init makes at the start of each run. [Scan] emits
// every step.
//
// The accumulator is f's until the end, so f may change it in place: fill a map, append to a slice.
//
// Ordered. Not concurrent. Buffers nothing but the accumulator. On error: emits nothing and passes it on.
func Reduce[T, A any](src rx.Observable[T], init func() A, f func(A, T) A) rx.Observable[A] {
	given("Reduce", src, init, f)
	return func(ctx context.Context, yield func(A) bool) error {
		acc := init()
		err := src(ctx, func(v T) bool {
			acc = f(acc, v)
			return true
		})
		if err != nil {
			return err
		}
		if canceled := rx.Cause(ctx); canceled != nil {
			return canceled
		}
		yield(acc)
		return nil
	}
}
