package decode

import (
	"reflect"
	"unsafe"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/packed"
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

// isPacked tells a row that is a packed.Row, as source.Row is, and so gets its cells without being asked.
func isPacked(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.NumField() == 1 && t.Field(0).Type == reflect.TypeFor[packed.Row]()
}

func rowPacked(d *untyped, place unsafe.Pointer, cells [][]byte) error {
	*(*packed.Row)(place) = d.packs.Pack(d.columns, cells)
	return nil
}

func rawPacked(d *untyped, place unsafe.Pointer, rest []byte) ([]byte, error) {
	row, rest, err := d.packs.Take(d.columns, rest)
	if err != nil {
		return nil, err
	}
	*(*packed.Row)(place) = row
	return d.rawBeyond(rest)
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
