package parquet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/parquet-go/parquet-go"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cellrow"
	"github.com/rxcql/rxcql/internal/decode"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/source"
)

// Source is a Parquet file whose rows become values of type T. It is an immutable value: each setter returns a copy, and
// it may be run any number of times. Make one with [Read].
type Source[T any] struct {
	path    string
	columns []cql.Column
	from    int64
}

// Read makes a source of a file. T may be what it may be in a source.Query: source.Row, a struct with its fields by tag
// `cql:"name"`, a map. A file that [Write] made tells its columns and their CQL types. Of another file a struct says by
// its fields which columns are read, as the CQL types that are natural for the fields; for others, and for a T that is no
// struct, say what they are by [Source.Columns].
func Read[T any](path string) Source[T] { return Source[T]{path: path} }

// Columns sets which columns are read, and their CQL types. The file must have each, of a type that goes with it; the
// file's other columns are not read.
func (s Source[T]) Columns(columns []cql.Column) Source[T] {
	s.columns = columns
	return s
}

// From begins behind the first n rows. It panics if n is negative.
func (s Source[T]) From(n int64) Source[T] {
	if n < 0 {
		panic("parquet: From a row before the first")
	}
	s.from = n
	return s
}

// Rows gives the rows.
//
// Ordered. Not concurrent. Buffers 64 rows and a page of each column. On error of reading, or of a row that does not fit
// T: ends with it, after all rows before it; a row that does not fit is named by its number, from 0. On cancel: stops
// before the next row.
func (s Source[T]) Rows() rx.Observable[T] {
	return func(ctx context.Context, yield func(T) bool) error {
		return stage.Observe(ctx, stage.Source, "parquet "+filepath.Base(s.path), s.run, yield)
	}
}

func (s Source[T]) run(ctx context.Context, yield func(T) bool) error {
	if err := rx.Cause(ctx); err != nil {
		return err
	}
	file, err := os.Open(s.path)
	if err != nil {
		return fmt.Errorf("parquet: %w", err)
	}
	defer file.Close()
	r, err := s.open(file)
	if err != nil {
		return fmt.Errorf("parquet: %s: %w", s.path, err)
	}
	defer r.close()
	for at := s.from; ; {
		rows, err := r.next()
		for _, row := range rows {
			if err := rx.Cause(ctx); err != nil {
				return err
			}
			if !yield(row) {
				return nil
			}
			at++
		}
		switch {
		case errors.Is(err, io.EOF):
			return rx.Cause(ctx)
		case err != nil:
			return fmt.Errorf("parquet: %s: row %d: %w", s.path, at, err)
		}
	}
}

// batch is how many rows are read at a time.
const batch = 64

func (s Source[T]) open(f *os.File) (r *reader[T], err error) {
	defer recovered(&err)
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		return nil, err
	}
	columns := s.columns
	if columns == nil {
		if text, ok := file.Lookup(columnsKey); ok {
			if err := json.Unmarshal([]byte(text), &columns); err != nil {
				return nil, fmt.Errorf("what it tells of its columns: %w", err)
			}
		}
	}
	if columns == nil {
		items, err := cellrow.New[T](nil)
		if err != nil || items.Columns() == nil {
			return nil, errors.Join(errors.New("the file does not tell its columns: say by Columns which to read, and as what"), err)
		}
		columns = items.Columns()
	}
	shapes, schema, err := schemaOf(columns)
	if err != nil {
		return nil, err
	}
	for _, c := range schema.Fields() {
		found := file.Root().Column(c.Name())
		if found == nil {
			return nil, fmt.Errorf("there is no column %q", c.Name())
		}
		if err := readable(c, found); err != nil {
			return nil, fmt.Errorf("column %q: %w", c.Name(), err)
		}
	}
	if s.from > file.NumRows() {
		return nil, fmt.Errorf("it has %d rows, fewer than the %d to go on behind; is it another file?", file.NumRows(), s.from)
	}
	c := &reader[T]{columns: columns, shapes: shapes, cells: make([][]byte, len(columns)), file: parquet.NewGenericReader[any](file, schema)}
	if err := c.rows.Page(columns, 0); err != nil {
		return nil, err
	}
	return c, c.file.SeekToRow(s.from)
}

// reader reads the rows of a file.
type reader[T any] struct {
	columns []cql.Column
	shapes  []*shape
	file    *parquet.GenericReader[any]
	buffer  [batch]parquet.Row
	join    assembler
	cells   [][]byte
	rows    decode.Decoder[T]
	out     []T
}

// next gives some rows, and io.EOF with or behind the last ones. They are the consumer's, unlike the slice.
func (r *reader[T]) next() (_ []T, err error) {
	defer recovered(&err)
	n, failed := r.file.ReadRows(r.buffer[:])
	r.out = r.out[:0]
	if err := r.rows.Page(r.columns, n); err != nil {
		return nil, err
	}
	for _, row := range r.buffer[:n] {
		if err := r.join.assembleRow(row, r.shapes, r.columns, r.cells); err != nil {
			return r.out, err
		}
		item, err := r.rows.Row(r.cells)
		var cell *decode.Error
		if errors.As(err, &cell) {
			cell.Row = -1 // it is no page's
			return r.out, (*source.DecodeError)(cell)
		}
		if err != nil {
			return r.out, err
		}
		r.out = append(r.out, item)
	}
	return r.out, failed
}

func (r *reader[T]) close() error { return r.file.Close() }
