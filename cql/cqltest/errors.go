package cqltest

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql/cqltest/internal/syntax"
)

// Error is what the server answers with an ERROR frame, and what Exec returns. It implements gocql.RequestError, so
// that errors.As finds the same interface whether the error came over the wire or not.
type Error struct {
	code  int
	msg   string
	extra func(b []byte, cl gocql.Consistency) []byte // the fields after the message
}

// Error is the message that the client reads.
func (e *Error) Error() string { return e.msg }

// Code is the error code of the native protocol, one of gocql's ErrCode constants.
func (e *Error) Code() int { return e.code }

// Message is the message that the client reads.
func (e *Error) Message() string { return e.msg }

func (e *Error) append(b []byte, cl gocql.Consistency) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(e.code))
	b = appendString(b, e.msg)
	if e.extra != nil {
		b = e.extra(b, cl)
	}
	return b
}

func appendCounts(b []byte, cl gocql.Consistency, counts ...int) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(cl))
	for _, n := range counts {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	return b
}

// ReadTimeout is the coordinator's time-out of a read: received of the required replicas answered. The consistency in
// the frame is the request's, here and below. gocql: *RequestErrReadTimeout.
func ReadTimeout(received, required int, dataPresent bool) *Error {
	return &Error{gocql.ErrCodeReadTimeout, fmt.Sprintf("Operation timed out - received only %d responses.", received),
		func(b []byte, cl gocql.Consistency) []byte {
			return append(appendCounts(b, cl, received, required), boolByte(dataPresent))
		}}
}

// WriteTimeout is the coordinator's time-out of a write. The write types are SIMPLE, BATCH, UNLOGGED_BATCH, COUNTER,
// BATCH_LOG, CAS, VIEW and CDC. gocql: *RequestErrWriteTimeout.
func WriteTimeout(writeType string, received, required int) *Error {
	return &Error{gocql.ErrCodeWriteTimeout, fmt.Sprintf("Operation timed out - received only %d responses.", received),
		func(b []byte, cl gocql.Consistency) []byte {
			return appendString(appendCounts(b, cl, received, required), writeType)
		}}
}

// Unavailable says that too few replicas are alive to try. gocql: *RequestErrUnavailable.
func Unavailable(required, alive int) *Error {
	return &Error{gocql.ErrCodeUnavailable, "Cannot achieve consistency level",
		func(b []byte, cl gocql.Consistency) []byte { return appendCounts(b, cl, required, alive) }}
}

// ReadFailure says that replicas failed while reading, for instance over too many tombstones. gocql:
// *RequestErrReadFailure.
func ReadFailure(received, required, failures int, dataPresent bool) *Error {
	return &Error{gocql.ErrCodeReadFailure, fmt.Sprintf("Operation failed - received %d responses and %d failures", received, failures),
		func(b []byte, cl gocql.Consistency) []byte {
			return append(appendCounts(b, cl, received, required, failures), boolByte(dataPresent))
		}}
}

// WriteFailure says that replicas failed while writing. gocql: *RequestErrWriteFailure.
func WriteFailure(writeType string, received, required, failures int) *Error {
	return &Error{gocql.ErrCodeWriteFailure, fmt.Sprintf("Operation failed - received %d responses and %d failures", received, failures),
		func(b []byte, cl gocql.Consistency) []byte {
			return appendString(appendCounts(b, cl, received, required, failures), writeType)
		}}
}

// AlreadyExists says that a keyspace, or a table when it is not empty, exists. gocql: *RequestErrAlreadyExists.
func AlreadyExists(keyspace, table string) *Error {
	msg := "Cannot add existing keyspace \"" + keyspace + "\""
	if table != "" {
		msg = fmt.Sprintf("Cannot add already existing table %q to keyspace %q", table, keyspace)
	}
	return &Error{gocql.ErrCodeAlreadyExists, msg,
		func(b []byte, _ gocql.Consistency) []byte { return appendString(appendString(b, keyspace), table) }}
}

// Unprepared says that the server does not know a statement's id; gocql then prepares it again. gocql:
// *RequestErrUnprepared.
func Unprepared(id []byte) *Error {
	return &Error{gocql.ErrCodeUnprepared, fmt.Sprintf("Prepared query with ID %x not found (either the query was not prepared on this host "+
		"(maybe the host has been restarted?) or you have prepared too many queries and it has been evicted from the internal cache)", id),
		func(b []byte, _ gocql.Consistency) []byte { return appendShortBytes(b, id) }}
}

// Overloaded says that the coordinator has too much to do.
func Overloaded(msg string) *Error { return &Error{code: gocql.ErrCodeOverloaded, msg: msg} }

// Bootstrapping says that the coordinator is not ready yet.
func Bootstrapping(msg string) *Error { return &Error{code: gocql.ErrCodeBootstrapping, msg: msg} }

// ServerError is an unexpected failure in the server.
func ServerError(msg string) *Error { return &Error{code: gocql.ErrCodeServer, msg: msg} }

// Protocol says that a message broke the native protocol.
func Protocol(msg string) *Error { return &Error{code: gocql.ErrCodeProtocol, msg: msg} }

// Syntax says that a statement is not CQL.
func Syntax(msg string) *Error { return &Error{code: gocql.ErrCodeSyntax, msg: msg} }

// Invalid says that a statement is CQL, but wrong.
func Invalid(msg string) *Error { return &Error{code: gocql.ErrCodeInvalid, msg: msg} }

// Unauthorized says that the user may not do this.
func Unauthorized(msg string) *Error { return &Error{code: gocql.ErrCodeUnauthorized, msg: msg} }

// Config says that a statement is right, but not under the server's configuration.
func Config(msg string) *Error { return &Error{code: gocql.ErrCodeConfig, msg: msg} }

// Truncate says that a TRUNCATE failed.
func Truncate(msg string) *Error { return &Error{code: gocql.ErrCodeTruncate, msg: msg} }

func invalidf(format string, args ...any) *Error { return Invalid(fmt.Sprintf(format, args...)) }

func invalidAt(pos syntax.Pos, format string, args ...any) *Error {
	return invalidf("%s (%s)", fmt.Sprintf(format, args...), pos)
}

// asError makes an ERROR frame out of any error: what is not an *Error becomes a syntax or a server error.
func asError(err error) *Error {
	var e *Error
	var s *syntax.Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.As(err, &s):
		return Syntax(s.Error())
	}
	return ServerError(err.Error())
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}
