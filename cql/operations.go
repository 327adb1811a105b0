package cql

import (
	"context"
	"errors"
	"time"

	"github.com/rxcql/rxcql/rx"
)

// DefaultTimeout is the client's time-out for one attempt of an operation: the server's default for range reads,
// 10 s, plus 2 s, so that the server's own answer comes first.
const DefaultTimeout = 12 * time.Second

// Fetch asks for one page. It does not retry.
func (s *Session) Fetch(ctx context.Context, r PageRequest) (Page, error) {
	var page Page
	err := s.do(ctx, "fetch", r.Timeout, func(ctx context.Context) (err error) {
		page, err = s.driver.Fetch(ctx, r)
		return err
	}, func() string {
		if page == nil {
			return ""
		}
		return page.Host()
	})
	if err != nil {
		return nil, err
	}
	return page, nil
}

// Execute runs a statement that returns no rows. It does not retry.
func (s *Session) Execute(ctx context.Context, st Statement) error {
	return s.do(ctx, "execute", st.Timeout, func(ctx context.Context) error { return s.driver.Execute(ctx, st) }, nil)
}

// Batch runs statements as one batch. It does not retry.
func (s *Session) Batch(ctx context.Context, b Batch) error {
	return s.do(ctx, "batch", b.Timeout, func(ctx context.Context) error { return s.driver.Batch(ctx, b) }, nil)
}

// Hosts lists the nodes of the cluster.
func (s *Session) Hosts(ctx context.Context) ([]Host, error) {
	var hosts []Host
	err := s.do(ctx, "hosts", 0, func(ctx context.Context) (err error) {
		hosts, err = s.driver.Hosts(ctx)
		return err
	}, nil)
	return hosts, err
}

// errTimeout is the cause of the context of an attempt that took too long.
var errTimeout = errors.New("no answer within the client's time-out")

// do admits and makes one call of the driver and turns its failure into an *Error.
func (s *Session) do(ctx context.Context, op string, timeout time.Duration, f func(context.Context) error, host func() string) error {
	err := s.call(ctx, func(ctx context.Context) error {
		if timeout <= 0 {
			timeout = DefaultTimeout
		}
		attempt, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
		defer cancel()
		err := f(attempt)
		if err == nil {
			return nil
		}
		e := &Error{Op: op, Err: err}
		if host != nil {
			e.Host = host()
		}
		canceled := rx.Cause(ctx)
		switch {
		case errors.Is(canceled, ErrClosed):
			e.Class, e.Err = Closed, canceled
		case canceled != nil:
			e.Class, e.Err = Canceled, canceled
		case attempt.Err() != nil:
			e.Class = ClientTimeout
			if !errors.Is(err, errTimeout) {
				e.Err = errors.Join(errTimeout, err)
			}
		default:
			e.Class = s.driver.Classify(err)
		}
		return e
	})
	if err == ErrClosed { // not admitted: it never got as far as an *Error
		return &Error{Op: op, Class: Closed, Err: err}
	}
	return err
}
