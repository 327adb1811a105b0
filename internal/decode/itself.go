package decode

import (
	"reflect"
	"unsafe"

	"github.com/rxcql/rxcql/cql"
)

// RowUnmarshaler is a row type that decodes itself. columns are the same slice for all rows of the same shape, and
// never changed; cells and what they point to are valid only during the call.
type RowUnmarshaler interface {
	UnmarshalRow(columns []cql.Column, cells [][]byte) error
}

func rowItself[T any](d *Decoder[T], cells [][]byte) (T, error) {
	row := new(T)
	err := any(row).(RowUnmarshaler).UnmarshalRow(d.columns, cells)
	return *row, err
}

// rowPointerItself is for pointers to such a type.
func rowPointerItself[T any](d *Decoder[T], cells [][]byte) (T, error) {
	row := reflect.New(d.elem).Interface().(T)
	return row, any(row).(RowUnmarshaler).UnmarshalRow(d.columns, cells)
}

// Cell decodes a single cell of a column.
func Cell[T any](c cql.Column, cell []byte) (T, error) { return one[T](binder{}, c, cell) }

func one[T any](b binder, c cql.Column, cell []byte) (T, error) {
	v := new(T)
	t := reflect.TypeFor[T]()
	decode, err := b.cell(c.Type, t)
	if err == nil {
		err = decode(unsafe.Pointer(v), cell)
	}
	if err != nil {
		return *v, &Error{Column: c.Name, CQLType: c.Type.String(), GoType: t.String(), Row: -1, Err: err}
	}
	return *v, nil
}
