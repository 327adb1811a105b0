package operators

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// Prefetch lets its upstream work ahead while the consumer is busy: Pekko's buffer, ReactiveX's observeOn with a
// bound. Upstream runs on a goroutine of its own and is at most n items ahead of the consumer: it is not asked for an
// item for which there is no place. An upstream that has got n items ahead rests until the consumer has taken half of
// them. It panics if n is less than 1.
//
// Ordered. Concurrent: upstream with the consumer. Buffers at most n items. On error: emits the items that came
// before it, then passes it on. On cancel: drops them.
func Prefetch[T any](src rx.Observable[T], n int) rx.Observable[T] {
	given("Prefetch", src)
	if n < 1 {
		panic(fmt.Sprintf("operators.Prefetch: %d items; upstream must be allowed at least 1 item ahead", n))
	}
	return func(ctx context.Context, yield func(T) bool) error {
		return async.Boundary(ctx, "Prefetch", func(g *async.Group) error {
			return async.Start(g, src, n).Drain(ctx, g, yield)
		})
	}
}
