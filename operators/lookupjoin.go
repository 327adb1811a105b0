package operators

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/rx"
)

// Match is an item and what was found for it.
type Match[T, V any] struct {
	Item  T
	Value V
	Found bool
}

// LookupJoin pairs every item with the value that lookup finds for its key: a join with a table, or anything else that
// can be asked for several keys at once. Items are gathered in batches as by [BufferBy] with limit, of which Weight is
// not for it; lookup is called with the different keys of a batch, in the order in which they first come, and with up
// to n batches at a time as [MapAsync] does. Items for which there is no value in its result come with Found false.
//
//	users := op.LookupJoin(orders, 4, op.Limit{Count: 100, Within: 10 * time.Millisecond}, Order.UserID, findUsers)
//
// A BATCH IS THE ITEM of the OnError functions: [RetryItem] asks again for all its keys, Resume and [SkipItem] drop all
// its items, the Item of a [Failure] is the slice of them. So retry whole batches, and let a key that has no value be
// none:
//
//	again := op.RetryItem[[]Order](op.Backoff{}, op.Is(ErrBusy))
//
// Without Within a batch waits for Count items, however long that takes. key must be pure; it is called on the
// goroutine of the lookup, so concurrently for several batches. lookup's context, its panics and the OnError functions
// are as with MapAsync. Values are shared by the items that have the same key.
//
// It panics if n is less than 1, or limit is not one that BufferBy takes, or has a Weight.
//
// Ordered. Concurrent: upstream, n lookups and the consumer. Buffers at most n batches that are looked up or wait to be
// emitted, two with Within or one without that are being filled, and the one being emitted. On error: emits the results
// of all earlier items, then passes it on; an error of lookup as decided. Other lookups are cancelled then and waited
// for. On cancel: drops them.
func LookupJoin[T any, K comparable, V any](
	src rx.Observable[T], n int, limit Limit, key func(T) K,
	lookup func(context.Context, []K) (map[K]V, error), on ...OnError[[]T],
) rx.Observable[Match[T, V]] {
	given("LookupJoin", src, key, lookup, on)
	switch {
	case n < 1:
		panic(fmt.Sprintf("operators.LookupJoin: %d lookups at a time; there must be at least 1", n))
	case limit.Weight != 0:
		panic("operators.LookupJoin: items have no weight; set Count or Within")
	}
	batches := MapAsync(BufferBy(src, limit), n, func(ctx context.Context, items []T) ([]Match[T, V], error) {
		keys := make([]K, len(items)) // the items'
		asked := make([]K, 0, len(items))
		seen := make(map[K]struct{}, len(items))
		for i, item := range items {
			keys[i] = key(item)
			if _, known := seen[keys[i]]; !known {
				seen[keys[i]] = struct{}{}
				asked = append(asked, keys[i])
			}
		}
		values, err := lookup(ctx, asked)
		if err != nil {
			return nil, err
		}
		found := make([]Match[T, V], len(items))
		for i, item := range items {
			v, ok := values[keys[i]]
			found[i] = Match[T, V]{Item: item, Value: v, Found: ok}
		}
		return found, nil
	}, on...)
	return Unbatch(batches)
}
