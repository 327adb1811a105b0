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

func rowItself(d *untyped, place unsafe.Pointer, cells [][]byte) error {
	return reflect.NewAt(d.t, place).Interface().(RowUnmarshaler).UnmarshalRow(d.columns, cells)
}

// rowPointerItself is for pointers to such a type.
func rowPointerItself(d *untyped, place unsafe.Pointer, cells [][]byte) error {
	row := reflect.New(d.elem)
	*(*unsafe.Pointer)(place) = row.UnsafePointer()
	return row.Interface().(RowUnmarshaler).UnmarshalRow(d.columns, cells)
}

// Cell decodes a single cell of a column.
func Cell[T any](c cql.Column, cell []byte) (T, error) { return one[T](binder{}, c, cell) }

func one[T any](b binder, c cql.Column, cell []byte) (T, error) {
	v := new(T)
	err := b.into(reflect.TypeFor[T](), unsafe.Pointer(v), c, cell)
	return *v, err
}

func (b binder) into(t reflect.Type, place unsafe.Pointer, c cql.Column, cell []byte) error {
	decode, err := b.cell(c.Type, t)
	if err == nil {
		err = decode(place, cell)
	}
	if err != nil {
		return &Error{Column: c.Name, CQLType: c.Type.String(), GoType: t.String(), Row: -1, Err: err}
	}
	return nil
}
