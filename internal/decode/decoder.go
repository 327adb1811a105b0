package decode

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"unsafe"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/fields"
	"github.com/rxcql/rxcql/internal/packed"
)

// Decoder makes rows of type T out of cells. It belongs to one run.
//
// T is a struct, a pointer to one, map[string]any, []any, or a type that one cell decodes into, for a single column.
type Decoder[T any] struct {
	// Lenient leaves columns out that a struct has no field for, and fields zero that the result has no column for, in
	// user-defined types too. Set it before the first page.
	Lenient bool

	untyped
	value T // the row that is being decoded
}

// Page prepares for the rows of one page.
func (d *Decoder[T]) Page(columns []cql.Column, rows int) error {
	d.t, d.lenient = reflect.TypeFor[T](), d.Lenient
	return d.page(columns, rows)
}

// Row decodes the next row of the page. Nothing of cells is kept.
func (d *Decoder[T]) Row(cells [][]byte) (T, error) {
	// A fresh value, so that nothing of the row before is reused, in a place that outlives the call, so that it is
	// not allocated anew.
	d.value = *new(T)
	d.at++
	err := d.shape.row(&d.untyped, unsafe.Pointer(&d.value), cells)
	return d.value, err
}

// untyped is all of a Decoder that goes without T as a type parameter, so that it is compiled once.
type untyped struct {
	t       reflect.Type // T
	lenient bool

	// Beyond gets the cell of the column behind those that Page was told of, for pages that have such a one.
	Beyond func(cell []byte) error

	columns []cql.Column // what it is bound to
	slots   []slot
	shape   shape
	texts   texts
	packs   packed.Block

	// For rows that are decoded as they came; see Take.
	steps      []step
	cells      [][]byte // of a row
	overwrites bool     // all that a row writes the next one does, whatever is in its cells
	rest       []byte   // of the page
	direct     bool     // rows are taken from rest

	// For pointers to structs: rows sit in blocks, which are the consumer's once given out.
	elem  reflect.Type
	block unsafe.Pointer

	rows int // of the page, by what it says of itself
	at   int // the row of the page
	any  any // the value that is being decoded
}

// slot is where a column goes.
type slot struct {
	column int
	decode cellFunc
	offset uintptr
	field  fields.Field // zero unless T is a struct
}

func (d *untyped) page(columns []cql.Column, rows int) error {
	if !d.bound(columns) {
		if err := d.bind(columns); err != nil {
			return err
		}
	}
	d.rows, d.at = rows, -1
	d.rest, d.direct = nil, false
	return nil
}

func (d *untyped) bound(columns []cql.Column) bool {
	if d.shape.row == nil || len(columns) != len(d.columns) {
		return false
	}
	if len(columns) == 0 || &columns[0] == &d.columns[0] {
		return true
	}
	for i, c := range columns {
		if c.Name != d.columns[i].Name || !c.Type.Equal(d.columns[i].Type) {
			return false
		}
	}
	return true
}

func (d *untyped) bind(columns []cql.Column) error {
	d.shape, d.elem = shape{}, nil // as long as it is not bound
	d.columns, d.slots = columns, make([]slot, 0, len(columns))
	shape, err := d.findShape()
	if err == nil {
		d.shape = shape
		d.plan()
	}
	return err
}

// findShape finds out what kind of row T is, and fills the slots.
func (d *untyped) findShape() (shape, error) {
	switch t := d.t; {
	case isPacked(t):
		return asPacked, nil
	case reflect.PointerTo(t).Implements(reflect.TypeFor[RowUnmarshaler]()):
		return itself, nil
	case t.Kind() == reflect.Pointer && t.Implements(reflect.TypeFor[RowUnmarshaler]()):
		d.elem = t.Elem()
		return pointerItself, nil
	case t == reflect.TypeFor[map[string]any]():
		for i, c := range d.columns {
			if slices.ContainsFunc(d.columns[:i], func(b cql.Column) bool { return b.Name == c.Name }) {
				return shape{}, d.columnError(c, t, "", errTwiceNamed)
			}
		}
		return asMap, d.bindEach(reflect.TypeFor[any]())
	case t == reflect.TypeFor[[]any]():
		return asSlice, d.bindEach(reflect.TypeFor[any]())
	case t.Kind() == reflect.Struct && !fields.SingleValue(t):
		return asStruct, d.bindStruct(t)
	case t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct && !fields.SingleValue(t.Elem()):
		d.elem = t.Elem()
		return asPointer, d.bindStruct(t.Elem())
	default:
		return asStruct, d.bindScalar(t)
	}
}

func (d *untyped) bindStruct(t reflect.Type) error {
	free, err := fieldsOf(t)
	if err != nil {
		return err
	}
	b := binder{lenient: d.lenient, texts: &d.texts}
	for i, c := range d.columns {
		f, ok := free.take(c.Name)
		switch {
		case ok:
			decode, err := b.cell(c.Type, f.Type)
			if err != nil {
				return d.columnError(c, f.Type, f.Name, err)
			}
			d.slots = append(d.slots, slot{column: i, decode: decode, offset: f.Offset, field: f})
		case !d.lenient, slices.ContainsFunc(d.slots, func(s slot) bool { return s.field.Column == c.Name }):
			return d.columnError(c, t, "", noField(t, d.columns[:i], c.Name))
		}
	}
	if f, left := free.left(); left && !d.lenient {
		return &Error{Column: f.Column, GoType: f.Type.String(), Field: f.Name, Row: -1, Err: errors.New(
			"the result has no such column; select it, leave the field out with a tag `cql:\"-\"`, or ask for a lenient query")}
	}
	return nil
}

var errTwiceNamed = errors.New("the result has this column twice; name one of them otherwise, with AS")

// noField tells why a struct has no field, or none any more, for a column.
func noField(t reflect.Type, before []cql.Column, column string) error {
	if slices.ContainsFunc(before, func(c cql.Column) bool { return c.Name == column }) {
		return errTwiceNamed
	}
	for i := range t.NumField() {
		if f := t.Field(i); !f.IsExported() && fields.Snake(f.Name) == column {
			return fmt.Errorf("the struct's field %s is not exported", f.Name)
		}
	}
	return errors.New("the struct has no field for this column; add one, name the columns that are wanted in the SELECT, or ask for a lenient query")
}

// bindEach has all columns decoded as one type.
func (d *untyped) bindEach(t reflect.Type) error {
	for i, c := range d.columns {
		decode, err := binder{lenient: d.lenient, texts: &d.texts}.cell(c.Type, t)
		if err != nil {
			return d.columnError(c, t, "", err)
		}
		d.slots = append(d.slots, slot{column: i, decode: decode})
	}
	return nil
}

func (d *untyped) bindScalar(t reflect.Type) error {
	if len(d.columns) != 1 {
		names := make([]string, len(d.columns))
		for i, c := range d.columns {
			names[i] = c.Name
		}
		return &scalarError{goType: t.String(), columns: names}
	}
	return d.bindEach(t)
}

func (d *untyped) columnError(c cql.Column, t reflect.Type, field string, err error) error {
	return &Error{Column: c.Name, CQLType: c.Type.String(), GoType: t.String(), Field: field, Row: -1, Err: err}
}

// cellError says which cell of the current row failed.
func (d *untyped) cellError(s *slot, err error) error {
	c := d.columns[s.column]
	e := &Error{Column: c.Name, CQLType: c.Type.String(), Row: d.at, Err: err}
	if f := s.field; f.Type != nil {
		e.GoType, e.Field = f.Type.String(), f.Name
	} else {
		e.GoType = d.t.String()
	}
	return e
}
