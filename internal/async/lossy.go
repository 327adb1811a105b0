package async

import (
	"context"
	"sync"

	"github.com/rxcql/rxcql/rx"
)

// Lossy is a bounded FIFO from any number of producers that never wait to one consumer. What becomes of an item for
// which there is no space is up to the producer. Other than [Queue] it takes its lock for every item on both sides,
// because what the consumer has not taken yet may still be dropped.
type Lossy[T any] struct {
	limit int
	ready chan struct{} // tells a waiting consumer to look again

	mu      sync.Mutex
	items   ring[T]
	waiting bool // the consumer waits on ready
	closed  bool
	err     error
}

// NewLossy makes a queue that holds at most limit items.
func NewLossy[T any](limit int) *Lossy[T] {
	return &Lossy[T]{limit: max(limit, 1), ready: make(chan struct{}, 1)}
}

// Offer appends v if there is space, and tells whether there was.
func (q *Lossy[T]) Offer(v T) bool {
	q.mu.Lock()
	fits := q.items.size < q.limit
	if fits {
		q.add(v)
	}
	q.unlock(fits)
	return fits
}

// Force appends v, if need be in the place of the oldest item, and tells how many it has dropped for it.
func (q *Lossy[T]) Force(v T) (dropped int) {
	q.mu.Lock()
	if q.items.size == q.limit && !q.closed {
		q.items.pop()
		dropped = 1
	}
	q.add(v)
	q.unlock(true)
	return dropped
}

// Reset appends v, if need be after dropping all that there is, and tells how many that were.
func (q *Lossy[T]) Reset(v T) (dropped int) {
	q.mu.Lock()
	if q.items.size == q.limit && !q.closed {
		dropped = q.limit
		q.items.clear()
	}
	q.add(v)
	q.unlock(true)
	return dropped
}

// add appends v, unless the queue is closed.
func (q *Lossy[T]) add(v T) {
	if !q.closed {
		q.items.push(v)
	}
}

// Close ends the queue: the consumer gets what is in it, then the end with err, and no other item is taken in. Only
// the first call counts.
func (q *Lossy[T]) Close(err error) {
	q.mu.Lock()
	if !q.closed {
		q.closed, q.err = true, err
	}
	q.unlock(true)
}

// unlock wakes a waiting consumer if there is news.
func (q *Lossy[T]) unlock(news bool) {
	wake := q.waiting && news
	q.waiting = q.waiting && !wake
	q.mu.Unlock()
	if wake {
		Signal(q.ready)
	}
}

// Next waits for the next item. It returns false at the end of the queue and when done is closed, which outranks
// items that are already there; End tells why.
func (q *Lossy[T]) Next(done <-chan struct{}) (v T, ok bool) {
	for {
		select {
		case <-done:
			return v, false
		default:
		}
		q.mu.Lock()
		v, ok = q.items.pop()
		closed := q.closed
		q.waiting = !ok && !closed
		q.mu.Unlock()
		if ok || closed {
			return v, ok
		}
		select {
		case <-q.ready:
		case <-done:
			return v, false
		}
	}
}

// End gives the result of a run that consumes the queue once Next has returned false: why ctx, the run's own context,
// has ended, else what the queue was closed with.
func (q *Lossy[T]) End(ctx context.Context) error {
	if err := rx.Cause(ctx); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.err
}
