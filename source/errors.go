package source

import (
	"fmt"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
)

// PageError is the end of a stream whose page could not be fetched or decoded. All rows of the pages before it were
// yielded.
//
// To go on, give State to [Select.From]. If the page could not be fetched, nothing is lost and nothing comes twice. If
// a row of it could not be decoded, Class is Malformed and the whole page comes again, of which Yielded rows have been
// seen: skip as many.
type PageError struct {
	Page     int       // which page, from 1, counted from where the run started
	Host     string    // the coordinator of the last attempt, if one was chosen
	Attempts int       // how often it was asked for
	Class    cql.Class // what the failure means; errors.Is holds for it
	State    []byte    `json:"-"` // where this page starts; nil if that is the start of the result. It holds key values: treat it as data
	Yielded  int       // rows of this page that came before the one that could not be decoded
	Err      error     // the last attempt's error
}

// Error names the page, the host, the number of attempts and the cause. It does not show the paging state.
func (e *PageError) Error() string {
	at := ""
	if e.Host != "" && hostOf(e.Err) == "" { // else the cause names it
		at = " from " + e.Host
	}
	if e.Attempts > 1 {
		at += fmt.Sprintf(", after %d attempts", e.Attempts)
	}
	return fmt.Sprintf("source: page %d%s: %v", e.Page, at, e.Err)
}

// Unwrap makes errors.Is and errors.As see the class and the cause.
func (e *PageError) Unwrap() []error { return []error{e.Class, e.Err} }

// DecodeError is a column or a cell that does not fit T: the cause in a [PageError] of class Malformed.
type DecodeError struct {
	Column  string
	CQLType string
	GoType  string
	Field   string // of the struct, if T is one
	Row     int    // of the page, from 0; -1 when the column as a whole does not fit
	Err     error  // the cause
}

// Error names the column, the CQL type, the Go type, the field and the row.
func (e *DecodeError) Error() string { return (*decode.Error)(e).Error() }

// Unwrap returns the cause.
func (e *DecodeError) Unwrap() error { return e.Err }

// ErrNull is the cause in a [DecodeError] for a null where the Go type cannot hold one.
var ErrNull = decode.ErrNull
