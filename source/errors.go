package source

import (
	"fmt"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
)

// PageError is the end of a stream whose page could not be fetched or decoded. All rows of the pages before it were
// yielded, and, if decoding failed, those of its own page before the row in question.
type PageError struct {
	Page     int       // which page, from 1, counted from where the run started
	Host     string    // the coordinator of the last attempt, if one was chosen
	Attempts int       // how often it was asked for
	Class    cql.Class // what the failure means; errors.Is holds for it
	State    []byte    // where this page starts; nil for the first: go on with From(State). It holds key values: treat it as data
	Err      error     // the last attempt's error
}

// Error names the page, the host, the number of attempts and the cause. It does not show the paging state.
func (e *PageError) Error() string {
	at := ""
	if e.Host != "" {
		at = " from " + e.Host
	}
	return fmt.Sprintf("source: page %d%s, attempt %d: %v", e.Page, at, e.Attempts, e.Err)
}

// Unwrap makes errors.Is and errors.As see the class and the cause.
func (e *PageError) Unwrap() []error { return []error{e.Class, e.Err} }

// DecodeError is a column or a cell that does not fit T: the cause in a [PageError] of class Malformed.
type DecodeError = decode.Error

// ErrNull is the cause in a [DecodeError] for a null where the Go type cannot hold one.
var ErrNull = decode.ErrNull
