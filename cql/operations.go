package cql

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rxcql/rxcql/internal/lex"
	"github.com/rxcql/rxcql/rx"
)

// DefaultTimeout is the client's time-out for one attempt of an operation: the server's default for range reads,
// 10 s, plus 2 s, so that the server's own answer comes first.
const DefaultTimeout = 12 * time.Second

// Fetch asks for one page. It does not retry.
func (s *Session) Fetch(ctx context.Context, r PageRequest) (Page, error) {
	var page Page
	err := s.do(ctx, "fetch", r.CQL, r.Timeout, func(ctx context.Context) (err error) {
		page, err = s.driver.Fetch(ctx, r)
		return err
	})
	return page, err
}

// Execute runs a statement. Rows that it returns are dropped: for those there is Fetch. It does not retry.
func (s *Session) Execute(ctx context.Context, st Statement) error {
	return s.do(ctx, "execute", st.CQL, st.Timeout, func(ctx context.Context) error { return s.driver.Execute(ctx, st) })
}

// Batch runs statements as one batch. It does not retry.
func (s *Session) Batch(ctx context.Context, b Batch) error {
	first := ""
	for i, st := range b.Statements {
		if st.Consistency != 0 || st.Timeout != 0 || st.Timestamp != 0 {
			return &Error{Op: "batch", Class: Invalid, Statement: lex.Shown(st.CQL), Err: fmt.Errorf(
				"statement %d of the batch has a consistency, time-out or timestamp of its own; set it for the Batch", i)}
		}
		if i == 0 {
			first = st.CQL
		}
	}
	return s.do(ctx, "batch", first, b.Timeout, func(ctx context.Context) error { return s.driver.Batch(ctx, b) })
}

// Hosts lists the nodes of the cluster.
func (s *Session) Hosts(ctx context.Context) ([]Host, error) {
	var hosts []Host
	err := s.do(ctx, "hosts", "", 0, func(ctx context.Context) (err error) {
		hosts, err = s.driver.Hosts(ctx)
		return err
	})
	return hosts, err
}

// errTimeout is the cause of the context of an attempt that took too long.
var errTimeout = errors.New("no answer within the client's time-out")

// do admits and makes one call of the driver and turns its failure into an *Error.
func (s *Session) do(ctx context.Context, op, statement string, timeout time.Duration, f func(context.Context) error) error {
	if timeout <= 0 {
		timeout = s.timeout
	}
	if s.longest > 0 && timeout > s.longest {
		return &Error{Op: op, Class: Config, Statement: lex.Shown(statement), Err: fmt.Errorf(
			"a time-out of %v is more than the %v after which the driver gives up; raise ClusterConfig.Timeout", timeout, s.longest)}
	}
	err := s.call(ctx, func(ctx context.Context) error {
		attempt, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
		defer cancel()
		err := f(attempt)
		if err == nil {
			return nil
		}
		e := &Error{Op: op, Statement: lex.Shown(statement)}
		e.Class, e.Err = s.verdict(ctx, attempt, err)
		var at *hostError
		if errors.As(err, &at) {
			e.Host = at.host
			if e.Err == err {
				e.Err = at.err
			}
		}
		return e
	})
	if refused, ok := err.(*Error); ok && refused.Op == "work" { // it never got as far as the driver
		return &Error{Op: op, Class: Closed, Statement: lex.Shown(statement), Err: ErrClosed}
	}
	return err
}

// verdict tells what err, which an attempt under ctx ended with, really means.
func (s *Session) verdict(ctx, attempt context.Context, err error) (Class, error) {
	canceled := rx.Cause(ctx)
	switch {
	case errors.Is(canceled, ErrClosed):
		return Closed, canceled
	case canceled != nil:
		return Canceled, canceled
	case attempt.Err() != nil && errors.Is(err, context.DeadlineExceeded):
		return ClientTimeout, errTimeout // it is not the caller's context that has ended
	case attempt.Err() != nil:
		return ClientTimeout, fmt.Errorf("%w: %w", errTimeout, err)
	}
	class := s.driver.Classify(err)
	if class == Closed && !errors.Is(err, ErrClosed) { // the driver was closed by somebody else
		err = fmt.Errorf("%w: %w", ErrClosed, err)
	}
	return class, err
}
