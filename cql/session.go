package cql

import (
	"context"
	"sync"

	"github.com/rxcql/rxcql/rx"
)

// Session is a connection to a cluster with a lifecycle. All methods may be called concurrently.
type Session struct {
	driver Driver

	mu     sync.Mutex // held for the few lines that change what is below, never across a call of the driver
	phase  phase
	leases map[*lease]struct{} // streams, jobs and single operations under way
	calls  int                 // calls of the driver under way
	idle   chan struct{}       // closed when draining and no lease is left
	quiet  chan struct{}       // closed when closing and no call is left
	closed chan struct{}       // closed when the driver is
}

type phase uint8

const (
	open     phase = iota
	draining       // only what is under way goes on
	closing        // nothing goes on
)

// lease is the admission of one stream, job or operation.
type lease struct {
	cancel context.CancelCauseFunc
}

// leaseKey finds the lease of a session in a context.
type leaseKey struct{ s *Session }

// NewSession makes a Session of a driver, which it takes over: closing the Session closes the driver.
func NewSession(d Driver) *Session {
	return &Session{
		driver: d,
		leases: make(map[*lease]struct{}),
		idle:   make(chan struct{}),
		quiet:  make(chan struct{}),
		closed: make(chan struct{}),
	}
}

// Work admits all operations under the context that it gives to f until f returns, also when the session is shut
// down meanwhile: so a job that reads, maps and writes drains as a whole. It returns f's error, or [ErrClosed] at
// once if the session no longer admits anything. Close cancels the context with cause ErrClosed.
//
// Every stream's run is under Work already; it is needed only for what has to go on beyond a single stream.
func (s *Session) Work(ctx context.Context, f func(ctx context.Context) error) error {
	ctx, end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	return f(ctx)
}

// begin admits work under a new lease: anything while the session is open, and while it drains what is under a
// lease already.
func (s *Session) begin(ctx context.Context) (context.Context, func(), error) {
	ctx, cancel := context.WithCancelCause(ctx)
	l := &lease{cancel: cancel}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase == closing || s.phase == draining && !s.admitted(ctx) {
		cancel(ErrClosed)
		return nil, nil, ErrClosed
	}
	s.leases[l] = struct{}{}
	return context.WithValue(ctx, leaseKey{s}, l), func() { s.end(l) }, nil
}

// admitted tells whether ctx is under a lease that has not ended. s.mu is held.
func (s *Session) admitted(ctx context.Context) bool {
	l, ok := ctx.Value(leaseKey{s}).(*lease)
	if !ok {
		return false
	}
	_, alive := s.leases[l]
	return alive
}

func (s *Session) end(l *lease) {
	l.cancel(context.Canceled)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.leases, l)
	if s.phase != open && len(s.leases) == 0 {
		closeOnce(s.idle)
	}
}

// call admits one call of the driver and runs it under a lease: the one of ctx, or one of its own.
func (s *Session) call(ctx context.Context, f func(ctx context.Context) error) error {
	s.mu.Lock()
	under := s.phase != closing && s.admitted(ctx)
	if under {
		s.calls++
	}
	s.mu.Unlock()
	if !under {
		return s.Work(ctx, func(ctx context.Context) error { return s.call(ctx, f) })
	}
	defer s.hangUp()
	return f(ctx)
}

func (s *Session) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls--
	if s.phase == closing && s.calls == 0 {
		closeOnce(s.quiet)
	}
}

// Shutdown stops admitting new work, waits until all streams, jobs and operations under way have ended, and closes
// the driver. If ctx ends first, it closes as [Session.Close] does and returns the context's error. A stream's run
// counts until it returns, so Shutdown called inside one, with a ctx that never ends, would wait for itself.
func (s *Session) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	if s.phase == open {
		s.phase = draining
		if len(s.leases) == 0 {
			closeOnce(s.idle)
		}
	}
	s.mu.Unlock()
	var err error
	select {
	case <-s.idle:
	case <-s.closed:
	case <-ctx.Done():
		err = rx.Cause(ctx)
	}
	s.Close()
	return err
}

// Close admits nothing more, cancels all streams, jobs and operations with cause [ErrClosed], waits for the calls of
// the driver under way, which contain no user code, and closes the driver, once, however many call it. It returns
// when the driver is closed. It does not wait for streams to end, so it can be called inside one: its next item is
// its end, with ErrClosed.
func (s *Session) Close() {
	s.mu.Lock()
	first := s.phase != closing
	s.phase = closing
	if s.calls == 0 {
		closeOnce(s.quiet)
	}
	leases := make([]*lease, 0, len(s.leases))
	if first {
		for l := range s.leases {
			leases = append(leases, l)
		}
	}
	s.mu.Unlock()
	if !first {
		<-s.closed
		return
	}
	for _, l := range leases {
		l.cancel(ErrClosed)
	}
	<-s.quiet
	s.driver.Close()
	close(s.closed)
}

// closeOnce closes c unless it is closed; the caller holds the session's lock.
func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}
