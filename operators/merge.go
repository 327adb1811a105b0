package operators

import (
	"context"
	"fmt"
	"slices"

	"github.com/rxcql/rxcql/rx"
)

// Merge runs its upstreams at the same time, at most n of them, in the order of the list, and emits their items as
// they come: ReactiveX's merge with maxConcurrent. When one completes the next is started. A fast upstream does not
// keep the others from being heard: when the buffer is full they take turns. It panics if n is less than 1.
//
// Ordered within each upstream, not between them. Concurrent: n upstreams with each other and with the consumer.
// Buffers at most 64 items in all. On error: emits the items that came before it, then passes it on; the other
// upstreams are stopped, and what they say then does not count. On cancel: drops the items.
func Merge[T any](n int, srcs ...rx.Observable[T]) rx.Observable[T] {
	given("Merge", srcs)
	if n < 1 {
		panic(fmt.Sprintf("operators.Merge: %d at a time; at least 1 stream must run", n))
	}
	return flatMap("Merge", eachOf(slices.Clone(srcs)), n, func(src rx.Observable[T]) rx.Observable[T] { return src })
}

// eachOf is rx.From, for what a monitor need not see as a source.
func eachOf[T any](items []T) rx.Observable[T] {
	return func(ctx context.Context, yield func(T) bool) error {
		for _, v := range items {
			if err := rx.Cause(ctx); err != nil {
				return err
			}
			if !yield(v) {
				return nil
			}
		}
		return rx.Cause(ctx)
	}
}
