package operators

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rxcql/rxcql/internal/async"
)

// tapBuffer is what an [AsyncTap] holds for its hooks: at most limit items, and as many starts and ends of runs. Streams
// append to one slice under a short lock, and never wait; the tap's goroutine works through another, and swaps the two.
// It is woken for the first that comes, and while there is more it wakes once in a while by itself, or when half of the
// buffer is taken, as to be woken for each item costs a stream more than all the rest.
type tapBuffer[T any] struct {
	limit   int
	wake    chan struct{}
	closing chan struct{}
	full    atomic.Bool // of items: seen without the lock

	// Only the goroutine's.
	out   []tapped[T]
	pos   int
	timer *time.Timer

	mu      sync.Mutex
	in      []tapped[T]
	items   int // that are held, in both slices
	signals int // starts and ends that are held
	wakeAt  int // the length of in at which the goroutine is woken
	closed  bool
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

func (k tapKind) isItem() bool { return k == tapNext || k == tapAfterNext }

const (
	awake   = math.MaxInt      // no length of in wakes a goroutine that does not wait
	tapPace = time.Millisecond // after which the goroutine looks again by itself
	tapPart = 64               // of how many that are done with the streams are told at a time, at most
)

func newTapBuffer[T any](limit int) *tapBuffer[T] {
	b := &tapBuffer[T]{limit: limit, wake: make(chan struct{}, 1), closing: make(chan struct{}), wakeAt: awake, timer: time.NewTimer(time.Hour)}
	b.timer.Stop()
	return b
}

// offer takes e if there is space for it.
func (b *tapBuffer[T]) offer(e tapped[T]) bool {
	held := &b.signals
	if e.kind.isItem() {
		if b.full.Load() {
			return false
		}
		held = &b.items
	}
	b.mu.Lock()
	if b.closed || *held >= b.limit {
		b.mu.Unlock()
		return false
	}
	*held++
	if b.items >= b.limit {
		b.full.Store(true)
	}
	b.in = append(b.in, e)
	woken := len(b.in) >= b.wakeAt
	if woken {
		b.wakeAt = awake
	}
	b.mu.Unlock()
	if woken {
		async.Signal(b.wake)
	}
	return true
}

// next waits until there is something to take, and returns false when the buffer is closed and empty.
func (b *tapBuffer[T]) next() bool {
	b.await(max(b.limit/2, 1), tapPace)
	for b.pos == len(b.out) {
		b.mu.Lock()
		if closed := b.closed; len(b.in) == 0 {
			b.mu.Unlock()
			if closed {
				return false
			}
			b.await(1, 0)
			continue
		}
		b.out, b.in, b.pos = b.in, b.out[:0], 0
		b.mu.Unlock()
	}
	return true
}

// await waits until so many have come, or the buffer is closed; not for longer than most, unless that is 0.
func (b *tapBuffer[T]) await(many int, most time.Duration) {
	b.mu.Lock()
	if b.closed || b.pos < len(b.out) || len(b.in) >= many {
		b.mu.Unlock()
		return
	}
	b.wakeAt = many
	b.mu.Unlock()
	var over <-chan time.Time
	if most > 0 {
		b.timer.Reset(most)
		defer b.timer.Stop()
		over = b.timer.C
	}
	select {
	case <-b.wake:
	case <-over:
	case <-b.closing:
	}
	b.mu.Lock()
	b.wakeAt = awake
	b.mu.Unlock()
}

// pause waits for d, or until the buffer is closed. What comes is held meanwhile.
func (b *tapBuffer[T]) pause(d time.Duration) {
	b.timer.Reset(d)
	defer b.timer.Stop()
	select {
	case <-b.closing:
	case <-b.timer.C:
	}
}

// take gives the next of what next has found, until there is no more.
func (b *tapBuffer[T]) take() (e tapped[T], ok bool) {
	if b.pos == len(b.out) {
		return e, false
	}
	e, b.out[b.pos] = b.out[b.pos], e // so that the slice does not keep it alive
	b.pos++
	return e, true
}

// release makes space for others, of what was taken.
func (b *tapBuffer[T]) release(items, signals int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.items -= items
	b.signals -= signals
	if b.items < b.limit {
		b.full.Store(false)
	}
}

// part is after how many that were taken the space is released.
func (b *tapBuffer[T]) part() int { return min(max(b.limit/8, 1), tapPart) }

// close has the buffer take nothing any more.
func (b *tapBuffer[T]) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.closed = true
		close(b.closing)
	}
}
