package operators

import (
	"context"

	"github.com/rxcql/rxcql/rx"
)

// Unbatch emits the elements of each slice one by one: the inverse of [Buffer], Pekko's mapConcat with the identity,
// rill's Unbatch. Slices are neither copied nor kept.
//
// Ordered. Not concurrent. Buffers nothing but the slice that it is at. On error: passes it on. On cancel: drops the
// rest of the slice.
func Unbatch[S ~[]T, T any](src rx.Observable[S]) rx.Observable[T] {
	given("Unbatch", src)
	return func(ctx context.Context, yield func(T) bool) error {
		done := ctx.Done()
		var canceled error
		err := src(ctx, func(batch S) bool {
			for _, v := range batch {
				select {
				case <-done:
					canceled = rx.Cause(ctx)
					return false
				default:
				}
				if !yield(v) {
					return false
				}
			}
			return true
		})
		if canceled != nil {
			return canceled
		}
		return err
	}
}
