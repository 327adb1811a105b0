package source

import (
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
)

// pageRows makes the rows of one page after the other, for a scan that does not know their type. It belongs to a scanner.
type pageRows interface {
	begin(columns []cql.Column, rows int) error
	add(cells [][]byte) error
	page() any // the rows since begin; they are the consumer's from then on
}

// decodedRows are values of type T.
type decodedRows[T any] struct {
	decoder decode.Decoder[T]
	rows    []T
}

func newDecodedRows[T any](lenient bool) func() pageRows {
	return func() pageRows { return &decodedRows[T]{decoder: decode.Decoder[T]{Lenient: lenient}} }
}

func (r *decodedRows[T]) begin(columns []cql.Column, rows int) error {
	r.rows = make([]T, 0, min(rows, largest)) // what a page says of itself is not to be trusted with memory
	return r.decoder.Page(columns, rows)
}

func (r *decodedRows[T]) add(cells [][]byte) error {
	r.rows = append(r.rows, *new(T))
	return r.decoder.Into(&r.rows[len(r.rows)-1], cells)
}

func (r *decodedRows[T]) page() any { return r.rows }

// noRows is for a count, which does not look at them.
type noRows struct{}

func countedRows() pageRows { return noRows{} }

func (noRows) begin([]cql.Column, int) error { return nil }
func (noRows) add([][]byte) error            { return nil }
func (noRows) page() any                     { return nil }
