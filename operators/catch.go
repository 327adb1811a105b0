package operators

import (
	"context"

	"github.com/rxcql/rxcql/rx"
)

// Catch goes on with the stream f(err) when its upstream fails with err: ReactiveX's catch (onErrorResumeNext). What
// was emitted before the failure is not repeated. f returns rx.Fail(err), perhaps with a better error, for those that
// it has no answer to, and rx.Empty to complete.
//
// f is not called when the consumer has stopped, also because it failed, nor when the context has ended.
//
// Ordered. Not concurrent. Buffers nothing. On error: asks f; an error of f's stream is passed on.
func Catch[T any](src rx.Observable[T], f func(error) rx.Observable[T]) rx.Observable[T] {
	given("Catch", src, f)
	return func(ctx context.Context, yield func(T) bool) error {
		stopped := false
		err := src(ctx, func(v T) bool {
			stopped = !yield(v)
			return !stopped
		})
		switch {
		case stopped:
			return nil
		case err == nil, ctx.Err() != nil:
			return err
		default:
			return f(err)(ctx, yield)
		}
	}
}
