package deadletter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/fields"
)

// row is a schema-driven row: source.Row, behind a pointer.
type row interface {
	Columns() []cql.Column
	Cell(i int) []byte
	UnmarshalRow(columns []cql.Column, cells [][]byte) error
}

// isRow leaves out what only embeds a row: it has fields of its own.
func isRow(t reflect.Type) bool { return fields.ImplementsItself(t, reflect.TypeFor[row]()) }

// rowJSON is a schema-driven row. CQL and Shown are for people: the types as in CQL, and the values.
type rowJSON struct {
	Columns json.RawMessage `json:"columns"`
	Cells   []cell          `json:"cells"`
	Shown   json.RawMessage `json:"shown,omitempty"`
}

type columnJSON struct {
	Name string   `json:"name"`
	CQL  string   `json:"cql"`
	Type typeJSON `json:"type"`
}

type typeJSON struct {
	Kind       cql.Kind   `json:"kind"`
	Elems      []typeJSON `json:"elems,omitempty"`
	Fields     []string   `json:"fields,omitempty"`
	Keyspace   string     `json:"keyspace,omitempty"`
	Name       string     `json:"name,omitempty"`
	Dimensions int        `json:"dimensions,omitempty"`
}

// cell is a cell in base64; nil is null, and not what is empty.
type cell []byte

func (c cell) MarshalJSON() ([]byte, error) {
	if c == nil {
		return []byte("null"), nil
	}
	return appendBytes(nil, c), nil
}

func appendRow(dst []byte, r row) ([]byte, error) {
	columns := r.Columns()
	described := make([]columnJSON, len(columns))
	out := rowJSON{Cells: make([]cell, len(columns))}
	for i, c := range columns {
		described[i] = columnJSON{c.Name, c.Type.String(), describe(c.Type)}
		out.Cells[i] = r.Cell(i)
	}
	var err error
	if out.Columns, err = json.Marshal(described); err != nil {
		return dst, err
	}
	if shown, ok := r.(json.Marshaler); ok {
		if text, err := json.Marshal(shown); err == nil { // there are values that JSON has no form for
			out.Shown = text
		}
	}
	text, err := json.Marshal(out)
	return append(dst, text...), err
}

func describe(t cql.Type) typeJSON {
	d := typeJSON{Kind: t.Kind, Fields: t.Fields, Keyspace: t.Keyspace, Name: t.Name, Dimensions: t.Dimensions}
	for _, e := range t.Elems {
		d.Elems = append(d.Elems, describe(e))
	}
	return d
}

// rowReader remembers the columns of the last row: rows of one table have the same slice, as those of a query do.
type rowReader struct {
	text    []byte
	columns []cql.Column
}

func (rr *rowReader) read(text []byte, to row) error {
	var in rowJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	if rr.columns == nil || !bytes.Equal(in.Columns, rr.text) {
		var described []columnJSON
		if err := json.Unmarshal(in.Columns, &described); err != nil {
			return err
		}
		columns := make([]cql.Column, len(described))
		for i, d := range described {
			t, err := typeFrom(d.Type, 0)
			if err != nil {
				return fmt.Errorf("column %q: %w", d.Name, err)
			}
			columns[i] = cql.Column{Name: d.Name, Type: t}
		}
		rr.text, rr.columns = bytes.Clone(in.Columns), columns
	}
	if len(in.Cells) != len(rr.columns) {
		return fmt.Errorf("%d columns and %d cells", len(rr.columns), len(in.Cells))
	}
	cells := make([][]byte, len(in.Cells))
	for i, c := range in.Cells {
		cells[i] = c
	}
	return to.UnmarshalRow(rr.columns, cells)
}

// typeFrom makes sure that a type is one, as others rely on the number of what is inside.
func typeFrom(d typeJSON, depth int) (cql.Type, error) {
	if depth > deepest {
		return cql.Type{}, errDeep
	}
	t := cql.Type{Kind: d.Kind, Fields: d.Fields, Keyspace: d.Keyspace, Name: d.Name, Dimensions: d.Dimensions}
	want := 0
	switch d.Kind {
	case cql.List, cql.Set, cql.Vector:
		want = 1
	case cql.Map:
		want = 2
	case cql.Tuple:
		want = len(d.Elems)
	case cql.UDT:
		want = len(d.Fields)
	default:
		if d.Kind.String() == "" {
			return t, fmt.Errorf("there is no CQL type of kind %d", d.Kind)
		}
	}
	if len(d.Elems) != want || d.Dimensions < 0 {
		return t, errors.New("the type is damaged")
	}
	for _, e := range d.Elems {
		elem, err := typeFrom(e, depth+1)
		if err != nil {
			return t, err
		}
		t.Elems = append(t.Elems, elem)
	}
	return t, nil
}
