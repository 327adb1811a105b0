package operators

import (
	"context"

	"github.com/rxcql/rxcql/rx"
)

// DefaultIfEmpty emits v if upstream completes without an item: ReactiveX's defaultIfEmpty.
//
// Ordered. Not concurrent. Buffers nothing. On error: passes it on, without v.
func DefaultIfEmpty[T any](src rx.Observable[T], v T) rx.Observable[T] {
	given("DefaultIfEmpty", src)
	return OrElse(src, rx.From(v))
}

// OrElse runs other if upstream completes without an item: Pekko's orElse, ReactiveX's switchIfEmpty. [ResumeWith] runs
// another stream after an error.
//
// Ordered. Not concurrent. Buffers nothing. On error: passes it on, without running other.
func OrElse[T any](src, other rx.Observable[T]) rx.Observable[T] {
	given("OrElse", src, other)
	return func(ctx context.Context, yield func(T) bool) error {
		empty := true
		err := src(ctx, func(v T) bool {
			empty = false
			return yield(v)
		})
		if err != nil || !empty {
			return err
		}
		return other(ctx, yield)
	}
}
