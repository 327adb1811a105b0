package decode

import (
	"fmt"
	"reflect"
	"strings"
	"unsafe"
)

// shape is a kind of row: how one is decoded that was cut into cells, and one that is as it came.
type shape struct {
	row   rowFunc
	raw   rawFunc
	fresh bool // what is written to the row's place is a new value
}

var (
	asStruct      = shape{row: rowStruct, raw: rawStruct}
	asPointer     = shape{rowPointer, rawPointer, true}
	asMap         = shape{rowMap, rawCells, true}
	asSlice       = shape{rowSlice, rawCells, true}
	itself        = shape{row: rowItself, raw: rawCells}
	asPacked      = shape{rowPacked, rawPacked, true}
	pointerItself = shape{rowPointerItself, rawCells, true}
)

// rowFunc decodes a row into its place, which is zero.
type rowFunc func(d *untyped, place unsafe.Pointer, cells [][]byte) error

// rowStruct is also for a single value, which is as a struct of one field at its start.
func rowStruct(d *untyped, place unsafe.Pointer, cells [][]byte) error {
	for i := range d.slots {
		s := &d.slots[i]
		if err := s.decode(unsafe.Add(place, s.offset), cells[s.column]); err != nil {
			return d.cellError(s, err)
		}
	}
	return nil
}

// blockRows is how many rows are allocated at once: enough that it costs little, and few, as who keeps one keeps all.
const blockRows = 64

func rowPointer(d *untyped, place unsafe.Pointer, cells [][]byte) error {
	p := d.inBlock()
	*(*unsafe.Pointer)(place) = p
	return rowStruct(d, p, cells)
}

// inBlock gives the row that is pointed to its place.
func (d *untyped) inBlock() unsafe.Pointer {
	i := d.at % blockRows
	if i == 0 {
		n := max(min(d.rows-d.at, blockRows), 1)
		d.block = reflect.MakeSlice(reflect.SliceOf(d.elem), n, n).UnsafePointer()
	}
	return unsafe.Add(d.block, uintptr(i)*d.elem.Size())
}

func rowMap(d *untyped, place unsafe.Pointer, cells [][]byte) error {
	row := make(map[string]any, len(cells))
	for i := range d.slots {
		s := &d.slots[i]
		if err := s.decode(unsafe.Pointer(&d.any), cells[i]); err != nil {
			return d.cellError(s, err)
		}
		row[d.columns[i].Name] = d.any
	}
	*(*map[string]any)(place) = row
	return nil
}

func rowSlice(d *untyped, place unsafe.Pointer, cells [][]byte) error {
	row := make([]any, len(cells))
	for i := range d.slots {
		s := &d.slots[i]
		if err := s.decode(unsafe.Pointer(&row[i]), cells[i]); err != nil {
			return d.cellError(s, err)
		}
	}
	*(*[]any)(place) = row
	return nil
}

// scalarError is a result of several columns, or none, for a T that holds one.
type scalarError struct {
	goType  string
	columns []string
}

func (e *scalarError) Error() string {
	return fmt.Sprintf("%s holds one column, and the result has %d (%s); select one, or use a struct with a field for each",
		e.goType, len(e.columns), strings.Join(e.columns, ", "))
}
