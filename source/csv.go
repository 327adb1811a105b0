package source

import (
	"context"
	"fmt"
	"maps"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cqltext"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// CSVText is a text of comma-separated values that become rows of type T. It is an immutable value: each setter returns a
// copy, and it may be run as often as its text can be opened. Make one with [CSV].
type CSVText[T any] struct {
	open      Opener
	columns   []cql.Column
	headless  bool
	lenient   bool
	rename    map[string]string
	null      string
	delimiter byte
	quote     byte
	escape    byte // 0: a quote
	maxLine   int
	on        OnTextError
	from      Position
}

// maxCSV is how long a record may be: 16 MiB is what Cassandra takes in one write, and a byte of a blob has two digits.
const maxCSV = 33 << 20

// CSV reads comma-separated values as RFC 4180 has them. The first record names the columns; T is what it may be in a
// [Query], such as a struct with a field for each, or [Row].
//
//	readings := source.CSV[Reading](source.File("readings.csv")).Rows()
//
// Values are what package sink and cqlsh's COPY write for CQL values: see [sink.CSV]. Those of a struct's fields are of
// the CQL types that are natural for the fields, as it has them; a time.Duration is a duration, such as 1m30s. For other
// types, and for a Row, say what they are by [CSVText.Columns].
//
// An empty field is null, and "" in quotes is an empty text. Where the type has no empty value, both are null.
//
// [sink.CSV]: https://pkg.go.dev/github.com/rxcql/rxcql/sink#CSV
func CSV[T any](open Opener) CSVText[T] {
	if open == nil {
		panic("source.CSV: the opener is nil")
	}
	return CSVText[T]{open: open, delimiter: ',', quote: '"', maxLine: maxCSV}
}

// Columns sets which columns there may be, and their types; [cql.Session.Columns] tells a table's. The first record says
// in which order they are; without such, they are in this order.
func (c CSVText[T]) Columns(columns []cql.Column) CSVText[T] {
	c.columns = columns
	return c
}

// NoHeader reads a text whose first record is a row: columns are in the order that Columns gives, or that of the fields
// of T.
func (c CSVText[T]) NoHeader() CSVText[T] {
	c.headless = true
	return c
}

// Rename reads columns under other names than the header gives them: {"Order ID": "number"} for a column number. It panics
// if two columns get one name. A name that the header does not have is an error, unless the reading is lenient.
func (c CSVText[T]) Rename(columns map[string]string) CSVText[T] {
	taken := make(map[string]bool)
	for _, to := range columns {
		if taken[to] {
			panic(fmt.Sprintf("source: Rename of two columns to %q", to))
		}
		taken[to] = true
	}
	c.rename = maps.Clone(columns)
	return c
}

// Lenient passes over columns that nobody asked for, and takes null, or the zero of a struct's field, for those that are
// missing. Without it both are errors, and so is a text without anything in it, which lacks its header.
func (c CSVText[T]) Lenient() CSVText[T] {
	c.lenient = true
	return c
}

// Null sets what stands for null, where it is not in quotes; the default is nothing.
func (c CSVText[T]) Null(marker string) CSVText[T] {
	c.null = marker
	return c
}

// Delimiter sets what stands between values; the default is a comma. It panics if that is the end of a line, or no ASCII.
func (c CSVText[T]) Delimiter(d byte) CSVText[T] {
	checkCSVByte("Delimiter", d)
	c.delimiter = d
	return c
}

// Quote sets what values are in that have a delimiter, a quote or the end of a line; the default is ". It panics as
// Delimiter does.
func (c CSVText[T]) Quote(q byte) CSVText[T] {
	checkCSVByte("Quote", q)
	c.quote = q
	return c
}

// Escape sets what makes the next character one of the value, whatever it is; the default is a quote in front of a quote,
// as RFC 4180 has it. A file that cqlsh wrote without being told anything is read with a backslash. It panics as
// Delimiter does.
func (c CSVText[T]) Escape(e byte) CSVText[T] {
	checkCSVByte("Escape", e)
	c.escape = e
	return c
}

func checkCSVByte(setter string, c byte) {
	if err := cqltext.CheckMark(c); err != nil {
		panic("source: " + setter + ": " + err.Error())
	}
}

// MaxLine sets how many bytes a record may have, with all its lines; the default is 33 MiB. A longer one is a
// [*TextError] and is not held in memory. It panics if n is not positive.
func (c CSVText[T]) MaxLine(n int) CSVText[T] {
	if n <= 0 {
		panic("source: MaxLine must be positive")
	}
	c.maxLine = n
	return c
}

// OnError has f decide about a record that is no row. Without it, the first one ends the stream. What is
// no record ends with the line of its fault, and what follows is read anew; of a quote that is not closed, or only by one
// in another line that is in the midst of a field, that is the line of the quote. A header that cannot be read ends the stream in each case.
func (c CSVText[T]) OnError(f OnTextError) CSVText[T] {
	c.on = f
	return c
}

// From begins at a position, such as the End of the last [Record] that was done with in an earlier run. The header is
// read at the start of the text all the same.
func (c CSVText[T]) From(p Position) CSVText[T] {
	c.from = p
	return c
}

// Rows gives the rows.
//
// Ordered. Not concurrent. Buffers a record and 64 KiB. On error of reading, or a record that is no row: ends with it,
// after all rows before it. On cancel: stops before the next record; a read that waits for more of the text is not
// interrupted.
func (c CSVText[T]) Rows() rx.Observable[T] {
	records := c.Records()
	return func(ctx context.Context, yield func(T) bool) error {
		return records(ctx, func(r Record[T]) bool { return yield(r.Row) })
	}
}

// Records gives the rows with where they stand, else as [CSVText.Rows]. A job that must survive its process keeps the End
// of the last record that it has done with, and goes on [CSVText.From] there.
func (c CSVText[T]) Records() rx.Observable[Record[T]] {
	if c.escape == 0 {
		c.escape = c.quote
	}
	if c.delimiter == c.quote || c.delimiter == c.escape {
		panic("source: the delimiter of a CSV cannot be its quote or escape")
	}
	if c.headless && len(c.rename) > 0 {
		panic("source: Rename of a CSV without a header; name its columns by Columns")
	}
	return watched(stage.Source, func() string { return "CSV" }, c.run)
}
