package sink

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cellrow"
	"github.com/rxcql/rxcql/internal/cqljson"
)

// JSONLines writes one JSON value a line (jsonlines.org, NDJSON). It is an immutable value: each setter returns a copy.
// Make one with [JSONL].
type JSONLines[T any] struct{ columns []cql.Column }

// JSONL makes the format of JSON lines. Items that bring their columns, such as source.Row, and with
// [JSONLines.Columns] structs too, become objects in the form of Cassandra's SELECT JSON, of which INSERT JSON and
// source.JSONL make the same cells, byte by byte, for every CQL type. Where SELECT JSON would lose something it is another
// form that INSERT JSON takes: decimals, NaN and infinities are texts, timestamps before 1583 or after 9999 numbers of
// milliseconds; only a NaN with a payload and numbers with superfluous bytes become what the server has for them.
//
// All other items are written as encoding/json has them: a field SensorID without a tag `json:"name"` is SensorID here, and
// sensor_id with Columns and in [CSV].
func JSONL[T any]() JSONLines[T] { return JSONLines[T]{} }

// Columns has each line be an object with the values of these columns, in this order, in the form of SELECT JSON; read
// them back by source.JSONL with the same Columns. A struct must have a field for each, by tag `cql:"name"` or by name in
// snake_case, of a Go type that goes with the column's, and its other fields are left out; a [Schematic] must have just
// these. [cql.Session.Columns] tells a table's columns.
func (f JSONLines[T]) Columns(columns []cql.Column) JSONLines[T] {
	f.columns = columns
	return f
}

// Encoder makes what one file is written with; see [Format].
func (f JSONLines[T]) Encoder() Encoder[T] {
	if f.columns != nil {
		return &jsonColumns[T]{columns: f.columns}
	}
	e := &jsonEncoder[T]{}
	e.json = json.NewEncoder(&e.line)
	e.json.SetEscapeHTML(false)
	return e
}

// jsonColumns writes rows of columns that are given.
type jsonColumns[T any] struct {
	columns []cql.Column
	items   *cellrow.Opener[T]
	cells   *cqljson.Writer
}

func (e *jsonColumns[T]) Header(dst []byte, _ *T) (_ []byte, err error) {
	if e.items, err = cellrow.New[T](e.columns); err == nil {
		e.cells, err = cqljson.NewWriter(e.columns)
	}
	if err != nil {
		err = fmt.Errorf("JSONL with Columns: %w", err)
	}
	return dst, err
}

func (e *jsonColumns[T]) Append(dst []byte, item T) ([]byte, error) {
	row, err := e.items.Open(item)
	if err != nil {
		return dst, err
	}
	if dst, err = e.cells.Append(dst, row); err != nil {
		return dst, err
	}
	return append(dst, '\n'), nil
}

// jsonEncoder writes items as they come.
type jsonEncoder[T any] struct {
	item T // that is being written
	line bytes.Buffer
	json *json.Encoder

	columns []cql.Column // of the rows that cells writes
	cells   *cqljson.Writer
}

func (*jsonEncoder[T]) Header(dst []byte, _ *T) ([]byte, error) { return dst, nil }

func (e *jsonEncoder[T]) Append(dst []byte, item T) ([]byte, error) {
	e.item = item
	row, ok := any(&e.item).(Schematic) // which unlike the item itself costs no allocation
	if !ok {
		row, ok = any(item).(Schematic)
	}
	if ok {
		return e.row(dst, row)
	}
	e.line.Reset()
	if err := e.json.Encode(item); err != nil {
		return dst, err
	}
	return append(dst, e.line.Bytes()...), nil
}

var errNoColumns = errors.New("the row has no columns")

func (e *jsonEncoder[T]) row(dst []byte, row Schematic) (_ []byte, err error) {
	columns := row.Columns()
	if len(columns) == 0 {
		return dst, errNoColumns
	}
	if len(columns) != len(e.columns) || &columns[0] != &e.columns[0] { // rows of one result share their columns
		if e.cells, err = cqljson.NewWriter(columns); err != nil {
			return dst, err
		}
		e.columns = columns
	}
	if dst, err = e.cells.Append(dst, row); err != nil {
		return dst, err
	}
	return append(dst, '\n'), nil
}
