package cql

import (
	"errors"
	"fmt"
	"strings"
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

// Error names the operation, the host, the class and the cause, and what can be done about it.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("cql: " + e.Op)
	if e.Host != "" {
		b.WriteString(" at " + e.Host)
	}
	if e.Class != Unknown {
		b.WriteString(": " + e.Class.Error())
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	if hint := e.Class.Hint(); hint != "" {
		b.WriteString(" (" + hint + ")")
	}
	return b.String()
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
