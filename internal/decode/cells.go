package decode

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"time"
	"unsafe"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql"
)

// cellFunc writes the value of a cell, nil for null, to the place that p points to.
type cellFunc func(p unsafe.Pointer, cell []byte) error

// cellDecoder finds the function for a CQL type and a Go type.
func cellDecoder(ct cql.Type, t reflect.Type) cellFunc {
	if f := direct(ct.Kind, t); f != nil {
		return f
	}
	if t == reflect.TypeFor[time.Time]() && ct.Kind == cql.Timestamp {
		return timestamp
	}
	if t.Kind() == reflect.Pointer && !cql.SingleValue(t) {
		return pointer(ct, t.Elem())
	}
	if t == reflect.TypeFor[any]() {
		return func(p unsafe.Pointer, cell []byte) (err error) {
			*(*any)(p), err = natural(ct, cell)
			return err
		}
	}
	nullable := cql.HoldsNull(t)
	return func(p unsafe.Pointer, cell []byte) error {
		if cell == nil && !nullable {
			return ErrNull
		}
		return unmarshal(ct, cell, reflect.NewAt(t, p).Interface())
	}
}

// direct has the pairs that are worth a function of their own: the types of most columns of most tables.
func direct(kind cql.Kind, t reflect.Type) cellFunc {
	if cql.SingleValue(t) {
		return nil // it may decode itself
	}
	switch kind {
	case cql.Ascii, cql.Text, cql.Varchar:
		switch {
		case t.Kind() == reflect.String:
			return text
		case t == reflect.TypeFor[[]byte]():
			return blob
		}
	case cql.Blob:
		if t == reflect.TypeFor[[]byte]() {
			return blob
		}
	case cql.Boolean:
		if t.Kind() == reflect.Bool {
			return boolean
		}
	case cql.Tinyint:
		return integer(1, t.Kind())
	case cql.Smallint:
		return integer(2, t.Kind())
	case cql.Int:
		return integer(4, t.Kind())
	case cql.Bigint, cql.Counter:
		return integer(8, t.Kind())
	case cql.Float:
		switch t.Kind() {
		case reflect.Float32:
			return float32s
		case reflect.Float64:
			return float32to64
		}
	case cql.Double:
		if t.Kind() == reflect.Float64 {
			return float64s
		}
	case cql.UUID, cql.Timeuuid:
		if t.Kind() == reflect.Array && t.Len() == 16 && t.Elem().Kind() == reflect.Uint8 {
			return uuid
		}
	}
	return nil
}

// width checks that a cell has the width of its type. Cassandra permits an empty value where a width is fixed; it
// means no more than null.
func width(cell []byte, n int) error {
	switch len(cell) {
	case n:
		return nil
	case 0:
		return ErrNull
	default:
		return fmt.Errorf("the cell has %d bytes instead of %d; was the table altered or made anew?", len(cell), n)
	}
}

func text(p unsafe.Pointer, cell []byte) error {
	if cell == nil {
		return ErrNull
	}
	*(*string)(p) = string(cell)
	return nil
}

func blob(p unsafe.Pointer, cell []byte) error {
	if cell == nil {
		*(*[]byte)(p) = nil
		return nil
	}
	*(*[]byte)(p) = append(make([]byte, 0, len(cell)), cell...)
	return nil
}

func boolean(p unsafe.Pointer, cell []byte) error {
	if err := width(cell, 1); err != nil {
		return err
	}
	*(*bool)(p) = cell[0] != 0
	return nil
}

func float32s(p unsafe.Pointer, cell []byte) error {
	if err := width(cell, 4); err != nil {
		return err
	}
	*(*float32)(p) = math.Float32frombits(binary.BigEndian.Uint32(cell))
	return nil
}

func float32to64(p unsafe.Pointer, cell []byte) error {
	if err := width(cell, 4); err != nil {
		return err
	}
	*(*float64)(p) = float64(math.Float32frombits(binary.BigEndian.Uint32(cell)))
	return nil
}

func float64s(p unsafe.Pointer, cell []byte) error {
	if err := width(cell, 8); err != nil {
		return err
	}
	*(*float64)(p) = math.Float64frombits(binary.BigEndian.Uint64(cell))
	return nil
}

func uuid(p unsafe.Pointer, cell []byte) error {
	if err := width(cell, 16); err != nil {
		return err
	}
	*(*[16]byte)(p) = [16]byte(cell)
	return nil
}

// timestamp reads milliseconds since 1970. An empty value, which is how the driver writes time.Time{}, reads as that.
func timestamp(p unsafe.Pointer, cell []byte) error {
	if cell != nil && len(cell) == 0 {
		*(*time.Time)(p) = time.Time{}
		return nil
	}
	if err := width(cell, 8); err != nil {
		return err
	}
	*(*time.Time)(p) = time.UnixMilli(int64(binary.BigEndian.Uint64(cell))).UTC()
	return nil
}

// pointer makes null nil, and decodes anything else into a new value.
func pointer(ct cql.Type, elem reflect.Type) cellFunc {
	decode := cellDecoder(ct, elem)
	return func(p unsafe.Pointer, cell []byte) error {
		if cell == nil {
			*(*unsafe.Pointer)(p) = nil
			return nil
		}
		v := reflect.New(elem).UnsafePointer()
		if err := decode(v, cell); err != nil {
			return err
		}
		*(*unsafe.Pointer)(p) = v
		return nil
	}
}

// natural decodes into the Go type that the driver thinks natural; nil for null.
func natural(ct cql.Type, cell []byte) (any, error) {
	if cell == nil {
		return nil, nil
	}
	v, err := ct.TypeInfo().NewWithError()
	if err != nil {
		return nil, err
	}
	if err := unmarshal(ct, cell, v); err != nil {
		return nil, err
	}
	return reflect.ValueOf(v).Elem().Interface(), nil
}

func unmarshal(ct cql.Type, cell []byte, dest any) (err error) {
	// gocql reads collections without looking at their bounds.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("cell of %d bytes is not a valid %s", len(cell), ct)
		}
	}()
	return gocql.Unmarshal(ct.TypeInfo(), cell, dest)
}
