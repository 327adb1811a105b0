package decode

import (
	"fmt"
	"reflect"
	"strings"
	"unsafe"
)

// The shapes of rows. Each is bound as Decoder.row.

func rowStruct[T any](d *Decoder[T], cells [][]byte) (T, error) {
	// A fresh value, so that nothing of the row before is reused, in a place that outlives the call, so that it is
	// not allocated anew.
	d.value = *new(T)
	err := d.fill(unsafe.Pointer(&d.value), cells)
	return d.value, err
}

// blockRows is how many rows are allocated at once: all of a page, unless that claims more than any should have.
const blockRows = 5000

func rowPointer[T any](d *Decoder[T], cells [][]byte) (T, error) {
	i := d.at % blockRows
	if i == 0 {
		n := max(min(d.rows-d.at, blockRows), 1)
		d.block = reflect.MakeSlice(reflect.SliceOf(d.elem), n, n).UnsafePointer()
	}
	p := unsafe.Add(d.block, uintptr(i)*d.elem.Size())
	err := d.fill(p, cells)
	return *(*T)(unsafe.Pointer(&p)), err
}

func (d *Decoder[T]) fill(row unsafe.Pointer, cells [][]byte) error {
	for i := range d.slots {
		s := &d.slots[i]
		if err := s.decode(unsafe.Add(row, s.offset), cells[s.column]); err != nil {
			return d.cellError(s, err)
		}
	}
	return nil
}

func rowScalar[T any](d *Decoder[T], cells [][]byte) (T, error) {
	d.value = *new(T)
	err := d.fill(unsafe.Pointer(&d.value), cells)
	return d.value, err
}

func rowMap[T any](d *Decoder[T], cells [][]byte) (T, error) {
	row := make(map[string]any, len(cells))
	for i := range d.slots {
		s := &d.slots[i]
		if err := s.decode(unsafe.Pointer(&d.any), cells[i]); err != nil {
			return *new(T), d.cellError(s, err)
		}
		row[d.columns[i].Name] = d.any
	}
	return any(row).(T), nil
}

func rowSlice[T any](d *Decoder[T], cells [][]byte) (T, error) {
	row := make([]any, len(cells))
	for i := range d.slots {
		s := &d.slots[i]
		if err := s.decode(unsafe.Pointer(&row[i]), cells[i]); err != nil {
			return *new(T), d.cellError(s, err)
		}
	}
	return any(row).(T), nil
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
