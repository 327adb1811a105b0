package operators

import (
	"context"
	"fmt"
	"slices"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// GroupBy makes a stream of the items of each key, has f make another of it, and emits the items of all these as they
// come: ReactiveX's groupBy and Pekko's, already merged. f is called when a key comes for the first time, on upstream's
// goroutine, one key after the other; the stream that it returns is run by the operator, on a goroutine of its own. So
// a group is never something that somebody may forget to read.
//
//	totals := op.GroupBy(readings, 1000, Reading.Sensor, func(id string, of rx.Observable[Reading]) rx.Observable[Total] {
//		return op.Reduce(of, …)
//	})
//
// A group's stream can be run once; after that it ends with [rx.ErrConsumed]. A group that leaves its stream early, as
// with [Take], or does not run it, discards the key's items from then on, and the operator adds them to dropped. Its
// key stays known, so it gets no second group and counts as one of the at most max keys; one more ends the stream with
// an error that wraps [ErrTooManyKeys]. Keys that do not equal themselves, such as NaN, are each the first of their
// kind: a group with one item. For keys without a bound there is [MapAsyncPartitioned].
//
// When 64 items wait for a group, upstream waits, and so does every other group when it has nothing left; a group that
// neither reads nor ends stops all. A group must not wait for another. It panics if max is less than 1, and if dropped
// is nil or more than one.
//
// Ordered within each key, as far as f's streams are, not between them. Concurrent: upstream, the streams of all keys
// and the consumer. Buffers at most 64 items for each group, and 64 in all of what they emit. On error of upstream, or
// too many keys: the groups' streams end with it after their items; it is passed on when what f made of them has ended.
// On error of a group otherwise: emits the items that came before it, then passes it on; upstream and the other groups
// are stopped, and what they say then does not count. On cancel: drops the items.
func GroupBy[T any, K comparable, U any](
	src rx.Observable[T], max int, key func(T) K, f func(K, rx.Observable[T]) rx.Observable[U], dropped ...*Dropped,
) rx.Observable[U] {
	given("GroupBy", src, key, f)
	if max < 1 {
		panic(fmt.Sprintf("operators.GroupBy: %d keys; there must be at least 1", max))
	}
	if len(dropped) > 1 || slices.Contains(dropped, nil) {
		panic("operators.GroupBy: dropped is nil or more than one; it counts all that the groups do not read, or is left out")
	}
	return func(ctx context.Context, yield func(U) bool) error {
		return async.Boundary(ctx, "GroupBy", func(g *async.Group) error {
			gs := newGroups[T, U](g, dropped)
			byKey := make(map[K]*branch[T])
			g.Upstream(func(ctx context.Context) {
				done := ctx.Done()
				var tooMany error
				err := src(ctx, func(v T) bool {
					k := key(v)
					group, known := byKey[k]
					switch {
					case known:
					case len(byKey) >= max: // more, with keys that do not equal themselves
						tooMany = fmt.Errorf("operators.GroupBy: one key more than %d: %w", max, ErrTooManyKeys)
						return false
					default:
						group = newDroppingBranch[T](gs.drop).watch(ctx, "group")
						byKey[k] = group
						gs.start(group, f(k, group.stream))
					}
					if group == nil {
						gs.drop(1)
					} else if !group.queue.Put(done, v) {
						byKey[k] = nil // it has left; the key is enough to know that
						gs.drop(1)
					}
					return !gs.failed.Load()
				})
				if tooMany != nil {
					err = tooMany
				}
				gs.cutOff(err)
				for _, group := range byKey {
					if group != nil {
						group.queue.Close(err)
					}
				}
				gs.leave()
			})
			return gs.out.Drain(ctx, g, yield)
		})
	}
}
