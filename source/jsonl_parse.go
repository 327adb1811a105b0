package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cqljson"
	"github.com/rxcql/rxcql/internal/decode"
	"github.com/rxcql/rxcql/internal/fields"
)

// lineParser makes a row of a line. Its error lacks the file, the line and the record.
type lineParser[T any] interface {
	parse(line []byte) (T, *TextError)
}

func (l Lines[T]) parser() (lineParser[T], error) {
	t := reflect.TypeFor[T]()
	if l.columns != nil {
		p := &cellsParser[T]{columns: l.columns, cells: cqljson.NewReader(l.columns, l.lenient)}
		p.rows.Lenient = l.lenient
		return p, p.rows.Page(l.columns, 0) // which tells of columns that do not go into a T
	}
	if t == reflect.TypeFor[Row]() || t == reflect.TypeFor[*Row]() {
		return nil, fmt.Errorf("source: JSON lines become a %v only by the columns of a table: say which by Columns", t)
	}
	p := &jsonParser[T]{lenient: l.lenient, hint: "; "}
	if !l.lenient {
		p.required = requiredNames(t)
		if names := slices.Sorted(maps.Keys(p.required)); len(names) > 0 {
			p.hint = fmt.Sprintf(", but %s: names are those of tags `json:\"name\"`, or of the fields; ", quotedNames(names))
		}
	}
	return p, nil
}

// cellsParser reads the JSON of cells.
type cellsParser[T any] struct {
	columns []cql.Column
	cells   *cqljson.Reader
	rows    decode.Decoder[T]
}

func (p *cellsParser[T]) parse(line []byte) (row T, _ *TextError) {
	cells, err := p.cells.Row(line)
	if err == nil {
		if err = p.rows.Page(p.columns, 1); err == nil {
			row, err = p.rows.Row(cells)
		}
	}
	var bad *cqljson.Error
	var cell *decode.Error
	switch {
	case err == nil:
		return row, nil
	case errors.As(err, &bad):
		return row, &TextError{Column: bad.Offset + 1, ColumnName: bad.Name, Err: bad.Err}
	case errors.As(err, &cell):
		cell.Row = -1 // it is no page's
		return row, &TextError{Column: 1, ColumnName: cell.Column, Err: (*DecodeError)(cell)}
	}
	return row, &TextError{Column: 1, Err: err}
}

// jsonParser reads values as encoding/json does.
type jsonParser[T any] struct {
	lenient  bool
	required map[string]bool // the names that must be there
	hint     string          // what there is instead of an unknown name
	text     bytes.Reader
}

func (p *jsonParser[T]) parse(line []byte) (row T, _ *TextError) {
	p.text.Reset(line)
	d := json.NewDecoder(&p.text)
	if !p.lenient {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(&row); err != nil {
		return row, jsonTextError(err, len(line), p.hint)
	}
	if at := d.InputOffset(); len(bytes.TrimSpace(line[at:])) > 0 {
		return row, &TextError{Column: int(at) + 1, Err: errors.New("there is more behind the value")}
	}
	return row, p.missing(line)
}

// missing looks for the names that must be there.
func (p *jsonParser[T]) missing(line []byte) *TextError {
	if len(p.required) == 0 {
		return nil
	}
	for name := range p.required {
		p.required[name] = false
	}
	err := cqljson.Keys(line, func(key []byte) {
		if _, ok := p.required[string(key)]; ok {
			p.required[string(key)] = true
			return
		}
		for name := range p.required { // as encoding/json finds a field in any case
			if strings.EqualFold(name, string(key)) {
				p.required[name] = true
			}
		}
	})
	if err != nil {
		return &TextError{Column: 1, Err: errors.New("it is no object")}
	}
	for name, found := range p.required {
		if !found {
			return &TextError{Column: 1, ColumnName: name, Err: errors.New("it is missing; a lenient reader takes the zero value")}
		}
	}
	return nil
}

// requiredNames are the names under which the fields of a struct are always written.
func requiredNames(t reflect.Type) map[string]bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || fields.ImplementsItself(t, reflect.TypeFor[json.Unmarshaler]()) || fields.SingleValue(t) {
		return nil
	}
	text, err := json.Marshal(reflect.New(t).Interface())
	if err != nil {
		return nil // it is not what encoding/json reads, either, or what is read only
	}
	names := map[string]bool{}
	if cqljson.Keys(text, func(key []byte) { names[string(key)] = false }) != nil {
		return nil
	}
	return names
}

// jsonTextError tells what encoding/json found, without the value.
func jsonTextError(err error, size int, hint string) *TextError {
	var (
		syntax *json.SyntaxError
		kind   *json.UnmarshalTypeError
	)
	switch {
	case errors.As(err, &syntax):
		return &TextError{Column: max(1, int(syntax.Offset)), Err: err}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &TextError{Column: size, Err: errors.New("the value has no end")}
	case errors.As(err, &kind):
		what, _, _ := strings.Cut(kind.Value, " ")
		return &TextError{Column: max(1, int(kind.Offset)), ColumnName: kind.Field, Err: &quiet{fmt.Sprintf("a JSON %s does not fit a Go %v", what, kind.Type), err}}
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return &TextError{Column: 1, Err: errors.New(strings.TrimPrefix(err.Error(), "json: ") + hint + "a lenient reader passes over it")}
	}
	return &TextError{Column: 1, Err: &quiet{fmt.Sprintf("a value is refused by the Go type of its field (%T)", err), err}}
}

// quiet is an error whose own words would show values.
type quiet struct {
	text string
	err  error
}

func (q *quiet) Error() string { return q.text }
func (q *quiet) Unwrap() error { return q.err }
