package operators

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// MapAsync emits f's result for every item, with up to n calls of f under way at a time, and the results in the order
// of their items: Pekko's mapAsync. It is [TryMap] for functions that wait for something else, such as a request: n
// of them take as long as one. Upstream is asked for an item only when there is a place for it among the n calls,
// which a call keeps until its result is taken; so a slow call holds up the results behind it, and never more than n
// of them. It panics if n is less than 1.
//
// f's context ends with the run. A panic of f arrives at the consumer as a [*rx.PanicError]. The OnError functions
// are those of [TryMap], asked on the goroutine of the call, so concurrently for several items; an item that is tried
// again keeps its place.
//
// Ordered. Concurrent: upstream, n calls of f and the consumer. Buffers at most n items, as calls or results. On
// error: emits the results of all earlier items, then passes it on; an error of f as decided. Other calls are
// cancelled then and waited for. On cancel: drops the results.
func MapAsync[T, U any](
	src rx.Observable[T], n int, f func(context.Context, T) (U, error), on ...OnError[T],
) rx.Observable[U] {
	given("MapAsync", src, f, on)
	if n < 1 {
		panic(fmt.Sprintf("operators.MapAsync: %d calls at a time; there must be at least 1", n))
	}
	return mapAsync("MapAsync", src, n, true, f, on)
}

// MapAsyncUnordered is [MapAsync] with the results in the order in which they come: Pekko's mapAsyncUnordered. A slow
// call holds up nothing but its own result. It panics if n is less than 1.
//
// Not ordered. Concurrent: upstream, n calls of f and the consumer. Buffers at most n items, as calls or results. On
// error of upstream: emits the results of all items, then passes it on. On error of f, as decided: emits the results
// that there are, then passes it on; other calls are cancelled then and waited for. On cancel: drops the results.
func MapAsyncUnordered[T, U any](
	src rx.Observable[T], n int, f func(context.Context, T) (U, error), on ...OnError[T],
) rx.Observable[U] {
	given("MapAsyncUnordered", src, f, on)
	if n < 1 {
		panic(fmt.Sprintf("operators.MapAsyncUnordered: %d calls at a time; there must be at least 1", n))
	}
	return mapAsync("MapAsyncUnordered", src, n, false, f, on)
}

func mapAsync[T, U any](
	name string, src rx.Observable[T], n int, ordered bool, f func(context.Context, T) (U, error), on []OnError[T],
) rx.Observable[U] {
	do := func(ctx context.Context, c *async.Call[T, U]) {
		c.Result, c.OK, c.Err = attempt(ctx, f, on, c.Item)
	}
	return func(ctx context.Context, yield func(U) bool) error {
		return async.Boundary(ctx, name, func(g *async.Group) error {
			return async.NewWindow(n, ordered, do).Run(ctx, g, src, yield)
		})
	}
}
