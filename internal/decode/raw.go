package decode

import (
	"fmt"
	"reflect"
	"time"
	"unsafe"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/wire"
)

// Take decodes the next row of a page into a place that is zero, or has been cleared, and tells how many bytes the row
// is, with the length in front of each cell.
func (d *Decoder[T]) Take(page cql.Page, row *T) (width int, err error) {
	return d.take(page, unsafe.Pointer(row))
}

// Clear readies the place of a row that this Decoder has decoded for another one of the same page. It need not write there
// if all that was written is going to be anyway.
func (d *Decoder[T]) Clear(row *T) {
	if !d.overwrites {
		*row = *new(T)
	}
}

// step is what becomes of a column's cells.
type step struct {
	decode cellFunc // nil: they are left out
	offset uintptr
	slot   *slot
}

// plan readies what decodes rows as they came, by the slots.
func (d *untyped) plan() {
	d.cells, d.steps = make([][]byte, len(d.columns)), make([]step, len(d.columns))
	d.overwrites = d.shape.fresh || len(d.slots) > 0
	for i := range d.slots {
		s := &d.slots[i]
		d.steps[s.column] = step{s.decode, s.offset, s}
		t := s.field.Type
		if t == nil {
			t = d.t
		}
		d.overwrites = d.shape.fresh || d.overwrites && overwrites(t)
	}
}

// overwrites tells whether a value of a type is written as a whole, whatever was there before. It is said of those types
// only of which it is known.
func overwrites(t reflect.Type) bool {
	switch {
	case t.Kind() == reflect.Pointer: // to a new value
		return true
	case t == reflect.TypeFor[any](), t == reflect.TypeFor[time.Time](), t == reflect.TypeFor[gocql.UUID](), t == reflect.TypeFor[[]byte]():
		return true
	case implements[gocql.Unmarshaler](t), implements[gocql.UDTUnmarshaler](t), implements[sqlScanner](t), implements[textUnmarshaler](t):
		return false
	}
	return t.Kind() >= reflect.Bool && t.Kind() <= reflect.Float64 || t.Kind() == reflect.String
}

// take gets rows as they came if the page can show them so, else cell by cell.
func (d *untyped) take(page cql.Page, place unsafe.Pointer) (width int, err error) {
	if d.direct {
		d.at++
		rest, err := d.shape.raw(d, place, d.rest)
		width, d.rest = len(d.rest)-len(rest), rest
		if d.at+1 == d.rows && err == nil {
			err = d.ended()
		}
		return width, err
	}
	cells, err := page.Next()
	if err != nil {
		return 0, err
	}
	d.at++
	if err := d.shape.row(d, place, cells[:len(d.columns)]); err != nil {
		return 0, err
	}
	for _, cell := range cells[len(d.columns):] {
		if err := d.Beyond(cell); err != nil {
			return 0, err
		}
	}
	for _, cell := range cells {
		width += 4 + len(cell)
	}
	if raw, ok := page.(cql.RawPage); ok {
		if d.rest, d.direct = raw.Rest(); d.direct && d.at+1 == d.rows {
			return width, d.ended()
		}
	}
	return width, nil
}

// ended tells whether the page's last row is its end. What comes behind would be rows that nobody counted.
func (d *untyped) ended() error {
	if len(d.rest) > 0 {
		return fmt.Errorf("the page has %d bytes behind the %d rows that it announced", len(d.rest), d.rows)
	}
	return nil
}

// rawFunc decodes the row that rest begins with into its place, and gives what is behind it.
type rawFunc func(d *untyped, place unsafe.Pointer, rest []byte) ([]byte, error)

// rawStruct is rowStruct.
func rawStruct(d *untyped, place unsafe.Pointer, rest []byte) ([]byte, error) {
	for i := range d.steps {
		cell, behind, err := wire.Cell(rest)
		if err != nil {
			return nil, err
		}
		rest = behind
		s := &d.steps[i]
		if s.decode == nil {
			continue
		}
		if err := s.decode(unsafe.Add(place, s.offset), cell); err != nil {
			return nil, d.cellError(s.slot, err)
		}
	}
	return d.rawBeyond(rest)
}

// rawPointer is rowPointer.
func rawPointer(d *untyped, place unsafe.Pointer, rest []byte) ([]byte, error) {
	p := d.inBlock()
	*(*unsafe.Pointer)(place) = p
	return rawStruct(d, p, rest)
}

// rawCells is for all other rows, which want to see their cells together.
func rawCells(d *untyped, place unsafe.Pointer, rest []byte) (_ []byte, err error) {
	if rest, err = wire.Row(d.cells, rest); err != nil {
		return nil, err
	}
	if err := d.shape.row(d, place, d.cells); err != nil {
		return nil, err
	}
	return d.rawBeyond(rest)
}

// rawBeyond takes the cells of columns that the decoder was not told of.
func (d *untyped) rawBeyond(rest []byte) ([]byte, error) {
	if d.Beyond == nil {
		return rest, nil
	}
	cell, rest, err := wire.Cell(rest)
	if err == nil {
		err = d.Beyond(cell)
	}
	return rest, err
}
