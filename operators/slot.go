package operators

import (
	"context"
	"sync"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// slot is the boundary between a producer that never waits and a consumer that takes what there is when it has time:
// it holds one value.
type slot[T any] struct {
	ready chan struct{} // tells the waiting consumer to look again

	mu      sync.Mutex
	value   T
	full    bool
	waiting bool // the consumer waits on ready
	closed  bool // upstream has ended
	err     error
}

func newSlot[T any]() *slot[T] { return &slot[T]{ready: make(chan struct{}, 1)} }

// fill runs src on a goroutine of g and lets put deal with its items.
func fill[T, A any](g *async.Group, s *slot[A], src rx.Observable[T], put func(T)) {
	g.Go(func(ctx context.Context) {
		done := ctx.Done()
		s.close(src(ctx, func(v T) bool {
			put(v)
			select {
			case <-done:
				return false
			default:
				return true
			}
		}))
	})
}

// takeBack empties the slot for its producer. ok tells whether it held a value.
func (s *slot[T]) takeBack() (v T, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.empty()
}

func (s *slot[T]) empty() (v T, ok bool) {
	var zero T
	v, ok = s.value, s.full
	s.value, s.full = zero, false
	return v, ok
}

// put fills the slot, which may hold an older value.
func (s *slot[T]) put(v T) {
	s.mu.Lock()
	s.value, s.full = v, true
	s.wake()
}

// update puts what change makes of the value that the slot holds, if it does. change must be quick: it is called with
// the lock held.
func (s *slot[T]) update(change func(old T, held bool) T) {
	s.mu.Lock()
	s.value, s.full = change(s.value, s.full), true
	s.wake()
}

// close notes the end of upstream.
func (s *slot[T]) close(err error) {
	s.mu.Lock()
	s.closed, s.err = true, err
	s.wake()
}

// wake makes a waiting consumer look again. It is called with the lock held and returns without it.
func (s *slot[T]) wake() {
	wake := s.waiting
	s.waiting = false
	s.mu.Unlock()
	if wake {
		async.Signal(s.ready)
	}
}

// look returns the value without taking it, and whether upstream has ended. Without a value and before the end, the
// next put or close is signalled.
func (s *slot[T]) look() (v T, ok, ended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = !s.full && !s.closed
	return s.value, s.full, s.closed
}

// take is look, and empties the slot.
func (s *slot[T]) take() (v T, ok, ended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = !s.full && !s.closed
	v, ok = s.empty()
	return v, ok, s.closed
}

// next waits for a value and takes it. It returns false at the end, and when done is closed, which outranks a value.
func (s *slot[T]) next(done <-chan struct{}) (v T, ok bool) {
	for {
		select {
		case <-done:
			return v, false
		default:
		}
		v, ok, ended := s.take()
		if ok || ended {
			return v, ok
		}
		select {
		case <-s.ready:
		case <-done:
			return v, false
		}
	}
}

// end is the result of a run whose consumer has come to the end or was stopped.
func (s *slot[T]) end(ctx context.Context) error {
	if canceled := rx.Cause(ctx); canceled != nil {
		return canceled
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
