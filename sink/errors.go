package sink

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rxcql/rxcql/cql"
)

// WriteError is a row that could not be written. Where a write ends with one, it is, of several, the first one in the
// stream, so all rows before it are written. Of those behind it, some may be; see [Mutation.Write].
type WriteError struct {
	Table    string    // or the statement of Exec
	Row      int64     // its place in the stream, from 0
	Attempts int       // how often it was sent; 0 if it could not be
	Class    cql.Class // what the failure means; errors.Is holds for it
	Maybe    bool      // it may be written all the same: the outcome of one of the attempts is not known
	Err      error     // the last attempt's error
	// Timestamp is that of the row in the last attempt, in µs since 1970, or of when it came, if it was not sent; 0 if it
	// is not for its user to say, as of counters and rows with a condition.
	Timestamp int64
}

// WriteTimestamp gives the Timestamp; see [Mutation.Replay].
func (e *WriteError) WriteTimestamp() int64 { return e.Timestamp }

// Error names the table, the row's place, the attempts and the cause; it shows no values.
func (e *WriteError) Error() string {
	after := ""
	if e.Attempts > 1 {
		after = fmt.Sprintf(", after %d attempts", e.Attempts)
	}
	cause := fmt.Sprint(e.Err)
	if column, ok := e.Err.(*ColumnError); ok && column.Table == e.Table {
		cause = column.bare()
	}
	return fmt.Sprintf("sink: %s: row %d of the stream%s: %s", e.Table, e.Row, after, cause)
}

// Unwrap makes errors.Is and errors.As see the class and the cause.
func (e *WriteError) Unwrap() []error { return []error{e.Class, e.Err} }

// within is an error inside the text of another one, which names the package.
type within struct{ error }

func (w within) Error() string { return strings.TrimPrefix(w.error.Error(), "sink: ") }
func (w within) Unwrap() error { return w.error }

// ColumnError is a T that does not fit the table, of class [cql.Invalid], for which nothing was sent; or, inside a
// [*WriteError], a value that cannot be written, of class [cql.Malformed].
type ColumnError struct {
	Table   string
	Column  string
	CQLType string // of the column; empty if the table has none of that name
	GoType  string // of T's field; of a row without fields the CQL type of its column; empty if T has none of that name
	Err     error

	class cql.Class
}

// Error names the table, the column and both types; it shows no values.
func (e *ColumnError) Error() string { return fmt.Sprintf("sink: %s: %s", e.Table, e.bare()) }

// bare is the text within that of an error which names the package and the table.
func (e *ColumnError) bare() string {
	var b strings.Builder
	fmt.Fprintf(&b, "column %q", e.Column)
	if e.CQLType != "" && e.GoType != "" {
		fmt.Fprintf(&b, " (%s) from %s", e.CQLType, e.GoType)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	return b.String()
}

// Unwrap makes errors.Is and errors.As see the class and the cause.
func (e *ColumnError) Unwrap() []error { return []error{e.class, e.Err} }

// NotAppliedError is a row that was not written because the condition of its statement did not hold.
type NotAppliedError struct {
	Table string // or the statement of Exec
	Row   int64  // its place in the stream, from 0
	// Columns and Cells are what stood against it, as far as the server tells; cells are encoded, nil is null.
	Columns []cql.Column
	Cells   [][]byte
}

// Error names the table and the row's place; it shows no values.
func (e *NotAppliedError) Error() string {
	return fmt.Sprintf("sink: %s: row %d of the stream was not applied: its condition does not hold", e.Table, e.Row)
}

// ErrNotIdempotent is why a write is refused inside a resumable job, such as source's Scan.Each with Resume: after a
// crash the job repeats what it has not acknowledged, and counters and appends to lists would count and append twice, and
// so might conditions and statements of [Exec] that are not said to be idempotent. Lists that are not frozen, written with
// timestamps of one's own, would have their elements twice: that is how Cassandra overwrites them.
var ErrNotIdempotent = errors.New("sink: this write is not idempotent, so it cannot be part of a job that repeats rows " +
	"when it is resumed; write values that do not depend on what is there")

// errMayBeSaid is ErrNotIdempotent of a write for which its user can tell better.
var errMayBeSaid = fmt.Errorf("%w, or, if repeating does no harm, say so by Idempotent", ErrNotIdempotent)

var errClosedWriter = errors.New("sink: the Writer's Work has returned; write inside of it")
