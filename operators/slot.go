package operators

import (
	"context"
	"sync"
	"time"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// slot is the boundary between a producer that never waits and a consumer that takes what there is when it has time:
// it holds one value.
type slot[T any] struct {
	ready chan struct{} // tells the waiting consumer to look again
	probe *stage.Probe  // nil if nobody watches

	mu      sync.Mutex
	value   T
	full    bool
	waiting bool // the consumer waits on ready
	closed  bool // upstream has ended
	err     error
}

// newSlot makes a slot of an operator that runs by g.
func newSlot[T any](g *async.Group) *slot[T] {
	return &slot[T]{ready: make(chan struct{}, 1), probe: g.Probe()}
}

// fill runs src on a goroutine of g and lets put deal with its items.
func fill[T, A any](g *async.Group, s *slot[A], src rx.Observable[T], put func(T)) {
	g.Upstream(func(ctx context.Context) {
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
	had := s.full
	s.value, s.full = v, true
	s.wake(!had)
}

// update puts what change makes of the value that the slot holds, if it does. change must be quick: it is called with
// the lock held.
func (s *slot[T]) update(change func(old T, held bool) T) {
	s.mu.Lock()
	had := s.full
	s.value, s.full = change(s.value, had), true
	s.wake(!had)
}

// close notes the end of upstream.
func (s *slot[T]) close(err error) {
	s.mu.Lock()
	s.closed, s.err = true, err
	s.wake(true)
}

// wake makes a waiting consumer look again if there is news. It is called with the lock held and returns without it.
func (s *slot[T]) wake(news bool) {
	wake := s.waiting && news
	s.waiting = s.waiting && !wake
	s.mu.Unlock()
	if wake {
		async.Signal(s.ready)
	}
}

// take empties the slot for its consumer. left, if not nil, tells for how long the value has still to stay, unless
// upstream has ended; it is called with the lock held. ended tells whether no value will come after this one. When
// there is nothing to take, the next one is signalled, and so is the end.
func (s *slot[T]) take(left func(T) time.Duration) (v T, ok bool, wait time.Duration, ended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full && !s.closed && left != nil {
		wait = left(s.value)
	}
	if wait <= 0 {
		v, ok = s.empty()
	}
	s.waiting = !ok && !s.closed
	return v, ok, wait, s.closed
}

// next waits for a value and takes it. It returns false at the end, and when done is closed, which outranks a value.
func (s *slot[T]) next(done <-chan struct{}, left func(T) time.Duration, t *time.Timer) (v T, ok bool) {
	for {
		select {
		case <-done:
			return v, false
		default:
		}
		v, ok, wait, ended := s.take(left)
		if ok {
			s.probe.Out(1)
		}
		if ok || ended {
			return v, ok
		}
		if !waited(s.probe, s.ready, done, wait, t) {
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
