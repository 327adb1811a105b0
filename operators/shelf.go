package operators

import (
	"sync"
	"time"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/internal/stage"
)

// shelf is the boundary between the goroutine that fills buffers and the one that emits them. It has one buffer that
// is being filled and at most one before it that is complete.
type shelf[T any] struct {
	origin time.Time     // of since
	ready  chan struct{} // tells the waiting consumer to look again
	room   chan struct{} // tells the blocked producer that there is space
	probe  *stage.Probe  // nil if nobody watches

	mu       sync.Mutex
	filling  box[T]
	since    time.Duration // when the first item of filling came
	complete []T           // nil if there is none
	waiting  bool          // the consumer waits on ready
	blocked  bool          // the producer waits for room
	closed   bool          // upstream has ended
	err      error
}

// put adds v to the right buffer, and waits for space before and after it as async.Queue does. It returns false if
// done was closed first.
func (s *shelf[T]) put(done <-chan struct{}, v T) bool {
	w := s.filling.weight(v) // outside of the lock; reads what never changes
	s.mu.Lock()
	for len(s.filling.items) > 0 && (!s.filling.fits(w) || s.left() <= 0) && !s.turn() {
		if !s.block(done) {
			return false
		}
		s.mu.Lock()
	}
	first := len(s.filling.items) == 0
	if first {
		s.since = time.Since(s.origin)
	}
	s.filling.add(v, w)
	if s.filling.full() {
		s.turn()
	}
	if first || s.complete != nil {
		s.wake()
	}
	if s.filling.full() {
		return s.block(done)
	}
	s.mu.Unlock()
	return true
}

// watch has a monitor see how full the shelf is. It is called before the shelf is used.
func (s *shelf[T]) watch(p *stage.Probe) {
	if s.probe = p; p == nil {
		return
	}
	p.Buffer(2*s.filling.limit.Count, func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.filling.items) + len(s.complete)
	})
}

// close notes the end of upstream.
func (s *shelf[T]) close(err error) {
	s.mu.Lock()
	s.closed, s.err = true, err
	s.wake()
	s.mu.Unlock()
}

// turn completes the buffer that is being filled, if there is space for it on the shelf.
func (s *shelf[T]) turn() bool {
	if s.complete != nil {
		return false
	}
	s.complete = s.filling.empty()
	return true
}

// left is the time that is left for the buffer that is being filled.
func (s *shelf[T]) left() time.Duration {
	return s.since + s.filling.limit.Within - time.Since(s.origin)
}

// block waits for room. It is called with the lock held and returns without it.
func (s *shelf[T]) block(done <-chan struct{}) bool {
	s.blocked = true
	s.mu.Unlock()
	return s.probe.Await(stage.Full, s.room, done)
}

// next waits for a buffer. It returns nil at the end, with upstream's error, and when done is closed.
func (s *shelf[T]) next(done <-chan struct{}, t *time.Timer) ([]T, error) {
	for {
		items, left, end := s.take()
		switch {
		case items != nil:
			s.probe.Out(1)
			return items, nil
		case end:
			return nil, s.err
		}
		if !waited(s.probe, s.ready, done, left, t) {
			return nil, nil
		}
	}
}

// waited waits for a signal, or for left to pass on t if that is positive. It returns false when done is closed.
func waited(p *stage.Probe, signal, done <-chan struct{}, left time.Duration, t *time.Timer) bool {
	var passed <-chan time.Time
	if left > 0 {
		t.Reset(left)
		passed = t.C
	}
	began := p.Start(stage.Empty)
	defer p.Stop(stage.Empty, began)
	select {
	case <-signal:
	case <-passed:
	case <-done:
		return false
	}
	return true
}

// take returns a buffer if there is one to emit, else the time after which there will be, or 0 if there is no item
// yet, or that the end was reached.
func (s *shelf[T]) take() (items []T, left time.Duration, end bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.complete != nil:
		items, s.complete = s.complete, nil
		if s.filling.full() {
			s.turn()
		}
	case len(s.filling.items) == 0:
		s.waiting = !s.closed
		return nil, 0, s.closed
	default:
		if left = s.left(); left > 0 && !s.closed {
			s.waiting = true
			return nil, left, false
		}
		items = s.filling.empty()
	}
	if s.blocked {
		s.blocked = false
		async.Signal(s.room)
	}
	return items, 0, false
}

// wake makes a waiting consumer look again.
func (s *shelf[T]) wake() {
	if s.waiting {
		s.waiting = false
		async.Signal(s.ready)
	}
}
