package operators

import (
	"context"

	"github.com/rxcql/rxcql/rx"
)

// Filter emits the items for which pred is true: ReactiveX's filter.
//
// Ordered. Not concurrent. Buffers nothing. On error: passes it on.
func Filter[T any](src rx.Observable[T], pred func(T) bool) rx.Observable[T] {
	given("Filter", src, pred)
	return func(ctx context.Context, yield func(T) bool) error {
		return src(ctx, func(v T) bool { return !pred(v) || yield(v) })
	}
}

// FilterMap emits f's result for the items for which f says true, so that what is found out while choosing is not
// computed again: Pekko's collect.
//
// Ordered. Not concurrent. Buffers nothing. On error: passes it on.
func FilterMap[T, U any](src rx.Observable[T], f func(T) (U, bool)) rx.Observable[U] {
	given("FilterMap", src, f)
	return func(ctx context.Context, yield func(U) bool) error {
		return src(ctx, func(v T) bool {
			u, ok := f(v)
			return !ok || yield(u)
		})
	}
}
