package async

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/rxcql/rxcql/rx"
)

// State tells what Poll found.
type State uint8

const (
	Item   State = iota // an item
	Empty               // nothing now; wait for Ready
	Closed              // nothing any more; see Err
)

// Queue is a bounded FIFO from any number of producers to one consumer, the goroutine that made it. Producers append
// to one slice under a short lock while the consumer works through another, and the two are swapped when the
// consumer's is used up, so the consumer locks once for many items, and an idle consumer gets every item at once.
//
// A producer that finds the queue full sleeps until half of it is free, so that a fast producer is not woken for
// every item; with a bound of 1 that means until it is empty.
type Queue[T any] struct {
	limit int
	ready chan struct{} // tells a waiting consumer to poll again

	// Only the consumer's.
	out []T
	pos int

	taken   atomic.Int64 // = pos; how much of out was taken since the swap
	blocked atomic.Bool  // producers wait for space

	mu      sync.Mutex
	in      []T
	swapped int           // len(out) at the swap
	waiting bool          // the consumer waits on ready
	space   chan struct{} // closed when there is space; nil when nobody waits
	closed  bool
	err     error
}

// NewQueue makes a queue that holds at most limit items.
func NewQueue[T any](limit int) *Queue[T] {
	return &Queue[T]{limit: max(limit, 1), ready: make(chan struct{}, 1)}
}

// Start runs src on a goroutine of g and returns the queue of at most limit items that it fills and, with src's
// result, closes.
func Start[T any](g *Group, src rx.Observable[T], limit int) *Queue[T] {
	q := NewQueue[T](limit)
	g.Go(func(ctx context.Context) {
		done := ctx.Done()
		q.Close(src(ctx, func(v T) bool { return q.Push(done, v) }))
	})
	return q
}

// Push appends v, waiting for space. It returns false, without v, if done was closed first.
func (q *Queue[T]) Push(done <-chan struct{}, v T) bool {
	q.mu.Lock()
	for q.full() {
		if q.space == nil {
			q.space = make(chan struct{})
		}
		space := q.space
		q.mu.Unlock()
		select {
		case <-space:
		case <-done:
			return false
		}
		q.mu.Lock()
	}
	q.in = append(q.in, v)
	wake := q.waiting
	q.waiting = false
	q.mu.Unlock()
	if wake {
		q.signal()
	}
	return true
}

// full tells whether the queue is at its bound, and if so lets the consumer know that a producer waits. It sets
// blocked before it looks at taken, and the consumer sets taken before it looks at blocked, so one of them sees.
func (q *Queue[T]) full() bool {
	if q.held() < q.limit {
		return false
	}
	q.blocked.Store(true)
	return q.held() >= q.limit
}

func (q *Queue[T]) held() int { return len(q.in) + q.swapped - int(q.taken.Load()) }

// Close ends the queue: the consumer gets what is in it, then Closed and err. Only the first call counts.
func (q *Queue[T]) Close(err error) {
	q.mu.Lock()
	if !q.closed {
		q.closed, q.err = true, err
	}
	wake := q.waiting
	q.waiting = false
	q.mu.Unlock()
	if wake {
		q.signal()
	}
}

func (q *Queue[T]) signal() {
	select {
	case q.ready <- struct{}{}:
	default: // an earlier signal is still there
	}
}

// Poll takes the next item if there is one. After Empty, the consumer waits for Ready before it polls again.
func (q *Queue[T]) Poll() (T, State) {
	var zero T
	if q.pos == len(q.out) {
		if state := q.swap(); state != Item {
			return zero, state
		}
	}
	v := q.out[q.pos]
	q.out[q.pos] = zero // so that the slice does not keep it alive
	q.pos++
	q.taken.Store(int64(q.pos))
	if q.blocked.Load() {
		q.free()
	}
	return v, Item
}

// swap exchanges the consumer's used-up slice for the producers', unless that is empty too.
func (q *Queue[T]) swap() State {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.in) == 0 {
		if q.closed {
			return Closed
		}
		q.waiting = true
		return Empty
	}
	q.out, q.in = q.in, q.out[:0]
	q.pos, q.swapped = 0, len(q.out)
	q.taken.Store(0)
	return Item
}

// free wakes the producers once half of the queue is free.
func (q *Queue[T]) free() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.held() > q.limit/2 {
		return
	}
	q.blocked.Store(false)
	if q.space != nil {
		close(q.space)
		q.space = nil
	}
}

// Ready receives a value when an item or the end may have come since Poll returned Empty; also, rarely, when not.
func (q *Queue[T]) Ready() <-chan struct{} { return q.ready }

// End gives the result of a run that consumes the queue once Poll has returned Closed or the group is done: why ctx,
// the run's own context, has ended, else what the queue was closed with.
func (q *Queue[T]) End(ctx context.Context) error {
	if err := rx.Cause(ctx); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.err
}

// Next waits for the next item. It returns false at the end of the queue and when done is closed, which outranks
// items that are already there; End tells why.
func (q *Queue[T]) Next(done <-chan struct{}) (T, bool) {
	var zero T
	for {
		select {
		case <-done:
			return zero, false
		default:
		}
		v, state := q.Poll()
		switch state {
		case Item:
			return v, true
		case Closed:
			return zero, false
		}
		select {
		case <-q.ready:
		case <-done:
			return zero, false
		}
	}
}

// Drain yields the queue's items until its end and returns the run's result.
func (q *Queue[T]) Drain(ctx context.Context, g *Group, yield func(T) bool) error {
	for {
		v, ok := q.Next(g.Done())
		if !ok {
			return q.End(ctx)
		}
		if !yield(v) {
			return nil
		}
	}
}
