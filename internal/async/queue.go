package async

import (
	"context"
	"math"
	"sync"
	"sync/atomic"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
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
