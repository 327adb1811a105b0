package cellrow

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"
	"unsafe"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cqltext"
	"github.com/rxcql/rxcql/internal/fields"
)

// fieldCell gives the cell of a field of the struct that p points to; nil for null. It is valid until the next call.
type fieldCell func(p unsafe.Pointer) ([]byte, error)

// fieldsOf finds the fields for columns, or, if there are none given, the columns for the fields.
func fieldsOf(t reflect.Type, columns []cql.Column) ([]cql.Column, []fieldCell, error) {
	list, err := fields.Of(t)
	if err != nil {
		return nil, nil, err
	}
	if columns == nil {
		for _, f := range list {
			ct, err := cqltext.TypeOf(f.Type)
			if err != nil {
				return nil, nil, fmt.Errorf("column %q (field %s): %w", f.Column, f.Name, err)
			}
			columns = append(columns, cql.Column{Name: f.Column, Type: ct})
		}
	}
	bound := make([]fieldCell, len(columns))
	for i, c := range columns {
		at := slices.IndexFunc(list, func(f fields.Field) bool { return f.Column == c.Name })
		if at < 0 {
			return nil, nil, fmt.Errorf("column %q: %v has no field for it", c.Name, t)
		}
		bound[i] = cellOf(c.Type, list[at].Type, list[at].Offset)
	}
	if len(bound) == 0 {
		return nil, nil, fmt.Errorf("%v has no field for a column", t)
	}
	return columns, bound, nil
}

// cellOf finds how a field becomes a cell: the usual types without an allocation.
func cellOf(ct cql.Type, t reflect.Type, offset uintptr) fieldCell {
	var room [8]byte
	scratch := room[:]
	switch {
	case t.Kind() == reflect.String && cqltext.IsText(&ct) && plain(t):
		return func(p unsafe.Pointer) ([]byte, error) {
			if s := *(*string)(unsafe.Add(p, offset)); s != "" {
				return unsafe.Slice(unsafe.StringData(s), len(s)), nil
			}
			return scratch[:0], nil
		}
	case t == reflect.TypeFor[time.Time]() && ct.Kind == cql.Timestamp:
		return func(p unsafe.Pointer) ([]byte, error) {
			at := *(*time.Time)(unsafe.Add(p, offset))
			ms := at.UnixMilli()
			if time.UnixMilli(ms).Unix() != at.Unix() {
				return ct.Marshal(at) // which says what is wrong
			}
			binary.BigEndian.PutUint64(scratch, uint64(ms))
			return scratch, nil
		}
	case !plain(t):
	case (t.Kind() == reflect.Int64 || t.Kind() == reflect.Int) && ct.Kind == cql.Bigint && t.Size() == 8:
		return func(p unsafe.Pointer) ([]byte, error) {
			binary.BigEndian.PutUint64(scratch, *(*uint64)(unsafe.Add(p, offset)))
			return scratch, nil
		}
	case t.Kind() == reflect.Int && ct.Kind == cql.Int && t.Size() == 8:
		return func(p unsafe.Pointer) ([]byte, error) {
			n := *(*int)(unsafe.Add(p, offset))
			if n != int(int32(n)) {
				return ct.Marshal(n)
			}
			binary.BigEndian.PutUint32(scratch, uint32(n))
			return scratch[:4], nil
		}
	case t.Kind() == reflect.Int32 && ct.Kind == cql.Int:
		return func(p unsafe.Pointer) ([]byte, error) {
			binary.BigEndian.PutUint32(scratch, *(*uint32)(unsafe.Add(p, offset)))
			return scratch[:4], nil
		}
	case t.Kind() == reflect.Float64 && ct.Kind == cql.Double:
		return func(p unsafe.Pointer) ([]byte, error) {
			binary.BigEndian.PutUint64(scratch, math.Float64bits(*(*float64)(unsafe.Add(p, offset))))
			return scratch, nil
		}
	case t.Kind() == reflect.Bool && ct.Kind == cql.Boolean:
		return func(p unsafe.Pointer) ([]byte, error) {
			scratch[0] = *(*byte)(unsafe.Add(p, offset))
			return scratch[:1], nil
		}
	}
	return func(p unsafe.Pointer) ([]byte, error) {
		return ct.Marshal(reflect.NewAt(t, unsafe.Add(p, offset)).Elem().Interface())
	}
}

// plain tells a type without methods, of which one may make it a CQL value of its own.
func plain(t reflect.Type) bool { return t.NumMethod() == 0 && reflect.PointerTo(t).NumMethod() == 0 }
