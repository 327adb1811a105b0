package operators

import (
	"context"

	"github.com/rxcql/rxcql/rx"
)

// Finally calls f once at the end of each run, however it ends: completed, failed, left by the consumer, cancelled, or
// by a panic or runtime.Goexit. Upstream has cleaned up before, and the stages after it clean up later. ReactiveX's
// finally. To be told how it ended see [Tap], and to hold a resource for each run [Using].
//
// Ordered. Not concurrent. Buffers nothing. On error: calls f, then passes it on.
func Finally[T any](src rx.Observable[T], f func()) rx.Observable[T] {
	given("Finally", src, f)
	return func(ctx context.Context, yield func(T) bool) error {
		defer f()
		return src(ctx, yield)
	}
}
