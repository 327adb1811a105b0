package source

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/fields"
	"github.com/rxcql/rxcql/internal/lex"
)

// BindError is a statement whose markers do not fit what is bound to them. It ends a run before anything is sent;
// errors.Is holds for [cql.Invalid].
type BindError struct {
	Statement string
	Marker    string // the name in question; empty if it is none of a single marker
	Err       error
}

// Error names the marker and the statement, with literal strings left out.
func (e *BindError) Error() string {
	marker := ""
	if e.Marker != "" {
		marker = "marker :" + e.Marker + ": "
	}
	return fmt.Sprintf("source: %s%v, in: %s", marker, e.Err, lex.Shown(e.Statement))
}

// Unwrap makes errors.Is and errors.As see the class and the cause.
func (e *BindError) Unwrap() []error { return []error{cql.Invalid, e.Err} }

// BindMap binds values to the statement's named markers, such as :day, in place of all arguments bound before. A name
// may stand in the statement more than once. Names are as CQL has them: in lower case unless they are quoted, as reserved
// words must be. A marker without a value, a value without a marker, and markers without a name end every run with a
// [*BindError].
func (q Select[T]) BindMap(values map[string]any) Select[T] {
	q.bindMap(values)
	return q
}

// BindStruct binds the fields of a struct, or of what a pointer to one points to, to the statement's named markers, in
// place of all arguments bound before. A field's name is what it is when a row is read: its tag `cql:"name"`, else its
// name in snake_case. The fields are read now. The struct may have more fields than the statement has markers. A
// marker without a field, markers without a name, and a nil pointer end every run with a [*BindError].
func (q Select[T]) BindStruct(v any) Select[T] {
	if values, err := fieldValues(v); err != nil {
		q.statement.Args, q.unbound = nil, &BindError{Statement: q.statement.CQL, Err: err}
	} else {
		q.bind(values)
	}
	return q
}

func (q *query) bindMap(values map[string]any) {
	q.bind(values)
	if q.unbound != nil {
		return
	}
	markers := markersOf(q.statement.CQL)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(markers, name) {
			q.unbound = q.bindError(name, "the map has a value for it, but the statement does not"+names("; it has", markers))
			return
		}
	}
}

// bind puts values into the order of the markers.
func (q *query) bind(values map[string]any) {
	q.statement.Args, q.unbound = nil, nil
	markers := markersOf(q.statement.CQL)
	args := make([]any, len(markers))
	for i, name := range markers {
		if name == "" {
			q.unbound = q.bindError("", fmt.Sprintf("marker %d is a ?, for which a name is needed to bind by; write :name", i+1))
			return
		}
		value, ok := values[name]
		if !ok {
			q.unbound = q.bindError(name, "no value is given for it"+names("; there are values for", slices.Sorted(maps.Keys(values))))
			return
		}
		args[i] = value
	}
	q.statement.Args = args
}

func (q *query) bindError(marker, what string) error {
	return &BindError{Statement: q.statement.CQL, Marker: marker, Err: errors.New(what)}
}

// names lists names for an error.
func names(what string, names []string) string {
	if len(names) == 0 {
		return what + " none"
	}
	return what + " :" + strings.Join(names, ", :")
}

// checkArguments tells whether there is one argument for each marker.
func (q *query) checkArguments() error {
	if q.unbound != nil {
		return q.unbound
	}
	if markers := markersOf(q.statement.CQL); len(markers) != len(q.statement.Args) {
		return q.bindError("", fmt.Sprintf("%d arguments are given for %d markers", len(q.statement.Args), len(markers)))
	}
	return nil
}

// fieldValues gives the values of a struct's fields by the columns that they stand for.
func fieldValues(v any) (map[string]any, error) {
	p := reflect.ValueOf(v)
	if p.Kind() == reflect.Pointer && p.IsNil() {
		return nil, fmt.Errorf("BindStruct got a nil %T", v)
	}
	if p.Kind() != reflect.Pointer && p.IsValid() {
		p = reflect.New(p.Type())
		p.Elem().Set(reflect.ValueOf(v))
	}
	if !p.IsValid() || p.Elem().Kind() != reflect.Struct || fields.SingleValue(p.Elem().Type()) {
		return nil, fmt.Errorf("BindStruct wants a struct or a pointer to one, not %T; BindMap binds other values by name", v)
	}
	columns, err := fields.Of(p.Elem().Type())
	if err != nil {
		return nil, err
	}
	values := make(map[string]any, len(columns))
	for _, f := range columns {
		values[f.Column] = reflect.NewAt(f.Type, unsafe.Add(p.UnsafePointer(), f.Offset)).Elem().Interface()
	}
	return values, nil
}
