package cql

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rxcql/rxcql/rx"
)

// Session is a connection to a cluster with a lifecycle. All methods may be called concurrently.
type Session struct {
	driver  Driver
	timeout time.Duration // of an attempt that names none
	longest time.Duration // that the driver allows an attempt; zero if not known

	timestamp atomic.Int64 // the last one given out

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
		driver:  d,
		timeout: DefaultTimeout,
		leases:  make(map[*lease]struct{}),
		idle:    make(chan struct{}),
		quiet:   make(chan struct{}),
		closed:  make(chan struct{}),
	}
}

// Work admits all operations under the context that it gives to f until f returns, also when the session is shut
// down meanwhile: so a job that reads, maps and writes drains as a whole. It returns f's error, or one that wraps
// [ErrClosed] at once if the session no longer admits anything. Close cancels the context with cause ErrClosed.
//
// Every stream's run is under Work already. It is needed for what has to go on beyond a single stream: a job of
// several, or one that queries or writes in between, as by MapAsync over a stream's rows.
func (s *Session) Work(ctx context.Context, f func(ctx context.Context) error) error {
	under, end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	err = f(under)
	if errors.Is(err, context.Canceled) && context.Cause(under) == ErrClosed && ctx.Err() == nil {
		return &closedError{err}
	}
	return err
}

// begin admits work under a new lease: anything while the session is open, and while it drains what is under a
// lease already.
func (s *Session) begin(ctx context.Context) (context.Context, func(), error) {
	outer := s.leaseOf(ctx)
	ctx, cancel := context.WithCancelCause(ctx)
	l := &lease{cancel: cancel}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase == closing || s.phase == draining && !s.alive(outer) {
		cancel(ErrClosed)
		return nil, nil, &Error{Op: "work", Class: Closed, Err: ErrClosed}
	}
	s.leases[l] = struct{}{}
	return context.WithValue(ctx, leaseKey{s}, l), func() { s.end(l) }, nil
}

// leaseOf is the lease that ctx is under; nil if none. It is called without the lock: a context may be the user's own.
func (s *Session) leaseOf(ctx context.Context) *lease {
	l, _ := ctx.Value(leaseKey{s}).(*lease)
	return l
}

// alive tells whether a lease has not ended. s.mu is held.
func (s *Session) alive(l *lease) bool {
	_, ok := s.leases[l]
	return ok
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
	l := s.leaseOf(ctx)
	s.mu.Lock()
	under := s.phase != closing && s.alive(l)
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
// counts until it returns, so Shutdown called inside one, with a ctx that never ends, would wait for itself. What
// operators above a stream ask the session for is new work, unless the whole is under [Session.Work].
func (s *Session) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	if s.phase == open {
		s.phase = draining
		if len(s.leases) == 0 {
			closeOnce(s.idle)
		}
	}
	s.mu.Unlock()
	err := s.drained(ctx)
	s.Close()
	return err
}

// drained waits until nothing is under way, or ctx ends.
func (s *Session) drained(ctx context.Context) error {
	select {
	case <-s.idle: // also if ctx has ended
		return nil
	default:
	}
	select {
	case <-s.idle:
	case <-s.closed:
	case <-ctx.Done():
		return rx.Cause(ctx)
	}
	return nil
}

// Close admits nothing more, cancels all streams, jobs and operations with cause [ErrClosed], waits for the calls of
// the driver under way, and closes the driver, once, however many call it. It returns when the driver is closed. It
// does not wait for streams to end, so it can be called inside one: its next item is its end, with ErrClosed. Calls of
// the driver contain no code of the user's, with the exception of arguments that marshal themselves and of gocql's own
// observers: these must not call Close, which would wait for them.
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

// Timestamp gives a timestamp for a write: the present time in µs since 1970, and always more than the one before, so
// that of several writes of one session to the same cell the last one wins, in whatever order they arrive, and also
// when the clock is set back.
func (s *Session) Timestamp() int64 {
	for {
		last := s.timestamp.Load()
		next := max(time.Now().UnixMicro(), last+1)
		if s.timestamp.CompareAndSwap(last, next) {
			return next
		}
	}
}

// closeOnce closes c unless it is closed; the caller holds the session's lock.
func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}
