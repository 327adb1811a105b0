package cqljson

import (
	"errors"
	"fmt"

	"github.com/rxcql/rxcql/cql"
)

// Writer writes rows of some columns as objects.
type Writer struct {
	columns []cql.Column
	keys    [][]byte // what is in front of each value
}

// NewWriter makes a writer of rows of these columns.
func NewWriter(columns []cql.Column) (*Writer, error) {
	w := &Writer{columns: columns, keys: make([][]byte, len(columns))}
	for i, c := range columns {
		begin := ", "
		if i == 0 {
			begin = "{"
		}
		key, err := AppendName([]byte(begin), c.Name)
		if err != nil {
			return nil, fmt.Errorf("the name of column %q: %w", c.Name, err)
		}
		w.keys[i] = append(key, ": "...)
	}
	return w, nil
}

// Append appends a row.
func (w *Writer) Append(dst []byte, row interface{ Cell(i int) []byte }) (_ []byte, err error) {
	if len(w.columns) == 0 {
		return append(dst, "{}"...), nil
	}
	for i := range w.columns {
		c := &w.columns[i]
		if dst, err = Append(append(dst, w.keys[i]...), &c.Type, row.Cell(i)); err != nil {
			return dst, fmt.Errorf("column %q: %v: %w", c.Name, c.Type, err)
		}
	}
	return append(dst, '}'), nil
}

// Reader reads objects as rows of some columns.
type Reader struct {
	columns []cql.Column
	index   map[string]int // of a column by its name
	lenient bool
	ends    [][2]int // where a cell is in the block
	in      reader
}

// NewReader makes a reader of rows of these columns. A lenient one passes over names that are no column's, and takes null
// for columns that are missing.
func NewReader(columns []cql.Column, lenient bool) *Reader {
	r := &Reader{columns: columns, index: make(map[string]int, len(columns)), lenient: lenient, ends: make([][2]int, len(columns))}
	for i, c := range columns {
		r.index[c.Name] = i
	}
	return r
}

var errUnknown = errors.New("there is no such column; a lenient reader passes over it")

// Row reads an object. The cells are the caller's. What is wrong is an [*Error].
func (r *Reader) Row(text []byte) ([][]byte, error) {
	r.in.text, r.in.at = text, 0
	for i := range r.ends {
		r.ends[i] = [2]int{-1, -1}
	}
	block := make([]byte, 0, len(text)) // as most values are shorter than their texts
	err := r.in.each('{', func(key []byte) (err error) {
		start := r.in.at - 1
		name, i := r.column(key)
		if i < 0 {
			if !r.lenient {
				return &Error{Offset: start, Name: name, Err: errUnknown}
			}
			return r.in.skip()
		}
		if r.ends[i][1] >= 0 {
			return &Error{Offset: start, Name: name, Err: errors.New("it comes twice")}
		}
		from, null := len(block), false
		if block, null, err = r.in.value(block, &r.columns[i].Type); err != nil {
			var e *Error
			if errors.As(err, &e) {
				e.Name = r.columns[i].Name
			}
			return err
		}
		r.ends[i] = [2]int{from, len(block)}
		if null {
			r.ends[i][0] = -1
		}
		return nil
	})
	if err == nil {
		err = r.in.end()
	}
	if err != nil {
		return nil, err
	}
	return r.cells(block)
}

// column finds the column that a key stands for.
func (r *Reader) column(key []byte) (name string, index int) {
	i, ok := r.index[string(key)]
	if ok && lower(key) && !quoted(r.columns[i].Name) { // as most are, and it costs no allocation
		return r.columns[i].Name, i
	}
	name = nameOf(string(key))
	if i, ok = r.index[name]; !ok {
		i = -1
	}
	return name, i
}

// lower tells a name that is all small letters of ASCII, digits and the like.
func lower(name []byte) bool {
	for _, c := range name {
		if c >= 'A' && c <= 'Z' || c >= 0x80 {
			return false
		}
	}
	return true
}

func (r *Reader) cells(block []byte) ([][]byte, error) {
	cells := make([][]byte, len(r.columns))
	for i, at := range r.ends {
		switch {
		case at[0] >= 0:
			cells[i] = block[at[0]:at[1]:at[1]]
		case at[1] < 0 && !r.lenient:
			return nil, &Error{Name: r.columns[i].Name, Err: errors.New("it is missing; a lenient reader takes it for null")}
		}
	}
	return cells, nil
}
