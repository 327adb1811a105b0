package decode

import (
	"errors"
	"reflect"
	"unsafe"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/fields"
)

// Decoder makes rows of type T out of cells. It belongs to one run.
//
// T is a struct, a pointer to one, map[string]any, []any, or a type that one cell decodes into, for a single column.
type Decoder[T any] struct {
	columns []cql.Column // what it is bound to
	slots   []slot
	row     func(d *Decoder[T], cells [][]byte) (T, error)

	// For pointers to structs: the rows of a page sit in one slice, which is the consumer's once given out.
	elem  reflect.Type
	block unsafe.Pointer

	at    int // the row of the page
	value T   // the row that is being decoded
}

// slot is where a column goes.
type slot struct {
	decode cellFunc
	offset uintptr
	field  fields.Field // zero unless T is a struct
}

// Page prepares for the rows of one page.
func (d *Decoder[T]) Page(columns []cql.Column, rows int) error {
	if !d.bound(columns) {
		if err := d.bind(columns); err != nil {
			return err
		}
	}
	d.at = -1
	if d.elem != nil && rows > 0 {
		d.block = reflect.MakeSlice(reflect.SliceOf(d.elem), rows, rows).UnsafePointer()
	}
	return nil
}

// Row decodes the next row of the page. Nothing of cells is kept.
func (d *Decoder[T]) Row(cells [][]byte) (T, error) {
	d.at++
	return d.row(d, cells)
}

func (d *Decoder[T]) bound(columns []cql.Column) bool {
	if d.row == nil || len(columns) != len(d.columns) {
		return false
	}
	for i, c := range columns {
		if c.Name != d.columns[i].Name || !c.Type.Equal(d.columns[i].Type) {
			return false
		}
	}
	return true
}

func (d *Decoder[T]) bind(columns []cql.Column) error {
	d.columns, d.slots = columns, make([]slot, len(columns))
	t := reflect.TypeFor[T]()
	switch {
	case reflect.PointerTo(t).Implements(reflect.TypeFor[RowUnmarshaler]()):
		d.row = rowItself[T]
		return nil
	case t == reflect.TypeFor[map[string]any]():
		d.row = rowMap[T]
		return nil
	case t == reflect.TypeFor[[]any]():
		d.row = rowSlice[T]
		return nil
	case t.Kind() == reflect.Struct && !cql.SingleValue(t):
		d.row = rowStruct[T]
		return d.bindStruct(t)
	case t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct && !cql.SingleValue(t.Elem()):
		d.row, d.elem = rowPointer[T], t.Elem()
		return d.bindStruct(t.Elem())
	default:
		d.row = rowScalar[T]
		return d.bindScalar(t)
	}
}

func (d *Decoder[T]) bindStruct(t reflect.Type) error {
	list, err := fields.Of(t, cql.SingleValue)
	if err != nil {
		return err
	}
	byColumn := make(map[string]fields.Field, len(list))
	for _, f := range list {
		byColumn[f.Column] = f
	}
	for i, c := range d.columns {
		f, ok := byColumn[c.Name]
		if !ok {
			return d.columnError(c, t, "", errors.New("the struct has no field for this column; add one, or name the columns that are wanted in the SELECT"))
		}
		delete(byColumn, c.Name)
		d.slots[i] = slot{decode: cellDecoder(c.Type, f.Type), offset: f.Offset, field: f}
	}
	for _, f := range list {
		if _, left := byColumn[f.Column]; left {
			return &Error{Column: f.Column, GoType: f.Type.String(), Field: f.Name, Row: -1, Err: errors.New(
				"the result has no such column; select it, or leave the field out with a tag `cql:\"-\"`")}
		}
	}
	return nil
}

func (d *Decoder[T]) bindScalar(t reflect.Type) error {
	if len(d.columns) != 1 {
		names := make([]string, len(d.columns))
		for i, c := range d.columns {
			names[i] = c.Name
		}
		return &scalarError{goType: t.String(), columns: names}
	}
	d.slots[0] = slot{decode: cellDecoder(d.columns[0].Type, t)}
	return nil
}

func (d *Decoder[T]) columnError(c cql.Column, t reflect.Type, field string, err error) error {
	return &Error{Column: c.Name, CQLType: c.Type.String(), GoType: t.String(), Field: field, Row: -1, Err: err}
}

// cellError says which cell of the current row failed.
func (d *Decoder[T]) cellError(i int, err error) error {
	e := &Error{Column: d.columns[i].Name, CQLType: d.columns[i].Type.String(), Row: d.at, Err: err}
	if f := d.slots[i].field; f.Type != nil {
		e.GoType, e.Field = f.Type.String(), f.Name
	} else {
		e.GoType = reflect.TypeFor[T]().String()
	}
	return e
}
