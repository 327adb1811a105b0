package cql

import (
	"database/sql/driver"
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"sync"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/internal/fields"
)

var errRange = errors.New("the value is out of range")

// Marshal encodes a Go value as a cell, as the arguments of statements are. The result is nil for null: for nil, a nil
// pointer, slice or map, and an sql.Null that is not valid. See the package comment for what goes together.
func (t Type) Marshal(v any) ([]byte, error) {
	if cell := marshalPlain(t.Kind, v); cell != nil {
		return cell, nil
	}
	cell, null, err := appendValue(make([]byte, 0, 16), t, reflect.ValueOf(v))
	if null || err != nil {
		return nil, err
	}
	return cell, nil
}

// marshalPlain encodes what most arguments are, without reflection; nil for anything else.
func marshalPlain(kind Kind, v any) []byte {
	switch v := v.(type) {
	case string:
		if kind == Varchar || kind == Ascii {
			return append(make([]byte, 0, len(v)), v...)
		}
	case []byte:
		if kind == Blob && v != nil {
			return append(make([]byte, 0, len(v)), v...)
		}
	case int:
		if kind == Int && int(int32(v)) == v {
			return binary.BigEndian.AppendUint32(nil, uint32(v))
		}
		if kind == Bigint {
			return binary.BigEndian.AppendUint64(nil, uint64(v))
		}
	case int64:
		if kind == Bigint {
			return binary.BigEndian.AppendUint64(nil, uint64(v))
		}
	case float64:
		if kind == Double {
			return binary.BigEndian.AppendUint64(nil, math.Float64bits(v))
		}
	case gocql.UUID:
		if kind == UUID || kind == Timeuuid {
			return append(make([]byte, 0, len(v)), v[:]...)
		}
	}
	return nil
}

// appendValue appends the encoding of v, which may be null instead.
func appendValue(dst []byte, t Type, v reflect.Value) (_ []byte, null bool, err error) {
	for depth := 0; ; depth++ {
		if depth > 64 {
			return dst, false, fmt.Errorf("a %v leads to itself, or to a value too many pointers away", v.Type())
		}
		if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
			return dst, true, nil
		}
		if v.Kind() == reflect.Interface {
			v = v.Elem()
			continue
		}
		own := methodsOf(v.Type())
		switch {
		case own.marshaler:
			cell, err := iface[gocql.Marshaler](v).MarshalCQL(t.TypeInfo())
			return append(dst, cell...), cell == nil, err
		case v.Kind() == reflect.Pointer:
			v = v.Elem()
			continue
		case own.sqlNull:
			if !v.Field(1).Bool() {
				return dst, true, nil
			}
			v = v.Field(0)
			continue
		case own.valuer && t.Kind < List && t.Kind != Duration:
			value, err := iface[driver.Valuer](v).Value()
			if err != nil {
				return dst, false, err
			}
			v = reflect.ValueOf(value)
			if v.IsValid() && methodsOf(v.Type()).valuer {
				return dst, false, fmt.Errorf("its Value is a %T, which is no driver.Value", value)
			}
			continue
		case own.text && !isNil(v) && (t.Kind == Ascii || t.Kind == Text || t.Kind == Varchar):
			text, err := iface[encoding.TextMarshaler](v).MarshalText()
			return append(dst, text...), false, err
		}
		break
	}
	if v.Type() == reflect.TypeOf(Unset) {
		return dst, false, errors.New("cql.Unset stands for a whole argument, not for a part of one")
	}
	if isNil(v) {
		return dst, true, nil
	}
	ok := true
	switch t.Kind {
	case List, Set, Vector:
		dst, ok, err = appendElements(dst, t, v)
	case Map:
		dst, ok, err = appendMap(dst, t, v)
	case Tuple:
		dst, ok, err = appendTuple(dst, t, v)
	case UDT:
		dst, ok, err = appendUDT(dst, t, v)
	default:
		dst, ok, err = appendScalar(dst, t, v)
	}
	if !ok {
		err = &mismatch{fmt.Sprintf("a %v cannot be written as %v; %s can", v.Type(), t, writable[t.Kind])}
	}
	return dst, false, err
}

// isNil tells whether a value is a nil slice or map, which is null whatever text it has of itself.
func isNil(v reflect.Value) bool {
	return (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.IsNil()
}

// writable says what to use where something else was.
var writable = map[Kind]string{
	Custom: "[]byte with the encoded value", Ascii: "a string", Text: "a string", Varchar: "a string",
	Blob: "[]byte", Boolean: "a bool", Tinyint: "an integer", Smallint: "an integer", Int: "an integer",
	Bigint: "an integer", Counter: "an integer", Varint: "an integer or big.Int", Decimal: "an inf.Dec",
	Float: "a float32", Double: "a float64", Timestamp: "a time.Time", Date: "a time.Time", Time: "a time.Duration",
	Duration: "a gocql.Duration", UUID: "a gocql.UUID", Timeuuid: "a gocql.UUID", Inet: "a netip.Addr or net.IP",
	List: "a slice", Set: "a slice", Vector: "a slice", Map: "a map", Tuple: "a struct or []any",
	UDT: "a struct or map[string]any",
}

// appendPart appends a part of a value with its length in front of it.
func appendPart(dst []byte, t Type, v reflect.Value) ([]byte, error) {
	at := len(dst)
	dst, null, err := appendValue(append(dst, 0xff, 0xff, 0xff, 0xff), t, v) // the length of null is -1
	if err != nil || null {
		return dst, err
	}
	return putLength(dst, at)
}

// putLength writes the length of what follows the 4 bytes at a place.
func putLength(dst []byte, at int) ([]byte, error) {
	n := len(dst) - at - 4
	if n > math.MaxInt32 {
		return dst, fmt.Errorf("%d bytes are more than a value can have", n)
	}
	dst[at], dst[at+1], dst[at+2], dst[at+3] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	return dst, nil
}

// methods is what a Go type brings along to become a CQL value, whether its own or those of what it embeds, as in
// encoding/json.
type methods struct{ marshaler, udt, valuer, text, sqlNull bool }

var methodCache sync.Map // of methods by reflect.Type

func methodsOf(t reflect.Type) methods {
	if m, ok := methodCache.Load(t); ok {
		return m.(methods)
	}
	m := methods{
		marshaler: implements[gocql.Marshaler](t),
		udt:       implements[gocql.UDTMarshaler](t),
		valuer:    implements[driver.Valuer](t),
		text:      implements[encoding.TextMarshaler](t),
		sqlNull:   fields.SQLNull(t),
	}
	methodCache.Store(t, m)
	return m
}

// implements tells whether a value of type t, or a pointer to one, has the methods of I. A pointer to what has them is
// followed first.
func implements[I any](t reflect.Type) bool {
	i := reflect.TypeFor[I]()
	return t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(i) || t.Kind() == reflect.Pointer && t.Implements(i) && !t.Elem().Implements(i)
}

// iface gives a value, or a pointer to it, as an I, which it implements.
func iface[I any](v reflect.Value) I {
	if i, ok := v.Interface().(I); ok {
		return i
	}
	return pointerTo(v).Interface().(I)
}

// pointerTo gives a pointer to a value, or to a copy of it.
func pointerTo(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v.Addr()
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return p
}
