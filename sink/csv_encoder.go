package sink

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cellrow"
	"github.com/rxcql/rxcql/internal/cqltext"
)

// csvEncoder writes one file.
type csvEncoder[T any] struct {
	CSVFormat[T]
	special [256]bool // what is in quotes
	items   *cellrow.Opener[T]
}

func (e *csvEncoder[T]) Header(dst []byte, first *T) (_ []byte, err error) {
	if e.items, err = cellrow.New[T](e.columns); err != nil {
		return dst, fmt.Errorf("CSV: %w", err)
	}
	columns := e.items.Columns()
	if columns == nil && first != nil {
		row, err := e.items.Open(*first)
		if err != nil {
			return dst, err
		}
		columns = row.Columns()
	}
	if e.headless || columns == nil {
		return dst, nil
	}
	for i, c := range columns {
		if i > 0 {
			dst = append(dst, e.delimiter)
		}
		at := len(dst)
		dst = e.quoted(append(dst, c.Name...), at)
	}
	return append(dst, e.newline...), nil
}

func (e *csvEncoder[T]) Append(dst []byte, item T) ([]byte, error) {
	row, err := e.items.Open(item)
	if err != nil {
		return dst, err
	}
	for i, c := range e.items.Columns() {
		if i > 0 {
			dst = append(dst, e.delimiter)
		}
		if dst, err = e.cell(dst, c, row.Cell(i)); err != nil {
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
