package async

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
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

// Answer tells what became of an item that was offered.
type Answer uint8

const (
	Taken Answer = iota
	Full         // there was no space
	Gone         // the queue is closed
)

// never is a position that no consumer reaches.
const never = math.MaxInt64

// Queue is a bounded FIFO from any number of producers to one consumer, the goroutine that made it. Producers append
// to one slice under a short lock while the consumer works through another, and the two are swapped when the
// consumer's is used up, so the consumer locks once for many items, and an idle consumer gets every item at once.
//
// A producer that finds the queue full sleeps until half of it is free, so that a fast producer is not woken for
// every item; with a bound of 1 that means until it is empty. Producers that sleep are woken one by one, in the order
// in which they came: each that is woken wakes the next if there is still space. One that finds the space taken by
// then keeps its place in that order, so none starves.
type Queue[T any] struct {
	limit int
	ready chan struct{} // tells a waiting consumer to poll again
	probe *stage.Probe  // who waits for space; nil if nobody watches
	reads *stage.Probe  // who waits for items

	// Only the consumer's. What it writes for every item has a cache line apart from what producers read.
	out []T
	pos int
	_   [64]byte

	taken  atomic.Int64 // how much of out was taken since the swap, for the producers
	wakeAt atomic.Int64 // the taken at which the consumer wakes a producer; never if nobody sleeps
	_      [64]byte

	mu       sync.Mutex
	in       []T
	sleepers sleepers
	swapped  int  // len(out) at the swap
	seen     int  // taken, as last read
	waiting  bool // the consumer waits on ready
	closed   bool
	err      error
}

// NewQueue makes a queue that holds at most limit items.
func NewQueue[T any](limit int) *Queue[T] { return newQueue[T](limit, make(chan struct{}, 1)) }

// newQueue makes a queue that tells a waiting consumer by ready.
func newQueue[T any](limit int, ready chan struct{}) *Queue[T] {
	q := &Queue[T]{limit: max(limit, 1), ready: ready}
	q.wakeAt.Store(never)
	return q
}

// Watch has the monitor of g's run, if there is one, see what goes through the queue, how full it is, and who waits for it.
// It is called before the queue is used, and returns it.
func (q *Queue[T]) Watch(g *Group) *Queue[T] {
	if g.probe != nil {
		q.probe, q.reads = g.probe, g.probe
		q.probe.Buffer(q.limit, q.Len)
	}
	return q
}

// WatchPut has p know how long producers wait, and WatchNext how long the consumer does, where these are different stages;
// nil is nobody. They are called before the queue is used by those.
func (q *Queue[T]) WatchPut(p *stage.Probe) { q.probe = p }

// WatchNext is the consumer's part of WatchPut. Who reads is told what was read, and how full the queue is, too.
func (q *Queue[T]) WatchNext(p *stage.Probe) {
	if q.reads = p; p != nil {
		p.Buffer(q.limit, q.Len)
	}
}

// Len is how many items are in the queue.
func (q *Queue[T]) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.in) + q.swapped - int(q.taken.Load())
}

// Start runs src on a goroutine of g and returns the queue of at most limit items that it fills and, with src's
// result, closes. src is at most limit items ahead of the consumer: it is not asked for an item that has no place.
func Start[T any](g *Group, src rx.Observable[T], limit int) *Queue[T] {
	q := NewQueue[T](limit)
	q.fill(g, src)
	return q
}

// StartAll is Start for several streams. Their queues tell of what has come on one channel, which is the Ready of each:
// who waits on it for one of them is woken for any.
func StartAll[T any](g *Group, srcs []rx.Observable[T], limit int) []*Queue[T] {
	ready := make(chan struct{}, 1)
	queues := make([]*Queue[T], len(srcs))
	for i, src := range srcs {
		queues[i] = newQueue[T](limit, ready)
		queues[i].fill(g, src)
	}
	return queues
}

// fill runs src on a goroutine of g.
func (q *Queue[T]) fill(g *Group, src rx.Observable[T]) {
	q.Watch(g)
	g.Upstream(func(ctx context.Context) {
		done := ctx.Done()
		q.Close(src(ctx, func(v T) bool { return q.Push(done, v) }))
	})
}

// Push is Put, and then waits until there is space for another item, so that a producer that is alone makes no item
// before there is a place for it. It returns false when the producer is to stop: done or the queue was closed.
func (q *Queue[T]) Push(done <-chan struct{}, v T) bool {
	ok, full := q.put(done, v)
	return ok && (!full || q.pause(done))
}

// Offer appends v if there is space.
func (q *Queue[T]) Offer(v T) Answer {
	q.mu.Lock()
	switch {
	case q.closed:
		q.mu.Unlock()
		return Gone
	case q.full():
		q.mu.Unlock()
		return Full
	}
	q.in = append(q.in, v)
	q.unlock()
	return Taken
}

// Put waits for space and appends v. It returns false, and has not appended v, when done or the queue was closed
// first.
func (q *Queue[T]) Put(done <-chan struct{}, v T) bool {
	ok, _ := q.put(done, v)
	return ok
}

// put is Put, and tells whether the queue is full now.
func (q *Queue[T]) put(done <-chan struct{}, v T) (ok, full bool) {
	q.mu.Lock()
	slept := q.full() && !q.closed
	if slept && !q.sleep(done) {
		return false, false
	}
	closed := q.closed
	if !closed {
		q.in = append(q.in, v)
	}
	if slept {
		q.pass()
	}
	if closed {
		q.mu.Unlock()
		return false, false
	}
	full = q.full()
	q.unlock()
	return true, full
}

// unlock wakes a waiting consumer, since there is news.
func (q *Queue[T]) unlock() {
	wake := q.waiting
	q.waiting = false
	q.mu.Unlock()
	if wake {
		Signal(q.ready)
	}
}

// pause waits for space without using it.
func (q *Queue[T]) pause(done <-chan struct{}) bool {
	q.mu.Lock()
	if q.full() && !q.closed {
		if !q.sleep(done) {
			return false
		}
		q.pass()
	}
	closed := q.closed
	q.mu.Unlock()
	return !closed
}

// sleep waits until there is space or the queue is closed. It is called with the lock held and returns true with the
// lock, and false, when done was closed first, without. Whoever was woken calls pass.
func (q *Queue[T]) sleep(done <-chan struct{}) bool {
	w := q.sleepers.enter()
	for {
		q.pass()
		q.mu.Unlock()
		woken := q.probe.Await(stage.Full, w.wake, done)
		q.mu.Lock()
		switch {
		case !woken:
			q.giveUp(w)
			q.mu.Unlock()
			return false
		case q.closed || !q.full():
			q.sleepers.recycle(w)
			return true
		}
		q.sleepers.putBack(w)
	}
}

// giveUp is for a sleeper that does not wait to be woken. If it has been, it passes that on.
func (q *Queue[T]) giveUp(w *sleeper) {
	if !q.sleepers.remove(w) {
		<-w.wake
		q.pass()
	}
	q.sleepers.recycle(w)
}

// pass sees to it that the next sleeper is woken: now if it need not sleep, else by the consumer, once half of the
// queue is free. It sets wakeAt before it looks at taken, and the consumer sets taken before it looks at wakeAt, so
// one of them sees.
func (q *Queue[T]) pass() {
	if q.sleepers.empty() {
		return
	}
	if q.full() && !q.closed {
		at := int64(len(q.in) + q.swapped - q.limit/2)
		q.wakeAt.Store(at)
		if q.taken.Load() < at {
			return
		}
	}
	q.wakeNext()
}

func (q *Queue[T]) wakeNext() {
	q.wakeAt.Store(never)
	if !q.sleepers.empty() {
		q.sleepers.takeFirst().wake <- struct{}{}
	}
}

// full tells whether the queue is at its bound.
func (q *Queue[T]) full() bool {
	if len(q.in)+q.swapped-q.seen < q.limit {
		return false
	}
	q.seen = int(q.taken.Load())
	return len(q.in)+q.swapped-q.seen >= q.limit
}

// Close ends the queue: the consumer gets what is in it, then Closed and err, and producers are told to stop. Only
// the first call counts.
func (q *Queue[T]) Close(err error) {
	q.mu.Lock()
	if !q.closed {
		q.closed, q.err = true, err
	}
	q.pass()
	q.unlock()
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
