package sink

import (
	"fmt"

	"github.com/rxcql/rxcql/cql"
)

// WriteError is a row that could not be written: of several, the first one in the stream, so all rows before it are
// written. Of those behind it, some may be; see [Insertion.Write].
type WriteError struct {
	Table    string
	Row      int64     // its place in the stream, from 0
	Attempts int       // how often it was sent; 0 if it could not be
	Class    cql.Class // what the failure means; errors.Is holds for it
	Err      error     // the last attempt's error
}

// Error names the table, the row's place, the attempts and the cause; it shows no values.
func (e *WriteError) Error() string {
	return fmt.Sprintf("sink: %s: row %d of the stream, after %d attempts: %v", e.Table, e.Row, e.Attempts, e.Err)
}

// Unwrap makes errors.Is and errors.As see the class and the cause.
func (e *WriteError) Unwrap() []error { return []error{e.Class, e.Err} }
