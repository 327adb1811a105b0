package operators

import (
	"context"

	"github.com/rxcql/rxcql/rx"
)

// Map emits f(item) for every item: ReactiveX's map. For a function that can fail or block see [TryMap].
//
// Ordered. Not concurrent. Buffers nothing. On error: passes it on.
func Map[T, U any](src rx.Observable[T], f func(T) U) rx.Observable[U] {
	given("Map", src, f)
	return func(ctx context.Context, yield func(U) bool) error {
		return src(ctx, func(v T) bool { return yield(f(v)) })
	}
}
