package parquet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/parquet-go/parquet-go"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/files"
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

// Write makes a sink that writes a file. T is a row that brings its columns, such as source.Row, which are written as
// the package comment says; or a struct, whose fields are written as parquet-go has them, by their tags
// `parquet:"name"`.
//
// Nobody ever sees half a file: it is written under a temporary name in the same folder, and when the stream has completed
// and all is on disk it gets its own. If the stream or the writing fails, or ctx ends, it goes.
func Write[T any](path string) Sink[T] {
	return Sink[T]{path: path, mode: files.Private, group: defaultGroup}
}

// Columns sets the columns of rows; without them the first row tells, and an empty stream of rows is an error.
func (s Sink[T]) Columns(columns []cql.Column) Sink[T] {
	s.columns = columns
	return s
}

// Mode sets the permissions of the file; the default is 0600, for its owner only.
func (s Sink[T]) Mode(mode fs.FileMode) Sink[T] {
	s.mode = mode
	return s
}

// RowGroup sets how many bytes of cells, of structs how many rows, make a row group, which is what the sink holds in
// memory at most, compressed; the default is 64 MiB, or 1,000,000 structs. It panics if n is not positive.
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
func (s Sink[T]) Write(ctx context.Context, src rx.Observable[T]) (sink.TextReport, error) {
	draft, err := files.Create(s.path, s.mode)
	if err != nil {
		return sink.TextReport{}, fmt.Errorf("parquet: %w", err)
	}
	defer draft.Abort() // also when src panics
	to := &counter{w: draft}
	w := s.writer(to)
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

// writer writes the rows of one file.
type writer[T any] interface {
	write(row T) error
	close() error
}

func (s Sink[T]) writer(to *counter) writer[T] {
	options := append([]parquet.WriterOption{parquet.Compression(&parquet.Zstd)}, s.options...)
	var row T
	_, value := any(&row).(sink.Schematic)
	_, pointer := any(row).(sink.Schematic)
	if value || pointer || s.columns != nil {
		return &rowWriter[T]{to: to, columns: s.columns, group: s.group, options: options}
	}
	most := s.group
	if most == defaultGroup {
		most = 1_000_000
	}
	return &structWriter[T]{to: to, options: append(options, parquet.MaxRowsPerRowGroup(most))}
}

// structWriter has parquet-go write structs.
type structWriter[T any] struct {
	to      *counter
	options []parquet.WriterOption
	file    *parquet.GenericWriter[T]
	one     [1]T
}

func (w *structWriter[T]) write(row T) error {
	if err := w.open(); err != nil {
		return err
	}
	w.one[0] = row
	_, err := w.file.Write(w.one[:])
	return err
}

func (w *structWriter[T]) open() (err error) {
	if w.file == nil {
		defer recovered(&err)
		w.file = parquet.NewGenericWriter[T](w.to, w.options...)
	}
	return nil
}

func (w *structWriter[T]) close() error {
	if err := w.open(); err != nil {
		return err
	}
	return w.file.Close()
}

// recovered makes an error of what parquet-go panics with, at a type or a file that it cannot deal with.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("parquet-go panics: %v", r)
	}
}

// rowWriter writes rows by their columns.
type rowWriter[T any] struct {
	to      *counter
	columns []cql.Column
	group   int64
	options []parquet.WriterOption

	shapes []*shape
	rows   shredder
	file   *parquet.GenericWriter[any]
	size   int64 // of the row group
	row    T     // that is being written
}

// columnsKey is where a file tells its columns.
const columnsKey = "rxcql.columns"

func (w *rowWriter[T]) open() (err error) {
	if w.file != nil {
		return nil
	}
	defer recovered(&err)
	var schema *parquet.Schema
	if w.shapes, schema, err = schemaOf(w.columns); err != nil {
		return err
	}
	text, err := json.Marshal(w.columns)
	if err != nil {
		return err
	}
	last := w.shapes[len(w.shapes)-1]
	w.rows.columns = make([][]parquet.Value, last.first+last.leaves)
	w.file = parquet.NewGenericWriter[any](w.to, append(w.options, schema, parquet.KeyValueMetadata(columnsKey, string(text)))...)
	return nil
}

func (w *rowWriter[T]) write(item T) error {
	w.row = item
	row, ok := any(&w.row).(sink.Schematic)
	if !ok {
		if row, ok = any(item).(sink.Schematic); !ok {
			return fmt.Errorf("a %T does not bring its columns; leave Columns out to have its fields written", item)
		}
	}
	columns := row.Columns()
	if w.columns == nil {
		w.columns = columns
	}
	if err := w.same(columns); err != nil {
		return err
	}
	if err := w.open(); err != nil {
		return err
	}
	values, err := w.rows.shredRow(w.shapes, w.columns, row.Cell)
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

// same checks that a row has the columns of the file.
func (w *rowWriter[T]) same(columns []cql.Column) error {
	if len(columns) != len(w.columns) {
		return fmt.Errorf("the row has %d columns, and the file %d", len(columns), len(w.columns))
	}
	if len(columns) == 0 || &columns[0] == &w.columns[0] { // rows of one result share them
		return nil
	}
	for i, c := range w.columns {
		if columns[i].Name != c.Name || !columns[i].Type.Equal(c.Type) {
			return fmt.Errorf("column %d of the row is %q %v, and of the file %q %v", i, columns[i].Name, columns[i].Type, c.Name, c.Type)
		}
	}
	return nil
}

func (w *rowWriter[T]) close() error {
	if err := w.open(); err != nil {
		return fmt.Errorf("%w; say by Columns which there are, for streams that may be empty", err)
	}
	return w.file.Close()
}
