package sink

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"unsafe"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cqltext"
)

// csvEncoder writes one file.
type csvEncoder[T any] struct {
	CSVFormat[T]
	special [256]bool // what is in quotes

	bound  []cql.Column
	fields []fieldCell // of a struct
	item   T           // that is being written, for what points to it
	row    Schematic   // it, if it is a value with columns
}

func (e *csvEncoder[T]) Header(dst []byte, first *T) ([]byte, error) {
	if first != nil {
		e.item = *first
	}
	if err := e.bind(first != nil); err != nil || e.headless || e.bound == nil {
		return dst, err
	}
	for i, c := range e.bound {
		if i > 0 {
			dst = append(dst, e.delimiter)
		}
		at := len(dst)
		dst = e.quoted(append(dst, c.Name...), at)
	}
	return append(dst, e.newline...), nil
}

// bind finds the columns: those of the type, or of the item if there is one.
func (e *csvEncoder[T]) bind(item bool) (err error) {
	t := reflect.TypeFor[T]()
	switch e.row, _ = any(&e.item).(Schematic); {
	case e.row != nil || t.Implements(reflect.TypeFor[Schematic]()):
		e.bound = e.columns
		if e.bound == nil && item {
			e.bound, err = e.schema()
		}
	case t.Kind() == reflect.Struct:
		e.bound, e.fields, err = csvFields(t, e.columns)
	case t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct:
		e.bound, e.fields, err = csvFields(t.Elem(), e.columns)
	default:
		err = fmt.Errorf("%v is neither a struct nor has it columns; CSV needs one of them", t)
	}
	return err
}

// schema gives the columns of the item.
func (e *csvEncoder[T]) schema() ([]cql.Column, error) {
	if e.row != nil {
		return e.row.Columns(), nil
	}
	row, _ := any(e.item).(Schematic)
	if row == nil || reflect.ValueOf(row).Kind() == reflect.Pointer && reflect.ValueOf(row).IsNil() {
		return nil, errNilItem
	}
	return row.Columns(), nil
}

var errNilItem = errors.New("the item is nil")

func (e *csvEncoder[T]) Append(dst []byte, item T) (_ []byte, err error) {
	e.item = item
	if e.fields != nil {
		return e.appendStruct(dst)
	}
	columns, err := e.schema()
	if err != nil {
		return dst, err
	}
	if err := e.sameColumns(columns); err != nil {
		return dst, err
	}
	row := e.row
	if row == nil {
		row = any(e.item).(Schematic)
	}
	for i, c := range e.bound {
		if i > 0 {
			dst = append(dst, e.delimiter)
		}
		if dst, err = e.cell(dst, c, row.Cell(i)); err != nil {
			return dst, err
		}
	}
	return append(dst, e.newline...), nil
}

// sameColumns checks that a row has the columns that the file has.
func (e *csvEncoder[T]) sameColumns(columns []cql.Column) error {
	if len(columns) == len(e.bound) && (len(columns) == 0 || &columns[0] == &e.bound[0]) {
		return nil
	}
	same := func(a, b cql.Column) bool { return a.Name == b.Name && a.Type.Equal(b.Type) }
	if slices.EqualFunc(columns, e.bound, same) {
		e.bound = columns
		return nil
	}
	return errors.New("the row has other columns, or of other types, than the file; was the table altered?")
}

func (e *csvEncoder[T]) appendStruct(dst []byte) (_ []byte, err error) {
	p := unsafe.Pointer(&e.item)
	if reflect.TypeFor[T]().Kind() == reflect.Pointer {
		if p = *(*unsafe.Pointer)(p); p == nil {
			return dst, errNilItem
		}
	}
	for i := range e.fields {
		if i > 0 {
			dst = append(dst, e.delimiter)
		}
		cell, err := e.fields[i](p)
		if err == nil {
			dst, err = e.cell(dst, e.bound[i], cell)
		} else {
			err = fmt.Errorf("column %q: %w", e.bound[i].Name, err)
		}
		if err != nil {
			return dst, err
		}
	}
	return append(dst, e.newline...), nil
}

// cell appends a value.
func (e *csvEncoder[T]) cell(dst []byte, c cql.Column, cell []byte) ([]byte, error) {
	if cqltext.IsNull(c.Type, cell) {
		return append(dst, e.null...), nil
	}
	at := len(dst)
	dst, err := cqltext.AppendText(dst, c.Type, cell, e.null)
	if err != nil {
		return dst, fmt.Errorf("column %q: %w", c.Name, err)
	}
	return e.quoted(dst, at), nil
}

var byteOrderMark = []byte("\ufeff")

// quoted puts what is behind a place in quotes if it must be: what would end it, and what would be taken for null or for
// the mark that texts may begin with.
func (e *csvEncoder[T]) quoted(dst []byte, at int) []byte {
	text := dst[at:]
	must := string(text) == e.null || bytes.HasPrefix(text, byteOrderMark)
	escapes := 0
	for _, c := range text {
		if e.special[c] {
			must = true
			if c == '"' || c == e.escape {
				escapes++
			}
		}
	}
	if !must {
		return dst
	}
	from := len(dst) - 1
	dst = slices.Grow(dst, escapes+2)[:len(dst)+escapes+2]
	to := len(dst) - 1
	dst[to] = '"'
	for ; from >= at; from-- { // from the end, so that nothing is overwritten that is still needed
		to--
		if dst[to] = dst[from]; dst[to] == '"' || dst[to] == e.escape {
			to--
			dst[to] = e.escape
		}
	}
	dst[at] = '"'
	return dst
}
