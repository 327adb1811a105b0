package sink

import "github.com/rxcql/rxcql/cql"

// Format is how items become the bytes of a file or an answer: [JSONL] for example. It is a value that may be used any
// number of times.
type Format[T any] interface {
	// Encoder makes what one file, or one answer, is written with.
	Encoder() Encoder[T]
}

// Encoder writes the items of one file. It is used by one goroutine at a time, and by none after an error.
type Encoder[T any] interface {
	// Header appends what comes before the first item, a line of column names for example, and is called once, before
	// Append. The first item is given as some formats learn its columns from it; it is nil if there are no items. When a
	// file is gone on with, Header is called all the same, and what it appends is dropped.
	Header(dst []byte, first *T) ([]byte, error)
	// Append appends an item. Its error names the column, if it is about one, and shows no values.
	Append(dst []byte, item T) ([]byte, error)
}

// Schematic is an item that brings its columns and has its cells as the server sent them, such as a source.Row: formats
// write it by its columns' CQL types.
type Schematic interface {
	Columns() []cql.Column
	Cell(i int) []byte // nil is null
}
