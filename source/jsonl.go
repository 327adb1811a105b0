package source

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// Lines is a text of JSON lines whose values become rows of type T. It is an immutable value: each setter returns a copy,
// and it may be run as often as its text can be opened. Make one with [JSONL].
type Lines[T any] struct {
	open    Opener
	columns []cql.Column
	lenient bool
	maxLine int
	on      OnTextError
	from    Position
}

// maxTextLine is how long a line may be: 16 MiB is what Cassandra takes in one write, and a byte of a blob has two digits.
const maxTextLine = 33 << 20

// JSONL reads one JSON value a line (jsonlines.org, NDJSON); lines of white space are passed over. Values become Ts as
// encoding/json has it, so names are those of the fields or of their tags `json:"name"`; tags `cql:"name"`, and names of
// columns in snake_case, do not count here as they do in [CSV]. To read rows in the form of Cassandra's SELECT JSON, by the columns of a table, say which they
// are by [Lines.Columns].
//
// It is strict where encoding/json is not: names that a struct has no field for are errors, and so are names that are
// missing, unless the field's tag says omitempty or omitzero; see [Lines.Lenient].
func JSONL[T any](open Opener) Lines[T] {
	if open == nil {
		panic("source.JSONL: the opener is nil")
	}
	return Lines[T]{open: open, maxLine: maxTextLine}
}

// Columns has each line be an object with the values of these columns, in the form that Cassandra's SELECT JSON gives and
// INSERT JSON takes; T is what it may be in a [Query], such as a struct with its fields by tag `cql:"name"`, or [Row],
// which [sink.JSONL] writes so that it comes back as it was. [cql.Session.Columns] tells a table's columns.
//
// [sink.JSONL]: https://pkg.go.dev/github.com/rxcql/rxcql/sink#JSONL
func (l Lines[T]) Columns(columns []cql.Column) Lines[T] {
	l.columns = columns
	return l
}

// Lenient passes over names that there is no field or column for, and takes the zero value, or null, for what is missing.
func (l Lines[T]) Lenient() Lines[T] {
	l.lenient = true
	return l
}

// MaxLine sets how many bytes a line may have, with its end; the default is 33 MiB. A longer one is a [*TextError] and
// is not held in memory. It panics if n is not positive.
func (l Lines[T]) MaxLine(n int) Lines[T] {
	if n <= 0 {
		panic("source: MaxLine must be positive")
	}
	l.maxLine = n
	return l
}

// OnError has f decide about a line that is no row. Without it, the first one ends the stream.
func (l Lines[T]) OnError(f OnTextError) Lines[T] {
	l.on = f
	return l
}

// From begins at a position, such as the End of the last [Record] that was done with in an earlier run.
func (l Lines[T]) From(p Position) Lines[T] {
	l.from = p
	return l
}

// Rows gives the rows.
//
// Ordered. Not concurrent. Buffers a line and 64 KiB. On error of reading, or a line that is no row: ends with it, after
// all rows before it. On cancel: stops before the next line; a read that waits for more of the text is not interrupted.
func (l Lines[T]) Rows() rx.Observable[T] {
	records := l.Records()
	return func(ctx context.Context, yield func(T) bool) error {
		return records(ctx, func(r Record[T]) bool { return yield(r.Row) })
	}
}

// Records gives the rows with where they stand, else as [Lines.Rows]. A job that must survive its process keeps the End
// of the last record that it has done with, and goes on [Lines.From] there.
func (l Lines[T]) Records() rx.Observable[Record[T]] {
	return watched(stage.Source, func() string { return "JSONL" }, l.run)
}

func (l Lines[T]) run(ctx context.Context, yield func(Record[T]) bool) (err error) {
	if err := rx.Cause(ctx); err != nil {
		return err
	}
	parser, err := l.parser()
	if err != nil {
		return err
	}
	text, name, opened, err := openAt(ctx, l.open, l.from)
	if err != nil {
		return err
	}
	defer opened.Close()
	lines := lineReader{text: text, max: l.maxLine}
	of := statOf(opened)
	for at := l.from; ; {
		if err := rx.Cause(ctx); err != nil {
			return err
		}
		line, size, err := lines.next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return cmp.Or(rx.Cause(ctx), fmt.Errorf("source: %s:%d: %w", name, at.Line+1, err))
		}
		record := Record[T]{Start: at, End: Position{Offset: at.Offset + size, Line: at.Line + 1}}
		if at.Offset == 0 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		at = record.End
		if size <= int64(l.maxLine) && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var wrong *TextError
		if size > int64(l.maxLine) {
			wrong = &TextError{Column: 1, Err: fmt.Errorf("the line has %d bytes, more than the %d that are allowed", size, l.maxLine)}
		} else {
			record.Row, wrong = parser.parse(line)
		}
		if wrong == nil {
			if !yield(record) {
				return nil
			}
			continue
		}
		wrong.File, wrong.Line, wrong.Record, wrong.of = name, at.Line, bytes.Clone(line), of
		if l.on == nil {
			return wrong
		}
		if err := l.on(ctx, wrong); err != nil {
			return err
		}
	}
}
