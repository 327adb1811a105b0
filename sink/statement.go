package sink

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"unsafe"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/fields"
)

// insertStatement is the INSERT for rows of a struct type, and how to take a row's values.
type insertStatement struct {
	cql     string
	fields  []fields.Field
	pointer bool // rows are pointers to the struct
}

var tableName = regexp.MustCompile(`^(?:` + identifier + `\.)?` + identifier + `$`)

// A CQL identifier: plain, or quoted with inner quotes doubled.
const identifier = `(?:[A-Za-z][A-Za-z0-9_]*|"(?:[^"]|"")+")`

func newInsertStatement(table string, t reflect.Type) (*insertStatement, error) {
	if !tableName.MatchString(table) {
		return nil, fmt.Errorf("sink: %q is not the name of a table; write it as in CQL: table, keyspace.table or \"Quoted\"", table)
	}
	s := &insertStatement{}
	if t.Kind() == reflect.Pointer {
		t, s.pointer = t.Elem(), true
	}
	if t.Kind() != reflect.Struct || fields.SingleValue(t) {
		return nil, fmt.Errorf("sink: %v is not a struct, so its columns are not known", t)
	}
	var err error
	if s.fields, err = fields.Of(t); err != nil {
		return nil, fmt.Errorf("sink: %w", err)
	}
	if len(s.fields) == 0 {
		return nil, fmt.Errorf("sink: %v has no field that stands for a column", t)
	}
	columns := make([]string, len(s.fields))
	for i, f := range s.fields {
		// Quoted, a name means itself, also when it is a reserved word.
		columns[i] = `"` + strings.ReplaceAll(f.Column, `"`, `""`) + `"`
	}
	s.cql = "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(columns)-1) + ")"
	return s, nil
}

// args takes the values of the row that p points to; p is a *T, so for rows that are pointers a **struct. A nil is
// left unset: written as null it would be a tombstone.
func (s *insertStatement) args(p unsafe.Pointer) ([]any, error) {
	if s.pointer {
		if p = *(*unsafe.Pointer)(p); p == nil {
			return nil, fmt.Errorf("the row is a nil pointer")
		}
	}
	args := make([]any, len(s.fields))
	for i, f := range s.fields {
		v := reflect.NewAt(f.Type, unsafe.Add(p, f.Offset)).Elem()
		if isNil(v) {
			args[i] = cql.Unset
		} else {
			args[i] = v.Interface()
		}
	}
	return args, nil
}

// isNil tells whether v is nil, or leads to a nil through pointers and interfaces: all that would be written as null.
func isNil(v reflect.Value) bool {
	for {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if v.IsNil() {
				return true
			}
			v = v.Elem()
		case reflect.Slice, reflect.Map:
			return v.IsNil()
		default:
			return false
		}
	}
}
