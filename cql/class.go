package cql

// Class says what a failed operation means for whoever wants to repeat it. Classes are error values: an [*Error]
// matches its class by errors.Is.
type Class uint8

const (
	// Unknown is a failure that fits no other class. It is not repeated.
	Unknown Class = iota

	// NotSent: there was no connection or no free stream id, so the request never left. Always safe to repeat.
	NotSent
	// Unavailable: too few replicas are alive for the consistency level; nothing was tried. Always safe to repeat.
	Unavailable
	// Bootstrapping: the coordinator is still joining and refused. Always safe to repeat.
	Bootstrapping
	// Unprepared: the coordinator does not know the prepared statement. Always safe to repeat.
	Unprepared
	// ReadTimeout: replicas did not answer a SELECT in time. Always safe to repeat; if it goes on, ask for smaller
	// pages or narrower ranges.
	ReadTimeout

	// WriteTimeout: the write may or may not be applied. Safe to repeat only if idempotent.
	WriteTimeout
	// WriteFailure: replicas reported failures; the write may be applied on some. Safe to repeat only if idempotent.
	WriteFailure
	// ServerError: an unexpected failure inside the coordinator. Safe to repeat only if idempotent.
	ServerError
	// ClientTimeout: no answer came in time; the server may still be working. Safe to repeat only if idempotent.
	ClientTimeout
	// ConnectionClosed: the connection broke while waiting. Safe to repeat only if idempotent.
	ConnectionClosed
	// Overloaded: the coordinator sheds load; part of a batch may be applied. Safe to repeat, more slowly, only if
	// idempotent.
	Overloaded

	// ReadFailure: replicas failed to read, for example over too many tombstones. The same request fails again; a
	// narrower one may not.
	ReadFailure
	// CASUnknown: the outcome of a lightweight transaction is unknown. Read it back at SERIAL.
	CASUnknown

	// Syntax: the statement does not parse.
	Syntax
	// Invalid: the statement or its values do not fit the schema.
	Invalid
	// Unauthorized: the user may not do this.
	Unauthorized
	// Config: the request contradicts the cluster's state or set-up, such as a table that exists already.
	Config
	// Malformed: a value cannot be encoded for, or decoded from, its CQL type.
	Malformed

	// Canceled: the caller's context ended.
	Canceled
	// Closed: the session is shut down; the error also matches [ErrClosed].
	Closed
)

var classNames = [...]string{
	Unknown: "unknown error", NotSent: "not sent", Unavailable: "unavailable", Bootstrapping: "bootstrapping",
	Unprepared: "unprepared", ReadTimeout: "read timeout", WriteTimeout: "write timeout",
	WriteFailure: "write failure", ServerError: "server error", ClientTimeout: "client timeout",
	ConnectionClosed: "connection closed", Overloaded: "overloaded", ReadFailure: "read failure",
	CASUnknown: "CAS outcome unknown", Syntax: "syntax error", Invalid: "invalid request",
	Unauthorized: "unauthorized", Config: "configuration error", Malformed: "malformed value",
	Canceled: "canceled", Closed: "session closed",
}

// Error gives the class's name.
func (c Class) Error() string { return classNames[c] }

// Retryable tells whether an operation that failed with this class may be sent again: always for failures that left
// nothing behind, only if idempotent for those whose outcome is open, never for the rest.
func (c Class) Retryable(idempotent bool) bool {
	switch c {
	case NotSent, Unavailable, Bootstrapping, Unprepared, ReadTimeout:
		return true
	case WriteTimeout, WriteFailure, ServerError, ClientTimeout, ConnectionClosed, Overloaded:
		return idempotent
	default:
		return false
	}
}

var hints = map[Class]string{
	NotSent:          "is a node up, reachable and not out of connections?",
	Unavailable:      "bring replicas back, or ask at a lower consistency level",
	ReadTimeout:      "ask for smaller pages, or for less",
	WriteTimeout:     "it may or may not be written; repeat it only if that does no harm",
	WriteFailure:     "it may be written on some replicas; repeat it only if that does no harm",
	ClientTimeout:    "the server may still be at it; ask for less, or allow more time",
	ConnectionClosed: "it may or may not have been done; repeat it only if that does no harm",
	Overloaded:       "send less at a time",
	ReadFailure:      "it fails again as it is; ask for less, for example by clustering ranges if there are many tombstones",
	CASUnknown:       "read the row back at SERIAL to see",
	Unauthorized:     "check the user and its permissions",
}

// Hint says, in half a sentence, what whoever operates the program can do about a failure of this class; empty where
// the driver's error says it all.
func (c Class) Hint() string { return hints[c] }
