package cql

import (
	"errors"
	"fmt"
)

// ErrClosed is what operations get once the session was shut down, and the cause with which Close cancels streams.
var ErrClosed = errors.New("cql: the session is closed")

// Error is a failed operation. errors.Is holds for its Class and for all that Err wraps, errors.As finds the
// driver's own error.
type Error struct {
	Op    string // "fetch", "execute", "batch", "hosts", "connect"
	Class Class
	Host  string // the coordinator, if one was chosen
	Err   error  // the cause
}

// Error names the operation, the class, the host and the cause.
func (e *Error) Error() string {
	at := ""
	if e.Host != "" {
		at = " at " + e.Host
	}
	if e.Class == Unknown {
		return fmt.Sprintf("cql: %s%s: %v", e.Op, at, e.Err)
	}
	return fmt.Sprintf("cql: %s%s: %s: %v", e.Op, at, e.Class.Error(), e.Err)
}

// Unwrap makes errors.Is and errors.As see the class and the cause.
func (e *Error) Unwrap() []error { return []error{e.Class, e.Err} }

// ClassOf gives the class of an error that came, however wrapped, from a session; Unknown for any other.
func ClassOf(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return Unknown
}
