package cellrow

import (
	"errors"
	"fmt"
	"reflect"
	"unsafe"

	"github.com/rxcql/rxcql/cql"
)

// Row is a row of encoded cells; nil is null.
type Row interface {
	Columns() []cql.Column
	Cell(i int) []byte
}

// Opener opens the items of one file. It belongs to one goroutine.
type Opener[T any] struct {
	columns []cql.Column
	fields  []fieldCell // of a struct
	cells   [][]byte    // of the struct that is open
	item    T           // that is open, for what points to it
	row     Row         // it, if it is a value with columns
}

// New makes an opener of Ts as rows of these columns; nil is all that a struct has, or those of the first row. A struct
// must have a field for each.
func New[T any](columns []cql.Column) (*Opener[T], error) {
	o := &Opener[T]{columns: columns}
	t := reflect.TypeFor[T]()
	if o.row, _ = any(&o.item).(Row); o.row != nil || t.Implements(reflect.TypeFor[Row]()) {
		return o, nil
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%v is neither a struct nor does it bring its columns; one of them is needed", reflect.TypeFor[T]())
	}
	var err error
	o.columns, o.fields, err = fieldsOf(t, columns)
	o.cells = make([][]byte, len(o.fields))
	return o, err
}

// Columns are those of the rows; nil if the first row is to tell and none has come.
func (o *Opener[T]) Columns() []cql.Column { return o.columns }

var errNilItem = errors.New("the item is nil")

// Open opens an item. The row and its cells are valid until the next one.
func (o *Opener[T]) Open(item T) (Row, error) {
	o.item = item
	if o.fields != nil {
		return (*structRow[T])(o), o.openStruct()
	}
	row := o.row
	if row == nil {
		row, _ = any(o.item).(Row)
		if row == nil || reflect.ValueOf(row).Kind() == reflect.Pointer && reflect.ValueOf(row).IsNil() {
			return nil, errNilItem
		}
	}
	return row, o.same(row.Columns())
}

func (o *Opener[T]) openStruct() (err error) {
	p := unsafe.Pointer(&o.item)
	if reflect.TypeFor[T]().Kind() == reflect.Pointer {
		if p = *(*unsafe.Pointer)(p); p == nil {
			return errNilItem
		}
	}
	for i, field := range o.fields {
		if o.cells[i], err = field(p); err != nil {
			return fmt.Errorf("column %q: %w", o.columns[i].Name, err)
		}
	}
	return nil
}

// same checks that a row has the columns that the others have.
func (o *Opener[T]) same(columns []cql.Column) error {
	if o.columns == nil {
		o.columns = columns
	}
	if len(columns) == len(o.columns) && (len(columns) == 0 || &columns[0] == &o.columns[0]) { // rows of one result share them
		return nil
	}
	if len(columns) != len(o.columns) {
		return fmt.Errorf("the row has %d columns, and the file %d; was the table altered?", len(columns), len(o.columns))
	}
	for i, c := range o.columns {
		if columns[i].Name != c.Name || !columns[i].Type.Equal(c.Type) {
			return fmt.Errorf("column %d of the row is %q %v, and of the file %q %v; was the table altered?",
				i, columns[i].Name, columns[i].Type, c.Name, c.Type)
		}
	}
	o.columns = columns // so that the next ones, which share them, are known at once
	return nil
}

// structRow is an opener whose item is a struct.
type structRow[T any] Opener[T]

func (r *structRow[T]) Columns() []cql.Column { return r.columns }
func (r *structRow[T]) Cell(i int) []byte     { return r.cells[i] }
