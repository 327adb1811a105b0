package operators

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// MapAsyncPartitioned is [MapAsync] that keeps the order of each key and no other, with at most n calls of f under way
// at a time, and perKey of one key: Pekko's mapAsyncPartitioned, without its order among keys. With a perKey of 1 a
// call begins when the one before it with the same key has ended, so that writes to a row come in the order of their
// items; with more it limits what is in flight per key. The results of a key come in the order of its items, and a
// slow key holds up no other's.
//
// As with MapAsync there are n places, and upstream is asked for an item only when one is free. An item that waits for
// others of its key has a place, too; so a key that makes up most of the stream fills them, and fewer than n calls are
// under way. Choose n with that in mind. It panics if n or perKey is less than 1, or perKey is more than n.
//
// key is called with one item at a time, in order, on upstream's goroutine. f's context, its panics and the OnError
// functions are as with MapAsync; an item that is tried again holds up those of its key.
//
// Ordered within each key, not between them. Concurrent: upstream, n calls of f and the consumer. Buffers at most n
// items, as calls or results. On error of upstream: emits the results of all items, then passes it on. On error of f,
// as decided: emits the results of the key's earlier items and those that there are, then passes it on; other calls
// are cancelled then and waited for. On cancel: drops the results.
func MapAsyncPartitioned[T any, K comparable, U any](
	src rx.Observable[T], n, perKey int, key func(T) K, f func(context.Context, T) (U, error), on ...OnError[T],
) rx.Observable[U] {
	given("MapAsyncPartitioned", src, key, f, on)
	switch {
	case n < 1:
		panic(fmt.Sprintf("operators.MapAsyncPartitioned: %d calls at a time; there must be at least 1", n))
	case perKey < 1:
		panic(fmt.Sprintf("operators.MapAsyncPartitioned: %d calls at a time of one key; there must be at least 1", perKey))
	case perKey > n:
		panic(fmt.Sprintf("operators.MapAsyncPartitioned: %d calls at a time of one key, of %d in all", perKey, n))
	}
	do := func(ctx context.Context, c *async.Call[async.Keyed[K, T], U]) {
		c.Result, c.OK, c.Err = attempt(ctx, f, on, c.Item.Item)
	}
	keyed := Map(src, func(v T) async.Keyed[K, T] { return async.Keyed[K, T]{Key: key(v), Item: v} })
	return func(ctx context.Context, yield func(U) bool) error {
		return async.Boundary(ctx, "MapAsyncPartitioned", func(g *async.Group) error {
			return async.NewKeyedWindow(n, perKey, do).Run(ctx, g, keyed, yield)
		})
	}
}
