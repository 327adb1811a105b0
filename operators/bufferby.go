package operators

import (
	"context"
	"fmt"
	"sync"
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
// It panics if all limits are zero, one is negative, or Weight is set without exactly one function that weighs items.
//
// Ordered. Concurrent: upstream with the consumer if Within is set, else not concurrent. Buffers at most two buffers
// with Within, else one. On error: emits the items that it holds, then passes it on. On cancel: drops them.
func BufferBy[T any](src rx.Observable[T], l Limit, weigh ...func(T) int) rx.Observable[[]T] {
	switch {
	case l.Count < 0 || l.Weight < 0 || l.Within < 0:
		panic(fmt.Sprintf("operators.BufferBy: negative limit in %+v", l))
	case l == (Limit{}):
		panic("operators.BufferBy: no limit; set Count, Weight or Within")
	case l.Weight > 0 && len(weigh) != 1:
		panic("operators.BufferBy: Weight needs one function that weighs an item")
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
		if len(b.items) == 0 {
			return err
		}
		if canceled := rx.Cause(ctx); canceled != nil {
			return canceled
		}
		if !yield(b.items) {
			return nil
		}
		return err
	}
}

// bufferTimed is BufferBy with a limit in time. b is empty.
func bufferTimed[T any](src rx.Observable[T], b box[T]) rx.Observable[[]T] {
	return func(ctx context.Context, yield func([]T) bool) error {
		return async.Run(ctx, func(g *async.Group) error {
			s := &shelf[T]{
				filling: b,
				origin:  time.Now(),
				ready:   make(chan struct{}, 1),
				room:    make(chan struct{}, 1),
			}
			g.Go(func(ctx context.Context) {
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

// shelf is the boundary between the goroutine that fills buffers and the one that emits them. It has one buffer that
// is being filled and at most one before it that is complete.
type shelf[T any] struct {
	origin time.Time     // of since
	ready  chan struct{} // tells the waiting consumer to look again
	room   chan struct{} // tells the blocked producer that there is space

	mu       sync.Mutex
	filling  box[T]
	since    time.Duration // when the first item of filling came
	complete []T           // nil if there is none
	waiting  bool          // the consumer waits on ready
	blocked  bool          // the producer waits for room
	closed   bool          // upstream has ended
	err      error
}

// put adds v to the right buffer, and waits for space before and after it as async.Queue does. It returns false if
// done was closed first.
func (s *shelf[T]) put(done <-chan struct{}, v T) bool {
	w := s.filling.weight(v) // outside of the lock; reads what never changes
	s.mu.Lock()
	for len(s.filling.items) > 0 && (!s.filling.fits(w) || s.left() <= 0) && !s.turn() {
		if !s.block(done) {
			return false
		}
		s.mu.Lock()
	}
	first := len(s.filling.items) == 0
	if first {
		s.since = time.Since(s.origin)
	}
	s.filling.add(v, w)
	if s.filling.full() {
		s.turn()
	}
	if first || s.complete != nil {
		s.wake()
	}
	if s.filling.full() {
		return s.block(done)
	}
	s.mu.Unlock()
	return true
}

// close notes the end of upstream.
func (s *shelf[T]) close(err error) {
	s.mu.Lock()
	s.closed, s.err = true, err
	s.wake()
	s.mu.Unlock()
}

// turn completes the buffer that is being filled, if there is space for it on the shelf.
func (s *shelf[T]) turn() bool {
	if s.complete != nil {
		return false
	}
	s.complete = s.filling.empty()
	return true
}

// left is the time that is left for the buffer that is being filled.
func (s *shelf[T]) left() time.Duration {
	return s.since + s.filling.limit.Within - time.Since(s.origin)
}

// block waits for room. It is called with the lock held and returns without it.
func (s *shelf[T]) block(done <-chan struct{}) bool {
	s.blocked = true
	s.mu.Unlock()
	select {
	case <-s.room:
		return true
	case <-done:
		return false
	}
}

// next waits for a buffer. It returns nil at the end, with upstream's error, and when done is closed.
func (s *shelf[T]) next(done <-chan struct{}, t *time.Timer) ([]T, error) {
	for {
		items, left, end := s.take()
		switch {
		case items != nil:
			return items, nil
		case end:
			return nil, s.err
		}
		var expired <-chan time.Time
		if left > 0 {
			t.Reset(left)
			expired = t.C
		}
		select {
		case <-s.ready:
		case <-expired:
		case <-done:
			return nil, nil
		}
	}
}

// take returns a buffer if there is one to emit, else the time after which there will be, or 0 if there is no item
// yet, or that the end was reached.
func (s *shelf[T]) take() (items []T, left time.Duration, end bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.complete != nil:
		items, s.complete = s.complete, nil
		if s.filling.full() {
			s.turn()
		}
	case len(s.filling.items) == 0:
		s.waiting = !s.closed
		return nil, 0, s.closed
	default:
		if left = s.left(); left > 0 && !s.closed {
			s.waiting = true
			return nil, left, false
		}
		items = s.filling.empty()
	}
	if s.blocked {
		s.blocked = false
		notify(s.room)
	}
	return items, 0, false
}

// wake makes a waiting consumer look again.
func (s *shelf[T]) wake() {
	if s.waiting {
		s.waiting = false
		notify(s.ready)
	}
}

// notify leaves a value in a channel of capacity 1 whose receiver looks for itself what has come.
func notify(ch chan<- struct{}) {
	select {
	case ch <- struct{}{}:
	default: // an earlier one is still there
	}
}
