package operators

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// Conflate folds the items that come while the consumer is busy into one, so that upstream never waits for the
// consumer and memory stays constant: Pekko's conflateWithSeed. An item that comes when the consumer is idle is
// emitted at once, as seed(item); further ones that come before the consumer is back are added by f. Use it where a
// summary serves as well as the items: the latest value, a sum, a histogram.
//
//	worst := op.Conflate(latencies, func(d time.Duration) time.Duration { return d },
//		func(a, d time.Duration) time.Duration { return max(a, d) })
//
// seed and f are called on upstream's goroutine, one at a time. An accumulator belongs to the consumer once it was
// emitted; f is not called with it again.
//
// Ordered. Concurrent: upstream, with seed and f, and the consumer. Buffers one accumulator. On error: emits the
// accumulator, then passes it on. On cancel: drops it.
func Conflate[T, A any](src rx.Observable[T], seed func(T) A, f func(A, T) A) rx.Observable[A] {
	given("Conflate", src, seed, f)
	return func(ctx context.Context, yield func(A) bool) error {
		return async.Boundary(ctx, "Conflate", func(g *async.Group) error {
			s := newSlot[A](g)
			// The accumulator is out of the slot while f works on it, so that no lock is held meanwhile.
			fill(g, s, src, func(v T) {
				if acc, held := s.takeBack(); held {
					s.put(f(acc, v))
				} else {
					s.put(seed(v))
				}
			})
			for {
				acc, ok := s.next(g.Done(), nil, nil)
				if !ok {
					return s.end(ctx)
				}
				if !yield(acc) {
					return nil
				}
			}
		})
	}
}

// Batch emits slices of the items that came while the consumer was busy with the slice before, at most max of them:
// Pekko's batch. To an idle consumer an item goes at once, alone; the slower the consumer, the larger the batches, and
// when max items are waiting upstream waits, too. So a consumer whose effort is per call, such as one that writes,
// works with the least delay when there is little to do and with the least effort when there is much. Each slice is
// fresh and the consumer's to keep. It panics if max is less than 1.
//
// Ordered. Concurrent: upstream with the consumer. Buffers at most max items. On error: emits the items that came
// before it, then passes it on. On cancel: drops them.
func Batch[T any](src rx.Observable[T], max int) rx.Observable[[]T] {
	given("Batch", src)
	if max < 1 {
		panic(fmt.Sprintf("operators.Batch: batches of at most %d items; there must be room for at least 1", max))
	}
	return func(ctx context.Context, yield func([]T) bool) error {
		return async.Boundary(ctx, "Batch", func(g *async.Group) error {
			q := async.Start(g, src, max)
			for {
				batch, ok := q.NextAll(g.Done())
				if !ok {
					return q.End(ctx)
				}
				if !yield(batch) {
					return nil
				}
			}
		})
	}
}
