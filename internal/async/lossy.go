package async

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// Drop is what becomes of an item for which a [Lossy] has no space.
type Drop uint8

const (
	DropNothing Drop = iota // its producer is told that the queue is Full
	DropOldest              // it takes the place of the one that has waited longest
	DropNewest              // it is dropped
	DropAll                 // it takes the place of all that wait
)

// Lossy is a bounded FIFO from any number of producers that never wait to one consumer. Other than [Queue] it takes its
// lock for every item on both sides, because what the consumer has not taken yet may still be dropped.
type Lossy[T any] struct {
	limit   int
	drop    Drop
	dropped *atomic.Int64
	ready   chan struct{} // tells a waiting consumer to look again
	probe   *stage.Probe  // nil if nobody watches

	mu      sync.Mutex
	items   ring[T]
	waiting bool // the consumer waits on ready
	closed  bool
	err     error
}

// NewLossy makes a queue that holds at most limit items. It adds what it drops to dropped, which may be nil if it drops
// nothing. What comes after it was closed does not count.
func NewLossy[T any](limit int, drop Drop, dropped *atomic.Int64) *Lossy[T] {
	return &Lossy[T]{limit: max(limit, 1), drop: drop, dropped: dropped, ready: make(chan struct{}, 1)}
}

// Watch is [Queue.Watch].
func (q *Lossy[T]) Watch(g *Group) {
	if q.probe = g.probe; q.probe != nil {
		q.probe.Buffer(q.limit, func() int {
			q.mu.Lock()
			defer q.mu.Unlock()
			return q.items.size
		})
	}
}

// Offer appends v, or does what the queue does when it is full.
func (q *Lossy[T]) Offer(v T) Answer {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return Gone
	}
	if q.items.size == q.limit {
		switch q.drop {
		case DropNothing:
			q.mu.Unlock()
			return Full
		case DropNewest:
			q.drops(1) // under the lock: before who closes the queue looks
			q.mu.Unlock()
			return Taken
		case DropOldest:
			q.drops(1)
			q.items.pop()
		case DropAll:
			q.drops(q.limit)
			q.items.clear()
		}
	}
	q.items.push(v)
	q.unlock()
	return Taken
}

// drops counts items that are dropped.
func (q *Lossy[T]) drops(n int) {
	q.dropped.Add(int64(n))
	q.probe.Dropped(n)
}

// Close ends the queue: the consumer gets what is in it, then the end with err, and no other item is taken in. Only
// the first call counts.
func (q *Lossy[T]) Close(err error) {
	q.mu.Lock()
	if !q.closed {
		q.closed, q.err = true, err
	}
	q.unlock()
}

// unlock wakes a waiting consumer, since there is news.
func (q *Lossy[T]) unlock() {
	wake := q.waiting
	q.waiting = false
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
		if ok {
			q.probe.Out(1)
		}
		if ok || closed {
			return v, ok
		}
		if !q.probe.Await(stage.Empty, q.ready, done) {
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
