package source

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"github.com/rxcql/rxcql/cql"
)

// TextError is a record of a text, such as a line of CSV or of JSON, that is no row. Its class is [cql.Malformed].
type TextError struct {
	File       string // the name of what was read, if it has one
	Line       int64  // from 1: where the fault is, or else where the record starts
	Column     int    // the byte in that line, from 1
	ColumnName string // the CQL column, if the fault is one column's
	Header     []byte `json:"-"` // of CSV: the text of the record that names the columns, if there is such
	Record     []byte `json:"-"` // the text of the record with its end, as far as it was read; it is data, and the error's own
	Err        error  // the cause

	of fs.FileInfo // of the file that was read; nil if it is none, or not known
}

// Error gives file:line:column, the column's name and the cause. It does not show the record.
func (e *TextError) Error() string {
	return "source: " + bareTextError{e}.Error()
}

// Unwrap makes errors.Is and errors.As see the class and the cause.
func (e *TextError) Unwrap() []error { return []error{cql.Malformed, e.Err} }

// bareTextError is one within the text of another error, which names the package.
type bareTextError struct{ *TextError }

func (e bareTextError) Unwrap() error { return e.TextError }

func (e bareTextError) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File + ":")
	}
	fmt.Fprintf(&b, "%d:%d: ", e.Line, e.Column)
	if _, says := e.Err.(*DecodeError); e.ColumnName != "" && !says {
		fmt.Fprintf(&b, "column %q: ", e.ColumnName)
	}
	fmt.Fprint(&b, e.Err)
	return b.String()
}

// OnTextError decides about a record that is no row: nil has it skipped, an error ends the stream with that. To keep
// what was skipped, use the Keep of a [RejectFile], or write e.Record to where dead letters go and return the error of that. It is
// called on the run's goroutine and may block; the stream waits for it.
type OnTextError func(ctx context.Context, e *TextError) error

// SkipText is an [OnTextError] that skips whatever is no row.
func SkipText(context.Context, *TextError) error { return nil }
