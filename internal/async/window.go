package async

import (
	"context"
	"sync"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// Call is one call of a function with an item of a stream.
type Call[T, U any] struct {
	Item   T
	Result U
	OK     bool  // there is a Result to deliver
	Err    error // ends the run, after what comes before it

	finished bool
	lane     *lane[T, U] // of a window with lanes
}

// Window makes calls with the items of a stream, at most so many at a time, and delivers their results in the order
// of the items, of each key's items, or of the calls' ends. A call has its place in the window from before its item is
// asked for until its result is delivered, so that a slow call at the head of an ordered window holds up the rest and
// makes nothing grow. Calls are recycled.
type Window[T, U any] struct {
	limit int
	order order[T, U]
	do    func(context.Context, *Call[T, U])
	probe *stage.Probe // nil if nobody watches

	ready chan struct{} // tells a waiting consumer to look again
	room  chan struct{} // tells the waiting feeder that there is a place
	tasks chan struct{} // one for every worker that is to wake up

	mu      sync.Mutex
	free    []*Call[T, U]
	todo    ring[*Call[T, U]] // to be made
	out     ring[*Call[T, U]] // to be delivered
	places  int               // taken places
	workers int
	idle    int  // workers that wait for tasks
	feeding bool // the feeder waits for room
	waiting bool // the consumer waits on ready
	failed  bool // a call has failed; no other is begun
	closed  bool // upstream has ended
	err     error
}

// NewWindow makes a window of at most limit calls of do, which fills in what it gets. The results come in the order of
// the items if ordered, else in that of the calls' ends.
func NewWindow[T, U any](limit int, ordered bool, do func(context.Context, *Call[T, U])) *Window[T, U] {
	if ordered {
		return newWindow(limit, &inLine[T, U]{}, do)
	}
	return newWindow(limit, asTheyEnd[T, U]{}, do)
}

// NewKeyedWindow is NewWindow with at most perKey calls of one key at a time, begun in the order of the key's items,
// and each key's results in that order. A call that waits for others of its key has a place, too.
func NewKeyedWindow[K comparable, T, U any](
	limit, perKey int, do func(context.Context, *Call[Keyed[K, T], U]),
) *Window[Keyed[K, T], U] {
	return newWindow(limit, newLanes[K, T, U](perKey), do)
}

func newWindow[T, U any](limit int, o order[T, U], do func(context.Context, *Call[T, U])) *Window[T, U] {
	return &Window[T, U]{
		limit: limit,
		order: o,
		do:    do,
		ready: make(chan struct{}, 1),
		room:  make(chan struct{}, 1),
		tasks: make(chan struct{}, limit),
	}
}

// Run feeds the window from src and yields the results until the end, all with goroutines of g, of which there are
// as many as there are calls at a time, at most.
func (w *Window[T, U]) Run(ctx context.Context, g *Group, src rx.Observable[T], yield func(U) bool) error {
	w.watch(g)
	g.Upstream(func(ctx context.Context) {
		done := ctx.Done()
		w.close(src(ctx, func(v T) bool { return w.feed(g, done, v) }))
	})
	done := g.Done()
	for {
		result, ok, err := w.next(done)
		switch {
		case !ok:
			if canceled := rx.Cause(ctx); canceled != nil {
				return canceled
			}
			return err
		case !yield(result):
			return nil
		}
	}
}

// watch has the monitor of g's run, if there is one, see the window.
func (w *Window[T, U]) watch(g *Group) {
	if g.probe == nil {
		return
	}
	w.probe = g.probe
	w.probe.Concurrency(w.limit)
	w.probe.Buffer(w.limit, func() int {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.places
	})
}

// feed takes an item in and waits until there is a place for another.
func (w *Window[T, U]) feed(g *Group, done <-chan struct{}, v T) bool {
	ok, hire, full := w.enter(v)
	if hire {
		g.Go(w.work)
	}
	if !ok || !full {
		return ok
	}
	if !w.probe.Await(stage.Full, w.room, done) {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.failed
}

// enter gives v a place and sees to a worker if its call can be made; hire tells that there must be a new one.
func (w *Window[T, U]) enter(v T) (ok, hire, full bool) {
	w.mu.Lock()
	defer w.mu.Unlock() // also if a key cannot be hashed
	if w.failed {
		return false, false, false
	}
	c := w.place()
	c.Item = v
	if w.order.enter(c) {
		w.todo.push(c)
		hire = w.idle == 0 && w.workers < w.limit
		if hire {
			w.workers++
		} else if w.idle > 0 {
			w.idle--
			w.tasks <- struct{}{} // has space for all workers
		}
	}
	w.feeding = w.places == w.limit
	return true, hire, w.feeding
}

// place takes a place.
func (w *Window[T, U]) place() *Call[T, U] {
	w.places++
	if n := len(w.free); n > 0 {
		c := w.free[n-1]
		w.free = w.free[:n-1]
		return c
	}
	return &Call[T, U]{}
}

// close notes the end of upstream, whose error comes after the results of all calls.
func (w *Window[T, U]) close(err error) {
	w.mu.Lock()
	w.closed, w.err = true, err
	wake := w.wake()
	w.mu.Unlock()
	if wake {
		Signal(w.ready)
	}
}

// work is a worker: it makes one call after the other.
func (w *Window[T, U]) work(ctx context.Context) {
	ctx = w.probe.Within(ctx)
	done := ctx.Done()
	for {
		c := w.task(done)
		if c == nil {
			return
		}
		w.call(ctx, c)
		if w.finish(c) {
			Signal(w.ready)
		}
	}
}

// call makes a call.
func (w *Window[T, U]) call(ctx context.Context, c *Call[T, U]) {
	if w.probe != nil {
		began := w.probe.Start(stage.Calls)
		defer w.probe.Stop(stage.Calls, began)
	}
	w.do(ctx, c)
}

// task waits for the next call to make; nil if there will be none.
func (w *Window[T, U]) task(done <-chan struct{}) *Call[T, U] {
	for {
		select {
		case <-done:
			return nil
		default:
		}
		w.mu.Lock()
		if w.failed {
			w.mu.Unlock()
			return nil
		}
		if c, ok := w.todo.pop(); ok {
			w.mu.Unlock()
			return c
		}
		w.idle++
		w.mu.Unlock()
		select {
		case <-w.tasks:
		case <-done:
			return nil
		}
	}
}

// finish notes the end of a call and tells whether to signal the consumer.
func (w *Window[T, U]) finish(c *Call[T, U]) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	c.finished = true
	w.failed = w.failed || c.Err != nil
	if next := w.order.leave(c, &w.out); next != nil {
		w.todo.push(next) // for this worker, which is free now
	}
	return w.wake()
}

// wake tells whether the consumer waits for what there is now, and if so takes note that it no longer does.
func (w *Window[T, U]) wake() bool {
	wake := w.waiting && (w.out.size > 0 || w.closed && w.places == 0)
	w.waiting = w.waiting && !wake
	return wake
}

// next waits for the next result. ok is false at the end and when done is closed.
func (w *Window[T, U]) next(done <-chan struct{}) (result U, ok bool, err error) {
	for {
		select {
		case <-done:
			return result, false, nil
		default:
		}
		w.mu.Lock()
		if c, found := w.out.pop(); found {
			result, ok, err = c.Result, c.OK, c.Err
			room := w.recycle(c)
			w.mu.Unlock()
			if room {
				Signal(w.room)
			}
			if ok {
				w.probe.Out(1)
			}
			if ok || err != nil {
				return result, ok, err
			}
			continue
		}
		if w.closed && w.places == 0 {
			err = w.err
			w.mu.Unlock()
			return result, false, err
		}
		w.waiting = true
		w.mu.Unlock()
		if !w.probe.Await(stage.Empty, w.ready, done) {
			return result, false, nil
		}
	}
}

// recycle frees the place of a call and tells whether to signal the feeder.
func (w *Window[T, U]) recycle(c *Call[T, U]) bool {
	*c = Call[T, U]{}
	w.free = append(w.free, c)
	w.places--
	room := w.feeding
	w.feeding = false
	return room
}

// Signal leaves a value in a channel of capacity 1 whose receiver looks for itself what has come.
func Signal(ch chan<- struct{}) {
	select {
	case ch <- struct{}{}:
	default: // an earlier signal is still there
	}
}
