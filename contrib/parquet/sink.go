package parquet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/parquet-go/parquet-go"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cellrow"
	"github.com/rxcql/rxcql/internal/files"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
)

// Sink writes rows to a Parquet file. It is an immutable value: each setter returns a copy. Make one with [Write].
type Sink[T any] struct {
	path    string
	columns []cql.Column
	mode    fs.FileMode
	group   int64
	options []parquet.WriterOption
}

// defaultGroup is the size of a row group before it is compressed; what is recommended is 128 MiB to 1 GiB on disk, for
// storage that is far away, and it is held in memory, compressed, until it is full.
const defaultGroup = 64 << 20

// Write makes a sink that writes a file. T is what it is for sink.CSV: a struct or a pointer to one, each field of which is
// a column, by tag `cql:"name"` or by its name in snake_case, of the CQL type that holds all its values; or a row that
// brings its columns, such as source.Row. Tags `parquet:"name"` mean nothing here. What CQL has no type for is an error
// that names the field, before anything is written.
//
// Nobody ever sees half a file: it is written under a temporary name in the same folder, and when the stream has completed
// and all is on disk it gets its own. If the stream or the writing fails, or ctx ends, it goes.
func Write[T any](path string) Sink[T] {
	return Sink[T]{path: path, mode: files.Private, group: defaultGroup}
}

// Columns sets what is written, in this order, and the types. A struct must have a field for each, of a Go type that goes
// with the column's, and its other fields are left out; a row must have just these. Without it the first row tells, where
// rows bring their columns, and an empty stream of such rows is an error.
func (s Sink[T]) Columns(columns []cql.Column) Sink[T] {
	s.columns = columns
	return s
}

// Mode sets the permissions of the file; the default is 0600, for its owner only.
func (s Sink[T]) Mode(mode fs.FileMode) Sink[T] {
	s.mode = mode
	return s
}

// RowGroup sets how many bytes of cells make a row group, which is what the sink holds in memory at most, compressed; the
// default is 64 MiB. It panics if n is not positive.
func (s Sink[T]) RowGroup(n int64) Sink[T] {
	if n <= 0 {
		panic("parquet: RowGroup must be positive")
	}
	s.group = n
	return s
}

// Options adds options of parquet-go, such as other compression than by zstd.
func (s Sink[T]) Options(options ...parquet.WriterOption) Sink[T] {
	s.options = options
	return s
}

// Sink gives it as an rx.Sink, for those who need no report.
func (s Sink[T]) Sink() rx.Sink[T] {
	return func(ctx context.Context, src rx.Observable[T]) error {
		_, err := s.Write(ctx, src)
		return err
	}
}

// Write runs src and writes its rows, in order, on the caller's goroutine. A row that cannot be written stops the stream.
// Bytes in the report are those of the file.
func (s Sink[T]) Write(ctx context.Context, src rx.Observable[T]) (report sink.TextReport, err error) {
	name := "parquet " + filepath.Base(s.path)
	err = stage.Consume(ctx, name, src, func(ctx context.Context, src func(context.Context, func(T) bool) error) error {
		report, err = s.write(ctx, src)
		return err
	})
	return report, err
}

func (s Sink[T]) write(ctx context.Context, src rx.Observable[T]) (sink.TextReport, error) {
	items, err := cellrow.New[T](s.columns)
	if err != nil {
		return sink.TextReport{}, fmt.Errorf("parquet: %w", err)
	}
	draft, err := files.Create(s.path, s.mode)
	if err != nil {
		return sink.TextReport{}, fmt.Errorf("parquet: %w", err)
	}
	defer draft.Abort() // also when src panics
	to := &counter{w: draft}
	w := &writer[T]{Sink: s, to: to, items: items}
	var rows int64
	var failed error
	err = src(ctx, func(row T) bool {
		if failed = w.write(row); failed != nil {
			failed = fmt.Errorf("parquet: row %d of the stream: %w", rows, failed)
			return false
		}
		rows++
		return true
	})
	if err == nil && failed == nil {
		if failed = w.close(); failed == nil {
			failed = draft.Commit()
		}
		if failed != nil {
			failed = fmt.Errorf("parquet: %w", failed)
		}
	}
	return sink.TextReport{Rows: rows, Bytes: to.n}, errors.Join(err, failed)
}

type counter struct {
	w interface{ Write([]byte) (int, error) }
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// recovered makes an error of what parquet-go panics with, at a type or a file that it cannot deal with.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("parquet-go panics: %v", r)
	}
}

// writer writes the rows of one file.
type writer[T any] struct {
	Sink[T]
	to     *counter
	items  *cellrow.Opener[T]
	shapes []*shape
	rows   shredder
	file   *parquet.GenericWriter[any]
	size   int64 // of the row group
}

// columnsKey is where a file tells its columns.
const columnsKey = "rxcql.columns"

// begin writes what comes first, once it is known which columns there are.
func (w *writer[T]) begin() (err error) {
	if w.file != nil {
		return nil
	}
	defer recovered(&err)
	columns := w.items.Columns()
	var schema *parquet.Schema
	if w.shapes, schema, err = schemaOf(columns); err != nil {
		return err
	}
	text, err := json.Marshal(columns)
	if err != nil {
		return err
	}
	last := w.shapes[len(w.shapes)-1]
	w.rows.columns = make([][]parquet.Value, last.first+last.leaves)
	options := append([]parquet.WriterOption{parquet.Compression(&parquet.Zstd)}, w.options...)
	w.file = parquet.NewGenericWriter[any](w.to, append(options, schema, parquet.KeyValueMetadata(columnsKey, string(text)))...)
	return nil
}

func (w *writer[T]) write(item T) error {
	row, err := w.items.Open(item)
	if err != nil {
		return err
	}
	if err := w.begin(); err != nil {
		return err
	}
	columns := w.items.Columns()
	values, err := w.rows.shredRow(w.shapes, columns, row.Cell)
	if err != nil {
		return err
	}
	if _, err := w.file.WriteRows([]parquet.Row{values}); err != nil {
		return err
	}
	for i := range columns {
		w.size += int64(len(row.Cell(i))) + 1
	}
	if w.size >= w.group {
		w.size = 0
		return w.file.Flush()
	}
	return nil
}

func (w *writer[T]) close() error {
	if w.items.Columns() == nil {
		return errors.New("no row came to tell the columns; say by Columns which there are, for streams that may be empty")
	}
	if err := w.begin(); err != nil {
		return err
	}
	return w.file.Close()
}
