package operators

import (
	"context"
	"sync/atomic"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// CombineLatest emits f of the latest items of a and b whenever one of the two emits, once both have: ReactiveX's
// combineLatest. It is for values that change over time, such as a configuration beside the data that it is for. It
// completes when both have completed, or when one has without an item, as nothing can come of the other then.
//
// No item is left out: a slow consumer holds up both streams, and gets the combinations in the order in which the
// items came. For one that wants only the newest, put [Conflate] or [Sample] behind it.
//
// Ordered within each stream, not between them. Concurrent: a, b and the consumer, which calls f. Buffers at most 64
// items in all, and the latest of each. On error: emits the combinations of the items that came before it, then passes
// it on; the other stream is stopped, and what it says then does not count. On cancel: drops the items.
func CombineLatest[A, B, C any](a rx.Observable[A], b rx.Observable[B], f func(A, B) C) rx.Observable[C] {
	given("CombineLatest", a, b, f)
	return func(ctx context.Context, yield func(C) bool) error {
		return async.Boundary(ctx, "CombineLatest", func(g *async.Group) error {
			changes := async.NewQueue[change[A, B]](mergeBuffer).Watch(g)
			var open atomic.Int32
			open.Store(2)
			follow(g, a, changes, &open, func(v A) change[A, B] { return change[A, B]{a: v} })
			follow(g, b, changes, &open, func(v B) change[A, B] { return change[A, B]{b: v, ofB: true} })
			var (
				latest     change[A, B]
				hasA, hasB bool
			)
			for {
				c, ok := changes.Next(g.Done())
				switch {
				case !ok:
					return changes.End(ctx)
				case c.ofB:
					latest.b, hasB = c.b, true
				default:
					latest.a, hasA = c.a, true
				}
				if hasA && hasB && !yield(f(latest.a, latest.b)) {
					return nil
				}
			}
		})
	}
}

// change is an item of one of two streams.
type change[A, B any] struct {
	a   A
	b   B
	ofB bool
}

// follow runs one of the streams that open counts, and ends q with it if that is the end of the combination.
func follow[T, C any](g *async.Group, src rx.Observable[T], q *async.Queue[C], open *atomic.Int32, c func(T) C) {
	g.Upstream(func(ctx context.Context) {
		done := ctx.Done()
		some, stopped := false, false
		err := src(ctx, func(v T) bool {
			some = true
			stopped = !q.Push(done, c(v))
			return !stopped
		})
		if !stopped && (err != nil || !some || open.Add(-1) == 0) {
			q.Close(err)
		}
	})
}
