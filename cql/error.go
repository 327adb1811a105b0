package cql

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrClosed is what operations get once the session was shut down, and the cause with which Close cancels streams.
var ErrClosed = errors.New("cql: the session is closed")

// Error is a failed operation. errors.Is holds for its Class and for all that Err wraps, errors.As finds the
// driver's own error.
type Error struct {
	Op        string // "connect", "fetch", "execute", "batch", "prepare", "hosts", "work", "table", "keyspace", "estimate", "partitioner"
	Class     Class
	Host      string // the coordinator, if one was chosen
	Statement string // its CQL, with comments and literal strings left out; values are never shown
	Err       error  // the cause
}

// Error names the operation, the host, the class, the cause and the statement, and what can be done about it.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("cql: " + e.Op)
	if e.Host != "" {
		b.WriteString(" at " + e.Host)
	}
	if e.Class != Unknown && e.Class != Closed && e.Class != Canceled { // those speak for themselves
		b.WriteString(": " + e.Class.Error())
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	if hint := e.Class.Hint(); hint != "" {
		b.WriteString(" (" + hint + ")")
	}
	if e.Statement != "" {
		b.WriteString(": " + e.Statement)
	}
	return b.String()
}

// Unwrap makes errors.Is and errors.As see the class and the cause.
func (e *Error) Unwrap() []error { return []error{e.Class, e.Err} }

// ClassOf gives the class of an error that came, however wrapped, from a session, a source or a sink; Unknown for any
// other. The end of a context is Canceled.
func ClassOf(err error) Class {
	var c Class
	switch {
	case errors.As(err, &c):
		return c
	case errors.Is(err, ErrClosed):
		return Closed
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Canceled
	default:
		return Unknown
	}
}

// AtHost is for drivers: it says which coordinator answered, or did not answer, with err.
func AtHost(host string, err error) error {
	if err == nil || host == "" {
		return err
	}
	return &hostError{host, err}
}

type hostError struct {
	host string
	err  error
}

func (e *hostError) Error() string { return e.host + ": " + e.err.Error() }
func (e *hostError) Unwrap() error { return e.err }

// closedError is an error that a stream or job ended with because the session was closed. It does not look like the
// end of the caller's context, which has not ended.
type closedError struct{ err error }

func (e *closedError) Error() string { return e.err.Error() }

func (e *closedError) Is(target error) bool {
	return target == Closed || target != context.Canceled && errors.Is(e.err, target)
}

func (e *closedError) As(target any) bool { return errors.As(e.err, target) }
