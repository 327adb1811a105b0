package sink

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cellrow"
	"github.com/rxcql/rxcql/internal/cqltext"
)

// csvEncoder writes one file.
type csvEncoder[T any] struct {
	CSVFormat[T]
	special [256]byte // of what is in quotes, 1
	bare    []bool    // columns whose values have nothing of that in them
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
	e.bare = make([]bool, len(columns))
	for i, c := range columns {
		e.bare[i] = e.isBare(c.Type.Kind)
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
	columns := e.items.Columns()
	for i := range columns {
		if i > 0 {
			dst = append(dst, e.delimiter)
		}
		if dst, err = e.cell(dst, &columns[i], row.Cell(i), e.bare[i]); err != nil {
			return dst, err
		}
	}
	return append(dst, e.newline...), nil
}

// cell appends a value.
func (e *csvEncoder[T]) cell(dst []byte, c *cql.Column, cell []byte, bare bool) ([]byte, error) {
	if cqltext.IsNull(&c.Type, cell) {
		return append(dst, e.null...), nil
	}
	at := len(dst)
	dst, err := cqltext.AppendText(dst, &c.Type, cell, e.null)
	if err != nil {
		return dst, fmt.Errorf("column %q: %w", c.Name, err)
	}
	if bare && string(dst[at:]) != e.null {
		return dst, nil
	}
	return e.quoted(dst, at), nil
}

// bareKinds are those whose texts consist of letters, digits, blanks and what is in bareSigns.
var bareKinds = map[cql.Kind]bool{
	cql.Boolean: true, cql.Tinyint: true, cql.Smallint: true, cql.Int: true, cql.Bigint: true, cql.Counter: true,
	cql.Varint: true, cql.Float: true, cql.Double: true, cql.Timestamp: true, cql.UUID: true, cql.Timeuuid: true,
}

const bareSigns = "+-.: "

// isBare tells a kind whose texts are never in quotes, unless one is as what stands for null.
func (e *csvEncoder[T]) isBare(kind cql.Kind) bool {
	for c, special := range e.special {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if special > 0 && (letter || strings.IndexByte(bareSigns, byte(c)) >= 0) {
			return false
		}
	}
	return bareKinds[kind]
}

var byteOrderMark = []byte("\ufeff")

// quoted puts what is behind a place in quotes if it must be: what would end it, and what would be taken for null or for
// the mark that texts may begin with.
func (e *csvEncoder[T]) quoted(dst []byte, at int) []byte {
	text := dst[at:]
	if !e.hasSpecial(text) && string(text) != e.null && !bytes.HasPrefix(text, byteOrderMark) {
		return dst
	}
	escapes := 0
	for _, c := range text {
		if c == e.quote || c == e.escape {
			escapes++
		}
	}
	from := len(dst) - 1
	dst = slices.Grow(dst, escapes+2)[:len(dst)+escapes+2]
	to := len(dst) - 1
	dst[to] = e.quote
	for ; from >= at; from-- { // from the end, so that nothing is overwritten that is still needed
		to--
		if dst[to] = dst[from]; dst[to] == e.quote || dst[to] == e.escape {
			to--
			dst[to] = e.escape
		}
	}
	dst[at] = e.quote
	return dst
}

// hasSpecial tells whether there is anything in a text for which it must be in quotes. It looks at several bytes at once.
func (e *csvEncoder[T]) hasSpecial(text []byte) bool {
	special := &e.special
	for ; len(text) >= 8; text = text[8:] {
		if special[text[0]]|special[text[1]]|special[text[2]]|special[text[3]]|
			special[text[4]]|special[text[5]]|special[text[6]]|special[text[7]] > 0 {
			return true
		}
	}
	for _, c := range text {
		if special[c] > 0 {
			return true
		}
	}
	return false
}
