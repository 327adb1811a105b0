package cql

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/gocql/gocql"
)

var classByCode = map[int]Class{
	gocql.ErrCodeServer:          ServerError,
	gocql.ErrCodeProtocol:        Invalid,
	gocql.ErrCodeCredentials:     Unauthorized,
	gocql.ErrCodeUnavailable:     Unavailable,
	gocql.ErrCodeOverloaded:      Overloaded,
	gocql.ErrCodeBootstrapping:   Bootstrapping,
	gocql.ErrCodeTruncate:        ServerError,
	gocql.ErrCodeWriteTimeout:    WriteTimeout,
	gocql.ErrCodeReadTimeout:     ReadTimeout,
	gocql.ErrCodeReadFailure:     ReadFailure,
	gocql.ErrCodeFunctionFailure: ReadFailure,
	gocql.ErrCodeWriteFailure:    WriteFailure,
	gocql.ErrCodeCDCWriteFailure: WriteFailure,
	gocql.ErrCodeCASWriteUnknown: CASUnknown,
	gocql.ErrCodeSyntax:          Syntax,
	gocql.ErrCodeUnauthorized:    Unauthorized,
	gocql.ErrCodeInvalid:         Invalid,
	gocql.ErrCodeConfig:          Config,
	gocql.ErrCodeAlreadyExists:   Config,
	gocql.ErrCodeUnprepared:      Unprepared,
}

// classify maps what gocql returns. By code where the server sent an error frame: v1.7 has types for some only.
func classify(err error) Class {
	var writeTimeout *gocql.RequestErrWriteTimeout
	if errors.As(err, &writeTimeout) && writeTimeout.WriteType == "CAS" {
		return CASUnknown // how protocol v4 tells it
	}
	var coded gocql.RequestError
	if errors.As(err, &coded) {
		return classByCode[coded.Code()]
	}
	var (
		marshal   gocql.MarshalError
		unmarshal gocql.UnmarshalError
		argument  *ArgumentError
		network   net.Error
	)
	switch {
	case errors.Is(err, gocql.ErrNoConnections), errors.Is(err, gocql.ErrNoStreams),
		errors.Is(err, gocql.ErrUnavailable), errors.Is(err, gocql.ErrNoConnectionsStarted):
		return NotSent
	case errors.Is(err, gocql.ErrTimeoutNoResponse), errors.Is(err, context.DeadlineExceeded):
		return ClientTimeout
	case errors.Is(err, errForgotten):
		return Unprepared
	case err == errPayload:
		return Config
	case err == errNotPrepared:
		return Invalid
	case errors.Is(err, gocql.ErrSessionClosed):
		return Closed
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, gocql.ErrQueryArgLength), errors.As(err, &marshal), errors.As(err, &unmarshal), errors.As(err, &argument):
		return Malformed
	case errors.Is(err, gocql.ErrNoKeyspace), errors.Is(err, gocql.ErrKeyspaceDoesNotExist), errors.Is(err, gocql.ErrUseStmt):
		return Invalid
	case errors.Is(err, gocql.ErrConnectionClosed), errors.Is(err, gocql.ErrTooManyTimeouts),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, io.ErrClosedPipe), errors.As(err, &network):
		return ConnectionClosed
	default:
		return Unknown
	}
}
