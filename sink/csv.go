package sink

import (
	"strings"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cqltext"
)

// CSVFormat writes comma-separated values as RFC 4180 has them. It is an immutable value: each setter returns a copy.
// Make one with [CSV].
type CSVFormat[T any] struct {
	columns   []cql.Column
	headless  bool
	null      string
	delimiter byte
	quote     byte
	escape    byte // of quotes inside of quotes; 0: a quote
	newline   string
}

// CSV makes the format of comma-separated values. T is a struct or a pointer to one, each field of which is a column, by
// tag `cql:"name"` or by its name in snake_case; or a [Schematic], such as a source.Row, which brings its columns.
//
//	report, err := sink.File("/backup/readings.csv.gz", sink.CSV[Reading]()).Write(ctx, readings)
//
// The values are texts as cqlsh's COPY has them, in which no CQL value loses anything: True, 0x00ff,
// 2006-01-02 15:04:05.000+0000, 1mo3d, [1, 2], {'a': 1}, (1, 'a'). A field of a struct is written as the CQL type that
// holds all its values, a time.Duration as a duration; [CSVFormat.Columns] gives other types.
//
// Null is an empty field, and an empty text is "", in quotes, as PostgreSQL has it and package source reads it; see
// [CSVFormat.Null]. The first line names the columns. Lines end in LF. In quotes is only what has to be.
//
// To read a file with cqlsh, have that take quotes as RFC 4180 does: COPY … FROM … WITH HEADER = true AND ESCAPE = '"'.
// It takes an empty text for null, unless something else stands for null.
func CSV[T any]() CSVFormat[T] {
	return CSVFormat[T]{delimiter: ',', quote: '"', newline: "\n"}
}

// Columns sets what is written, in this order, and the types. A struct must have a field for each, of a Go type that goes
// with the column's, and its other fields are left out; a [Schematic] must have just these. With it the first line is
// there even if no item comes.
func (f CSVFormat[T]) Columns(columns []cql.Column) CSVFormat[T] {
	f.columns = columns
	return f
}

// NoHeader leaves the line out that names the columns.
func (f CSVFormat[T]) NoHeader() CSVFormat[T] {
	f.headless = true
	return f
}

// Null sets what stands for null, also inside of tuples and user-defined types; the default is nothing. Values that look
// like it are in quotes. It panics if the marker has line ends.
func (f CSVFormat[T]) Null(marker string) CSVFormat[T] {
	if strings.ContainsAny(marker, "\r\n") {
		panic("sink: a marker of null with line ends")
	}
	f.null = marker
	return f
}

// Delimiter sets what stands between values; the default is a comma. It panics if that is the end of a line, or no ASCII.
func (f CSVFormat[T]) Delimiter(c byte) CSVFormat[T] {
	checkCSVByte("Delimiter", c)
	f.delimiter = c
	return f
}

// Quote sets what values are put in that have a delimiter, a quote or the end of a line; the default is ". It panics as
// Delimiter does.
func (f CSVFormat[T]) Quote(c byte) CSVFormat[T] {
	checkCSVByte("Quote", c)
	f.quote = c
	return f
}

// Escape sets what makes a quote inside of quotes one of the value, and itself too; the default is a quote, as RFC 4180
// has it. With a backslash cqlsh reads what is written without being told anything. It panics as Delimiter does.
func (f CSVFormat[T]) Escape(c byte) CSVFormat[T] {
	checkCSVByte("Escape", c)
	f.escape = c
	return f
}

func checkCSVByte(setter string, c byte) {
	if err := cqltext.CheckMark(c); err != nil {
		panic("sink: " + setter + ": " + err.Error())
	}
}

// CRLF has lines end in CR and LF, as RFC 4180 has it for what goes over the network.
func (f CSVFormat[T]) CRLF() CSVFormat[T] {
	f.newline = "\r\n"
	return f
}

// Encoder makes what one file is written with; see [Format]. It panics if the delimiter is the quote or the escape, or the
// marker of null has one of them.
func (f CSVFormat[T]) Encoder() Encoder[T] {
	if f.escape == 0 {
		f.escape = f.quote
	}
	marks := []byte{f.delimiter, f.escape, f.quote}
	if f.delimiter == f.quote || f.delimiter == f.escape || strings.ContainsAny(f.null, string(marks)) {
		panic("sink: the delimiter, the quote or escape, and the marker of null of a CSV must not have anything in common")
	}
	e := &csvEncoder[T]{CSVFormat: f}
	for _, c := range append(marks, '\r', '\n') {
		e.special[c] = 1
	}
	return e
}
