package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
	"github.com/rxcql/rxcql/internal/packed"
)

// Row is a row without a struct: the cells as the server sent them, with the result's columns. It is for tables that
// are not known when a program is compiled, and for copying, which need not decode at all. Use it as the T of a
// [Query], read it by [Get], [Row.Value] or [Row.Cell].
//
// A Row is a value that owns its bytes: it may be kept, which keeps the 4 KiB of the rows around it too, passed to other
// goroutines and compared by [Row.Equal]. It must not be written to.
type Row struct{ cells packed.Row }

// UnmarshalRow takes a copy of the cells; see [RowUnmarshaler].
func (r *Row) UnmarshalRow(columns []cql.Column, cells [][]byte) error {
	r.cells = (*packed.Block)(nil).Pack(columns, cells)
	return nil
}

// Columns are the columns, in the order of the result. The slice is shared: it must not be changed.
func (r Row) Columns() []cql.Column { return r.cells.Columns() }

// Index finds a column by name; -1 if there is none.
func (r Row) Index(name string) int {
	return slices.IndexFunc(r.Columns(), func(c cql.Column) bool { return c.Name == name })
}

// Cell gives the bytes of the i-th column's cell as the server sent them; nil for null. They must not be changed.
func (r Row) Cell(i int) []byte { return r.cells.Cell(i) }

// Value decodes a column into the Go type that is natural for its CQL type, as in a map[string]any row; nil for null.
func (r Row) Value(name string) (any, error) { return Get[any](r, name) }

// Get decodes a column of a row as a T, by the rules for a struct's field of that type.
func Get[T any](r Row, name string) (T, error) {
	i := r.Index(name)
	if i < 0 {
		var none T
		names := make([]string, len(r.Columns()))
		for i, c := range r.Columns() {
			names[i] = c.Name
		}
		return none, &DecodeError{Column: name, Row: -1, Err: fmt.Errorf("the row has no such column; it has %s", strings.Join(names, ", "))}
	}
	v, err := decode.Cell[T](r.Columns()[i], r.Cell(i))
	var cell *decode.Error
	if errors.As(err, &cell) {
		return v, (*DecodeError)(cell)
	}
	return v, err
}

// Equal tells whether two rows have the same columns, by name and type, and the same bytes in them.
func (r Row) Equal(o Row) bool {
	mine, theirs := r.Columns(), o.Columns()
	if len(mine) != len(theirs) {
		return false
	}
	// Rows of one result share their columns.
	if len(mine) > 0 && &mine[0] != &theirs[0] {
		for i, c := range mine {
			if c.Name != theirs[i].Name || !c.Type.Equal(theirs[i].Type) {
				return false
			}
		}
	}
	for i := range mine {
		a, b := r.Cell(i), o.Cell(i)
		if (a == nil) != (b == nil) || !bytes.Equal(a, b) {
			return false
		}
	}
	return true
}

// MarshalJSON gives the row as an object with its columns in order, their values as encoding/json has the natural Go
// types: blobs in base64, times in RFC 3339, null for null. Decimals are strings: "0.5", or "5E-101" and "5E3" where the
// scale is more than 100 or less than 0. What JSON has no form for, such as NaN or a map whose keys are no texts, is an
// error.
func (r Row) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, c := range r.Columns() {
		v, err := decode.Printed(c, r.Cell(i))
		if err != nil {
			return nil, err
		}
		name, err := json.Marshal(c.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(v)
		if err != nil {
			return nil, &DecodeError{Column: c.Name, CQLType: c.Type.String(), GoType: "JSON", Row: -1, Err: err}
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, name...), ':'), value...)
	}
	return append(b, '}'), nil
}

// String prints the row for people: name: value, with texts quoted and blobs in hexadecimal; inside collections as fmt
// has them, decimals as in JSON. What cannot be decoded is printed as its bytes.
func (r Row) String() string {
	var b strings.Builder
	b.WriteByte('{')
	for i, c := range r.Columns() {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c.Name + ": ")
		v, err := decode.Printed(c, r.Cell(i))
		switch v := v.(type) {
		case nil:
			if err != nil {
				fmt.Fprintf(&b, "0x%x", r.Cell(i))
			} else {
				b.WriteString("null")
			}
		case string:
			fmt.Fprintf(&b, "%q", v)
		case []byte:
			fmt.Fprintf(&b, "0x%x", v)
		default:
			fmt.Fprint(&b, v)
		}
	}
	b.WriteByte('}')
	return b.String()
}

// RowUnmarshaler is a T that takes a row's cells itself, such as [Row]. The columns are the same slice for all rows of
// the same shape; it and they must not be changed. The cells are valid only during the call; nil is null.
type RowUnmarshaler interface {
	UnmarshalRow(columns []cql.Column, cells [][]byte) error
}

var _ RowUnmarshaler = (*Row)(nil)
