package source

import (
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
)

// pageRows makes the rows of one page after the other, for a scan that does not know their type. It belongs to a scanner.
type pageRows interface {
	begin(columns []cql.Column, rows int) error
	add(page cql.Page) (width int, err error) // the page's next row
	page() any                                // the rows since begin; they are the consumer's from then on
}

// decodedRows are values of type T.
type decodedRows[T any] struct {
	decoder decode.Decoder[T]
	rows    []T
}

// newDecodedRows makes them; beyond gets the cell of each row that is no part of T.
func newDecodedRows[T any](lenient bool) rowsFunc {
	return func(beyond func([]byte) error) pageRows {
		r := &decodedRows[T]{decoder: decode.Decoder[T]{Lenient: lenient}}
		r.decoder.Beyond = beyond
		return r
	}
}

// rowsFunc makes the rows of a scanner. beyond gets what each has in the column behind theirs.
type rowsFunc func(beyond func(cell []byte) error) pageRows

func (r *decodedRows[T]) begin(columns []cql.Column, rows int) error {
	r.rows = make([]T, 0, min(rows, largest)) // what a page says of itself is not to be trusted with memory
	return r.decoder.Page(columns, rows)
}

func (r *decodedRows[T]) add(page cql.Page) (int, error) {
	r.rows = append(r.rows, *new(T))
	return r.decoder.Take(page, &r.rows[len(r.rows)-1])
}

func (r *decodedRows[T]) page() any { return r.rows }

// countedRows are for a count, which does not look at them: they have no fields.
var countedRows = newDecodedRows[struct{}](true)
