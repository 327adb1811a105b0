package operators

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/rx"
)

// BufferAdjacent emits slices of consecutive items whose keys are equal: the rows of a partition, the readings of an
// hour. Reactor's bufferUntilChanged. Each slice is fresh and the consumer's to keep. Keys that do not equal
// themselves, such as NaN, are slices of their own. It panics if max is less than 1.
//
// Over the scan of a whole table ask for source.Scan.InTokenOrder: else the rows of several partitions are mixed.
//
// A RUN THAT IS LONGER THAN MAX IS CUT: it comes in slices of max items, and what is left of it in another, so the next
// slice may have the same key. Choose a max that no run has where a slice must be whole.
//
// A slice is emitted when an item with another key comes, or the stream ends: the last item of a slow stream waits.
//
// Ordered. Not concurrent. Buffers at most max-1 items. On error: emits the items that it holds, then passes it on. On
// cancel: drops them.
func BufferAdjacent[T any, K comparable](src rx.Observable[T], max int, key func(T) K) rx.Observable[[]T] {
	given("BufferAdjacent", src, key)
	checkSplit("BufferAdjacent", max)
	return split(src, max, func() cut[T] {
		var last K
		return func(v T) (before, after bool) {
			k := key(v)
			before = k != last
			last = k
			return before, false
		}
	})
}

// SplitWhen emits slices of consecutive items; an item for which pred is true begins a new one: a header before its
// rows. Pekko's splitWhen, with slices for its substreams. pred is asked once about every item. Each slice is fresh and
// the consumer's to keep. It panics if max is less than 1.
//
// A SLICE THAT WOULD BE LONGER THAN MAX IS CUT: it is emitted when it has max items, and the next may begin with an
// item for which pred is false.
//
// Ordered. Not concurrent. Buffers at most max-1 items. On error: emits the items that it holds, then passes it on. On
// cancel: drops them.
func SplitWhen[T any](src rx.Observable[T], max int, pred func(T) bool) rx.Observable[[]T] {
	given("SplitWhen", src, pred)
	checkSplit("SplitWhen", max)
	return split(src, max, func() cut[T] {
		return func(v T) (before, after bool) { return pred(v), false }
	})
}

// SplitAfter emits slices of consecutive items; an item for which pred is true is the last of its slice: a total after
// its rows. Pekko's splitAfter, with slices for its substreams. pred is asked once about every item. Each slice is
// fresh and the consumer's to keep. It panics if max is less than 1.
//
// A SLICE THAT WOULD BE LONGER THAN MAX IS CUT: it is emitted when it has max items, and its last may be an item for
// which pred is false.
//
// Ordered. Not concurrent. Buffers at most max-1 items. On error: emits the items that it holds, then passes it on. On
// cancel: drops them.
func SplitAfter[T any](src rx.Observable[T], max int, pred func(T) bool) rx.Observable[[]T] {
	given("SplitAfter", src, pred)
	checkSplit("SplitAfter", max)
	return split(src, max, func() cut[T] {
		return func(v T) (before, after bool) { return false, pred(v) }
	})
}

func checkSplit(name string, max int) {
	if max < 1 {
		panic(fmt.Sprintf("operators.%s: at most %d items; a slice must hold at least 1", name, max))
	}
}

// cut tells whether a slice ends before an item, and whether one ends after it. It is asked once about every item.
type cut[T any] func(T) (before, after bool)

// split emits slices of at most max consecutive items, which end where a cut says, made by begin for each run.
func split[T any](src rx.Observable[T], max int, begin func() cut[T]) rx.Observable[[]T] {
	return func(ctx context.Context, yield func([]T) bool) error {
		b := box[T]{limit: Limit{Count: max}}
		ends := begin()
		stopped := false
		err := src(ctx, func(v T) bool {
			before, after := ends(v)
			if before && len(b.items) > 0 {
				if stopped = !yield(b.empty()); stopped {
					return false
				}
			}
			b.add(v, 0)
			if after || b.full() {
				stopped = !yield(b.empty())
			}
			return !stopped
		})
		if stopped {
			return nil
		}
		return flush(ctx, yield, b.items, err)
	}
}
