package operators

import (
	"context"
	"runtime/debug"
	"sync/atomic"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// AsyncTap calls hooks on a goroutine of its own, so that they can never hurt a stream: they may block for ever, sleep
// and panic, and the stream does not notice. What comes while its buffer is full is dropped, and counted. Make one with
// [NewAsyncTap], and close it.
//
// It may be given to any number of streams. It has one goroutine, whatever the number of runs, and holds as many items as
// its buffer, and one more. A stream pays a few ten nanoseconds for an item, and a few when the buffer is full.
type AsyncTap[T any] struct {
	hooks Hooks[T]
	limit int64
	queue *async.Queue[tapped[T]]
	items atomic.Int64 // in the queue
	ended chan struct{}

	dropped  atomic.Int64
	panicked atomic.Int64
	first    atomic.Pointer[rx.PanicError] // that panicked counts
}

// tapped is something that a tap saw.
type tapped[T any] struct {
	kind tapKind
	item T
	err  error
}

type tapKind uint8

const (
	tapStart tapKind = iota
	tapNext
	tapAfterNext
	tapError
	tapComplete
	tapCancel
)

// NewAsyncTap makes a tap that calls hooks, one at a time, in the order in which things happened, and holds at most n
// items for them. The starts and ends of runs are not dropped for items: there is space for n of them, too. The hooks get
// items at the same time as the stream's consumer, so neither may write to what they point to. PerRun must be nil: there
// is no telling runs apart. It panics if n is not positive.
func NewAsyncTap[T any](n int, hooks Hooks[T]) *AsyncTap[T] {
	if n < 1 {
		panic("operators.NewAsyncTap: a buffer of less than one item")
	}
	if hooks.PerRun != nil {
		panic("operators.NewAsyncTap: PerRun")
	}
	t := &AsyncTap[T]{
		hooks: hooks, limit: int64(n), ended: make(chan struct{}), queue: async.NewQueue[tapped[T]](2 * n),
	}
	go t.run()
	return t
}

// Hooks are for [Tap] to call: they hand on what they see and return at once.
func (t *AsyncTap[T]) Hooks() Hooks[T] {
	var h Hooks[T]
	if t.hooks.OnStart != nil {
		h.OnStart = func() { t.offer(tapped[T]{kind: tapStart}) }
	}
	if t.hooks.OnNext != nil {
		h.OnNext = func(v T) { t.offerItem(tapNext, v) }
	}
	if t.hooks.AfterNext != nil {
		h.AfterNext = func(v T) { t.offerItem(tapAfterNext, v) }
	}
	if t.hooks.OnError != nil {
		h.OnError = func(err error) { t.offer(tapped[T]{kind: tapError, err: err}) }
	}
	if t.hooks.OnComplete != nil {
		h.OnComplete = func() { t.offer(tapped[T]{kind: tapComplete}) }
	}
	if t.hooks.OnCancel != nil {
		h.OnCancel = func() { t.offer(tapped[T]{kind: tapCancel}) }
	}
	return h
}

// offerItem hands an item on if there is space. It does not even take the queue's lock if there is none.
func (t *AsyncTap[T]) offerItem(kind tapKind, v T) {
	if t.items.Load() >= t.limit {
		t.dropped.Add(1)
		return
	}
	if t.items.Add(1) > t.limit { // another run was faster
		t.items.Add(-1)
		t.dropped.Add(1)
		return
	}
	t.offer(tapped[T]{kind: kind, item: v})
}

func (t *AsyncTap[T]) offer(e tapped[T]) {
	if t.queue.Offer(e) != async.Taken {
		t.dropped.Add(1)
	}
}

// run calls the hooks until the queue is closed and empty. Where a hook exits its goroutine, another takes over.
func (t *AsyncTap[T]) run() {
	returned := false
	defer func() {
		if returned {
			close(t.ended)
		} else {
			go t.run()
		}
	}()
	for {
		e, ok := t.queue.Next(nil)
		if !ok {
			break
		}
		if e.kind == tapNext || e.kind == tapAfterNext {
			t.items.Add(-1)
		}
		t.call(e)
	}
	returned = true
}

// call calls the hook for e. No lock is held.
func (t *AsyncTap[T]) call(e tapped[T]) {
	returned := false
	defer func() {
		if !returned {
			t.note(recover()) // nil after runtime.Goexit, which goes on
		}
	}()
	switch e.kind {
	case tapStart:
		t.hooks.OnStart()
	case tapNext:
		t.hooks.OnNext(e.item)
	case tapAfterNext:
		t.hooks.AfterNext(e.item)
	case tapError:
		t.hooks.OnError(e.err)
	case tapComplete:
		t.hooks.OnComplete()
	case tapCancel:
		t.hooks.OnCancel()
	}
	returned = true
}

func (t *AsyncTap[T]) note(value any) {
	if t.panicked.Add(1) == 1 { // the stack takes longer than all else
		t.first.Store(&rx.PanicError{Value: value, Stack: debug.Stack()})
	}
}

// Dropped is how many items and other signals the hooks did not get so far, since there was no space or the tap is closed.
func (t *AsyncTap[T]) Dropped() int64 { return t.dropped.Load() }

// Panicked is how many calls of hooks have panicked so far, or exited their goroutine.
func (t *AsyncTap[T]) Panicked() int64 { return t.panicked.Load() }

// Close has the tap take nothing any more, waits until the hooks were called with what it holds, and ends its goroutine.
// If ctx ends first, it returns the context's error; the goroutine then ends when the hook returns that it hangs in,
// which nobody can make it do, and drops nothing of what is held. Streams go on as ever. The result is otherwise the first
// panic of a hook, a [*rx.PanicError], or nil. A hook must not call it: it would wait for itself, as long as ctx lets it.
func (t *AsyncTap[T]) Close(ctx context.Context) error {
	t.queue.Close(nil)
	select {
	case <-t.ended:
	default:
		select {
		case <-t.ended:
		case <-ctx.Done():
			return rx.Cause(ctx)
		}
	}
	if first := t.first.Load(); first != nil {
		return first
	}
	return nil
}
