package sink

import (
	"fmt"

	"github.com/rxcql/rxcql/cql"
)

// WriteError is a row that could not be written. Rows before it in the stream were written or were under way; see
// [Insertion.Write] for those.
type WriteError struct {
	Row      int64     // its place in the stream, from 0
	Attempts int       // how often it was sent
	Class    cql.Class // what the failure means; errors.Is holds for it
	Err      error     // the last attempt's error
}

// Error names the row's place, the attempts and the cause; it shows no values.
func (e *WriteError) Error() string {
	return fmt.Sprintf("sink: row %d of the stream, attempt %d: %v", e.Row, e.Attempts, e.Err)
}

// Unwrap makes errors.Is and errors.As see the class and the cause.
func (e *WriteError) Unwrap() []error { return []error{e.Class, e.Err} }
