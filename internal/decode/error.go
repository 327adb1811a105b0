package decode

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrNull: a null, or an empty value, for a Go type that cannot hold one.
	ErrNull = errors.New("null; make it a pointer to tell null from a value")

	errRange = errors.New("the value is out of range")
)

// Error is a cell or a column that does not fit its Go type.
type Error struct {
	Column  string
	CQLType string
	GoType  string
	Field   string // of the struct, if T is one
	Row     int    // of the page, from 0; -1 when the column as a whole does not fit
	Err     error  // the cause
}

// Error names column, CQL type, Go type, field and row.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "column %q", e.Column)
	if e.CQLType != "" {
		fmt.Fprintf(&b, " (%s)", e.CQLType)
	}
	if e.GoType != "" {
		fmt.Fprintf(&b, " into %s", e.GoType)
	}
	if e.Field != "" {
		fmt.Fprintf(&b, " (field %s)", e.Field)
	}
	if e.Row >= 0 {
		fmt.Fprintf(&b, ", row %d of the page", e.Row)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
