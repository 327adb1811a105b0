package async

import (
	"context"
	"time"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// State tells what Poll found.
type State uint8

const (
	Item   State = iota // an item
	Empty               // nothing now; wait for Ready
	Closed              // nothing any more; see End
)

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
	if int64(q.pos) >= q.wakeAt.Load() {
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
	q.pos, q.swapped, q.seen = 0, len(q.out), 0
	q.taken.Store(0)
	q.reads.Out(q.swapped)
	if q.wakeAt.Load() != never {
		q.wakeAt.Store(int64(q.swapped - q.limit/2)) // in is empty now
	}
	return Item
}

// free wakes a producer if half of the queue is free.
func (q *Queue[T]) free() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if int64(q.pos) >= q.wakeAt.Load() {
		q.wakeNext()
	}
}

// Discard drops what is in the queue and returns how many items that was. As Poll it is the consumer's.
func (q *Queue[T]) Discard() (n int) {
	for {
		if _, state := q.Poll(); state != Item {
			return n
		}
		n++
	}
}

// WaitOr is Wait that also ends when timer does.
func (q *Queue[T]) WaitOr(done <-chan struct{}, timer <-chan time.Time) (passed, ok bool) {
	began := q.reads.Start(stage.Empty)
	defer q.reads.Stop(stage.Empty, began)
	select {
	case <-q.ready:
		return false, true
	case <-timer:
		return true, true
	case <-done:
		return false, false
	}
}

// Wait waits for Ready, and returns false when done is closed before.
func (q *Queue[T]) Wait(done <-chan struct{}) bool { return q.reads.Await(stage.Empty, q.ready, done) }

// WaitEither is Wait for one of two queues, of the same group.
func WaitEither[A, B any](a *Queue[A], b *Queue[B], done <-chan struct{}) bool {
	began := a.reads.Start(stage.Empty)
	defer a.reads.Stop(stage.Empty, began)
	select {
	case <-a.ready:
		return true
	case <-b.ready:
		return true
	case <-done:
		return false
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
		if !q.Wait(done) {
			return zero, false
		}
	}
}

// NextAll waits as Next does, and takes, with the next item, those that changed sides with it: for a consumer that
// calls nothing else, all that is there. They are at most as many as the limit, in a fresh slice.
func (q *Queue[T]) NextAll(done <-chan struct{}) ([]T, bool) {
	v, ok := q.Next(done)
	if !ok {
		return nil, false
	}
	rest := q.out[q.pos:]
	all := append(append(make([]T, 0, 1+len(rest)), v), rest...)
	clear(rest)
	q.pos = len(q.out)
	q.taken.Store(int64(q.pos))
	if int64(q.pos) >= q.wakeAt.Load() {
		q.free()
	}
	return all, true
}

// Drain yields the queue's items until its end and returns the run's result.
func (q *Queue[T]) Drain(ctx context.Context, g *Group, yield func(T) bool) error {
	done := g.Done()
	for {
		v, ok := q.Next(done)
		if !ok {
			return q.End(ctx)
		}
		if !yield(v) {
			return nil
		}
	}
}
