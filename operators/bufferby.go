package operators

import (
	"context"
	"fmt"
	"time"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// Limit says when a buffer is full. A zero field is no limit.
type Limit struct {
	Count  int           // items in a buffer
	Weight int           // sum of their weights, in the unit of the function that weighs them
	Within time.Duration // time since the buffer's first item came
}

// BufferBy emits slices of consecutive items, bounded by number, by weight and by time: ReactiveX's buffer with time
// and count, Pekko's groupedWeightedWithin. A buffer is emitted as soon as it has Count items or Weight, when the next
// item would make it weigh more than Weight, and Within after its first item came, whichever is first. So no buffer
// has more than Count items, nor weighs more than Weight, unless a single item does, which then has a buffer of its
// own; all items in it have come less than Within after the first; and none is empty. Weights below 0 count as 0.
// Each slice is fresh and the consumer's to keep.
//
// With Within, upstream runs on a goroutine of its own and fills the next buffer while the consumer is busy with one.
// When the consumer is slower than Within, one complete buffer waits for it and the next is being filled; upstream
// then waits, and an item that had to wait comes when there is space for it. Note that with Within alone a buffer has
// no bound but what upstream emits in that time.
//
// It panics if all limits are zero, one is negative, or there is a function that weighs items without Weight, or Weight
// without exactly one.
//
// Ordered. Concurrent: upstream with the consumer if Within is set, else not concurrent. Buffers at most two buffers
// with Within, else one. On error: emits the items that it holds, then passes it on. On cancel: drops them.
func BufferBy[T any](src rx.Observable[T], l Limit, weigh ...func(T) int) rx.Observable[[]T] {
	given("BufferBy", src, weigh)
	switch {
	case l.Count < 0 || l.Weight < 0 || l.Within < 0:
		panic(fmt.Sprintf("operators.BufferBy: negative limit in %+v", l))
	case l == (Limit{}):
		panic("operators.BufferBy: no limit; set Count, Weight or Within")
	case l.Weight > 0 && len(weigh) != 1:
		panic("operators.BufferBy: Weight needs one function that weighs an item")
	case l.Weight == 0 && len(weigh) > 0:
		panic("operators.BufferBy: a function that weighs an item without a Weight that limits the sum")
	}
	b := box[T]{limit: l}
	if l.Weight > 0 {
		b.weigh = weigh[0]
	}
	if l.Within > 0 {
		return bufferTimed(src, b)
	}
	return bufferUntimed(src, b)
}

// bufferUntimed is BufferBy without a limit in time. b is empty.
func bufferUntimed[T any](src rx.Observable[T], b box[T]) rx.Observable[[]T] {
	return func(ctx context.Context, yield func([]T) bool) error {
		b := b
		stopped := false
		err := src(ctx, func(v T) bool {
			w := b.weight(v)
			if !b.fits(w) {
				if stopped = !yield(b.empty()); stopped {
					return false
				}
			}
			b.add(v, w)
			if b.full() {
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

// bufferTimed is BufferBy with a limit in time. b is empty.
func bufferTimed[T any](src rx.Observable[T], b box[T]) rx.Observable[[]T] {
	return func(ctx context.Context, yield func([]T) bool) error {
		return async.Boundary(ctx, "BufferBy", func(g *async.Group) error {
			s := &shelf[T]{
				filling: b,
				origin:  time.Now(),
				ready:   make(chan struct{}, 1),
				room:    make(chan struct{}, 1),
			}
			s.watch(g.Probe())
			g.Upstream(func(ctx context.Context) {
				done := ctx.Done()
				s.close(src(ctx, func(v T) bool { return s.put(done, v) }))
			})
			t := time.NewTimer(b.limit.Within)
			defer t.Stop()
			for {
				items, err := s.next(g.Done(), t)
				if canceled := rx.Cause(ctx); canceled != nil {
					return canceled
				}
				if items == nil {
					return err
				}
				if !yield(items) {
					return nil
				}
			}
		})
	}
}

// box is a buffer that is being filled.
type box[T any] struct {
	limit Limit
	weigh func(T) int // nil without a limit in weight
	items []T
	total int // weight
	size  int // of the last one, which the next one probably has too
}

func (b *box[T]) weight(v T) int {
	if b.weigh == nil {
		return 0
	}
	return max(b.weigh(v), 0)
}

// full tells whether no item fits, whatever its weight.
func (b *box[T]) full() bool {
	return b.limit.Count > 0 && len(b.items) >= b.limit.Count || b.limit.Weight > 0 && b.total >= b.limit.Weight
}

// fits tells whether there is space for an item of weight w; in an empty one there is for any.
func (b *box[T]) fits(w int) bool {
	return len(b.items) == 0 || !b.full() && (b.limit.Weight == 0 || w <= b.limit.Weight-b.total)
}

func (b *box[T]) add(v T, w int) {
	if b.items == nil && b.size > 0 {
		b.items = make([]T, 0, b.size)
	}
	b.items = append(b.items, v)
	b.total += w
}

// empty takes the items out.
func (b *box[T]) empty() []T {
	items := b.items
	b.items, b.total, b.size = nil, 0, len(items)
	return items
}
