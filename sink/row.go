package sink

import (
	"errors"
	"fmt"
	"reflect"
	"unsafe"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/fields"
)

// cellRow is a row whose columns are not known when the program is compiled, such as source.Row.
type cellRow interface {
	Columns() []cql.Column
	Cell(i int) []byte // encoded; nil for null
}

// shape is what rows are made of: the fields of a struct, or columns with encoded cells.
type shape struct {
	fields  []fields.Field
	pointer bool // rows are pointers to the struct
	columns []cql.Column
}

// shapeOf gives the shape of the rows of a struct type, or of pointers to one.
func shapeOf(t reflect.Type) (*shape, error) {
	s := &shape{}
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
	return s, nil
}

func (s *shape) size() int { return max(len(s.fields), len(s.columns)) }

func (s *shape) name(i int) string {
	if s.fields != nil {
		return s.fields[i].Column
	}
	return s.columns[i].Name
}

// index finds a column by name; -1 if there is none.
func (s *shape) index(name string) int {
	for i := range s.size() {
		if s.name(i) == name {
			return i
		}
	}
	return -1
}

// source says what there is for a column, for errors.
func (s *shape) source(i int) string {
	if s.fields != nil {
		return s.fields[i].Type.String()
	}
	return s.columns[i].Type.String()
}

var errCellType = errors.New("cells of a row without a struct are written as they are, so their type must be the column's; " +
	"read them into a struct to have them converted")

// accepts tells why what there is for a column cannot go into one of a type.
func (s *shape) accepts(i int, t cql.Type) error {
	if s.fields != nil {
		return t.Accepts(s.fields[i].Type)
	}
	if !s.columns[i].Type.Equal(t) {
		return errCellType
	}
	return nil
}

// same tells whether a row with these columns has this shape, of cells.
func (s *shape) same(columns []cql.Column) bool {
	if len(columns) != len(s.columns) {
		return false
	}
	if len(columns) == 0 || &columns[0] == &s.columns[0] {
		return true
	}
	for i, c := range columns {
		if c.Name != s.columns[i].Name || !c.Type.Equal(s.columns[i].Type) {
			return false
		}
	}
	return true
}

// values are those of one row.
type values struct {
	shape *shape
	base  unsafe.Pointer // of a struct
	cells cellRow
	args  []any // that a function has made of the row
}

var errNilRow = errors.New("the row is a nil pointer")

// valuesAt opens the row that p points to: a *T, so for rows that are pointers a **struct.
func (s *shape) valuesAt(p unsafe.Pointer) (values, error) {
	if s.pointer {
		if p = *(*unsafe.Pointer)(p); p == nil {
			return values{}, errNilRow
		}
	}
	return values{shape: s, base: p}, nil
}

// get encodes the i-th value. A nil is told apart from what is encoded as null, such as an sql.Null.
func (v *values) get(i int, t *cql.Type) (cell []byte, isNil bool, err error) {
	switch {
	case v.args != nil:
		if v.args[i] == cql.Unset {
			return nil, true, nil
		}
		cell, err = t.Marshal(v.args[i])
		return cell, false, err
	case v.cells != nil:
		cell = v.cells.Cell(i)
		return cell, cell == nil, nil
	}
	f := &v.shape.fields[i]
	value := reflect.NewAt(f.Type, unsafe.Add(v.base, f.Offset)).Elem()
	if leadsToNil(value) {
		return nil, true, nil
	}
	boxed := value.Interface()
	if boxed == cql.Unset {
		return nil, true, nil
	}
	cell, err = t.Marshal(boxed)
	return cell, false, err
}

// leadsToNil tells whether v is nil, or leads to a nil through pointers and interfaces: all that would be written as
// null.
func leadsToNil(v reflect.Value) bool {
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
