package operators

import (
	"context"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/rxcql/rxcql/rx"
)

// AsyncTap calls hooks on a goroutine of its own, so that they can never hurt a stream: they may block for ever, sleep
// and panic, and the stream does not notice. What comes while its buffer is full is dropped, and counted. Make one with
// [NewAsyncTap], and close it.
//
// It may be given to any number of streams. It has one goroutine, whatever the number of runs, and holds as many items as
// its buffer has space for. Hooks see a lone item at once, and others at most a millisecond later than when they have
// time for them. A stream pays about 30 ns for an item, and 15 while the buffer is full; runs at the same time share a lock
// for those. With what the tap's goroutine does for it, and without what the hooks do, an item takes about 100 ns of the
// processors. After ten panics in a row the tap lets the hooks rest for a millisecond, and after each that follows for twice
// as long, up to a second, until a call returns: a panic takes longer than many an item.
type AsyncTap[T any] struct {
	hooks  Hooks[T]
	buffer *tapBuffer[T]
	ended  chan struct{}
	row    int // of panics, without a call that returned between them; the goroutine's

	dropped  atomic.Int64
	lost     atomic.Int64
	panicked atomic.Int64
	first    atomic.Pointer[rx.PanicError] // that panicked counts
}

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
	t := &AsyncTap[T]{hooks: hooks, ended: make(chan struct{}), buffer: newTapBuffer[T](n)}
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
		h.OnNext = func(v T) { t.offer(tapped[T]{kind: tapNext, item: v}) }
	}
	if t.hooks.AfterNext != nil {
		h.AfterNext = func(v T) { t.offer(tapped[T]{kind: tapAfterNext, item: v}) }
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

func (t *AsyncTap[T]) offer(e tapped[T]) {
	switch {
	case t.buffer.offer(e):
	case e.kind.isItem():
		t.dropped.Add(1)
	default:
		t.lost.Add(1)
	}
}

// run calls the hooks until the buffer is closed and empty. Where a hook exits its goroutine, another takes over.
func (t *AsyncTap[T]) run() {
	returned := false
	defer func() {
		if returned {
			close(t.ended)
		} else {
			go t.run()
		}
	}()
	t.rest()
	for t.buffer.next() {
		t.work()
		t.rest()
	}
	returned = true
}

// How many panics in a row, and how long, it takes.
const (
	panicsInARow = 10
	shortestRest = time.Millisecond
	longestRest  = time.Second
)

// rest waits after panics. A tap that is being closed does not rest.
func (t *AsyncTap[T]) rest() {
	if t.row >= panicsInARow {
		t.buffer.pause(min(shortestRest<<min(t.row-panicsInARow, 20), longestRest))
	}
}

// work calls the hooks for some of what there is, until one panics. No lock is held.
func (t *AsyncTap[T]) work() {
	items, signals, returned := 0, 0, false
	defer func() {
		t.buffer.release(items, signals)
		if !returned {
			t.note(recover()) // nil after runtime.Goexit, which goes on
		}
	}()
	for range t.buffer.part() {
		e, ok := t.buffer.take()
		if !ok {
			break
		}
		if e.kind.isItem() {
			items++
		} else {
			signals++
		}
		t.call(e)
		t.row = 0
	}
	returned = true
}

// call calls the hook for e.
func (t *AsyncTap[T]) call(e tapped[T]) {
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
}

func (t *AsyncTap[T]) note(value any) {
	t.row++
	if t.panicked.Add(1) == 1 { // the stack takes longer than all else
		t.first.Store(&rx.PanicError{Value: value, Stack: debug.Stack()})
	}
}

// Dropped is how many items the hooks did not get so far, since there was no space or the tap is closed.
func (t *AsyncTap[T]) Dropped() int64 { return t.dropped.Load() }

// Lost is how many starts and ends of runs the hooks did not get so far, for the same reasons.
func (t *AsyncTap[T]) Lost() int64 { return t.lost.Load() }

// Panicked is how many calls of hooks have panicked so far, or exited their goroutine.
func (t *AsyncTap[T]) Panicked() int64 { return t.panicked.Load() }

// Close has the tap take nothing any more, waits until the hooks were called with what it holds, and ends its goroutine.
// If ctx ends first, it returns the context's error; the goroutine then ends when the hook returns that it hangs in,
// which nobody can make it do, and drops nothing of what is held. Streams go on as ever. The result is otherwise the first
// panic of a hook, a [*rx.PanicError], or nil. A hook must not call it: it would wait for itself, as long as ctx lets it.
func (t *AsyncTap[T]) Close(ctx context.Context) error {
	t.buffer.close()
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
