package source

import (
	"bytes"
	"database/sql/driver"
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/gocql/gocql"
)

// canonicalArguments writes arguments so that different ones never look the same, and the same always do: whatever
// pointers lead to them, however wide an integer is, in whatever order a map is walked and in whatever zone a time is.
func canonicalArguments(args []any) ([]byte, error) {
	var b []byte
	for i, arg := range args {
		var err error
		if b, err = appendCanonical(b, reflect.ValueOf(arg), 0); err != nil {
			return nil, fmt.Errorf("source: argument %d cannot be part of a token or paging state: %w", i+1, err)
		}
	}
	return b, nil
}

// Each value starts with what it is, and either its size is known from that or its length follows.
const (
	canonicalNull     = 'n'
	canonicalBool     = 'b'
	canonicalInteger  = 'i' // int64
	canonicalUnsigned = 'u' // uint64, beyond int64
	canonicalFloat    = 'f' // float64
	canonicalString   = 's'
	canonicalBytes    = 'x'
	canonicalTime     = 't' // s since 1970, ns
	canonicalText     = 'T' // of a type that marshals itself
	canonicalValue    = 'V' // of a driver.Valuer
	canonicalList     = 'l'
	canonicalMap      = 'm'
	canonicalStruct   = 'S'
)

const maxDepth = 64

func appendCanonical(b []byte, v reflect.Value, depth int) ([]byte, error) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if depth++; depth > maxDepth {
			break
		}
		v = v.Elem()
	}
	if depth > maxDepth {
		return nil, errors.New("it is nested too deeply")
	}
	switch v.Kind() {
	case reflect.Invalid:
		return append(b, canonicalNull), nil
	case reflect.Bool:
		if v.Bool() {
			return append(b, canonicalBool, 1), nil
		}
		return append(b, canonicalBool, 0), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return binary.BigEndian.AppendUint64(append(b, canonicalInteger), uint64(v.Int())), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if v.Uint() <= math.MaxInt64 {
			return binary.BigEndian.AppendUint64(append(b, canonicalInteger), v.Uint()), nil
		}
		return binary.BigEndian.AppendUint64(append(b, canonicalUnsigned), v.Uint()), nil
	case reflect.Float32, reflect.Float64:
		return binary.BigEndian.AppendUint64(append(b, canonicalFloat), math.Float64bits(v.Float())), nil
	case reflect.String:
		return appendSized(b, canonicalString, []byte(v.String())), nil
	case reflect.Slice, reflect.Array:
		return appendList(b, v, depth+1)
	case reflect.Map:
		return appendMap(b, v, depth+1)
	case reflect.Struct:
		return appendStruct(b, v, depth+1)
	default:
		return nil, fmt.Errorf("a %v has no canonical form", v.Type())
	}
}

func appendSized(b []byte, kind byte, content []byte) []byte {
	return append(appendLength(b, kind, len(content)), content...)
}

func appendLength(b []byte, kind byte, n int) []byte {
	return binary.BigEndian.AppendUint64(append(b, kind), uint64(n))
}

func appendList(b []byte, v reflect.Value, depth int) ([]byte, error) {
	if v.Kind() == reflect.Slice && v.IsNil() {
		return append(b, canonicalNull), nil
	}
	if v.Type().Elem() == reflect.TypeFor[byte]() {
		content := make([]byte, v.Len())
		reflect.Copy(reflect.ValueOf(content), v)
		return appendSized(b, canonicalBytes, content), nil
	}
	b = appendLength(b, canonicalList, v.Len())
	for i := range v.Len() {
		var err error
		if b, err = appendCanonical(b, v.Index(i), depth); err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
	}
	return b, nil
}

func appendMap(b []byte, v reflect.Value, depth int) ([]byte, error) {
	if v.IsNil() {
		return append(b, canonicalNull), nil
	}
	entries := make([][]byte, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		entry, err := appendCanonical(nil, it.Key(), depth)
		if err == nil {
			entry, err = appendCanonical(entry, it.Value(), depth)
		}
		if err != nil {
			return nil, fmt.Errorf("in a map: %w", err)
		}
		entries = append(entries, entry)
	}
	slices.SortFunc(entries, bytes.Compare)
	return append(appendLength(b, canonicalMap, len(entries)), bytes.Join(entries, nil)...), nil
}

// appendStruct writes the fields with their names. If some of them cannot be seen, what is sent for the struct stands for
// them.
func appendStruct(b []byte, v reflect.Value, depth int) ([]byte, error) {
	t := v.Type()
	if t == reflect.TypeFor[time.Time]() {
		at := v.Interface().(time.Time)
		b = binary.BigEndian.AppendUint64(append(b, canonicalTime), uint64(at.Unix()))
		return binary.BigEndian.AppendUint32(b, uint32(at.Nanosecond())), nil
	}
	if hidden, embeds := opaque(t); hidden != "" {
		var err error
		if b, err = appendSent(b, v, hidden, embeds, depth); err != nil {
			return nil, err
		}
	}
	b = appendLength(b, canonicalStruct, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		var err error
		if b, err = appendCanonical(appendSized(b, canonicalString, []byte(f.Name)), v.Field(i), depth); err != nil {
			return nil, fmt.Errorf("field %s: %w", f.Name, err)
		}
	}
	return b, nil
}

// appendSent writes what arguments of a struct type with a hidden field are encoded from, which is its Value before its
// text. It refuses what may be that of an embedded one alone, and cells, which depend on the type of the column.
func appendSent(b []byte, v reflect.Value, hidden string, embeds bool, depth int) ([]byte, error) {
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	refuse := func(what string) error {
		return fmt.Errorf("a %v has the unexported field %s and %s", v.Type(), hidden, what)
	}
	if embeds {
		return nil, refuse("methods that may be those of an embedded type alone; give its Value, or its text, as the argument")
	}
	switch m := p.Interface().(type) {
	case gocql.Marshaler, gocql.UDTMarshaler:
		return nil, refuse("encodes itself; give what it is made of as the argument")
	case driver.Valuer:
		value, err := m.Value()
		if err != nil {
			return nil, fmt.Errorf("a %v: %w", v.Type(), err)
		}
		return appendCanonical(append(b, canonicalValue), reflect.ValueOf(value), depth)
	case encoding.TextMarshaler:
		text, err := m.MarshalText()
		if err != nil {
			return nil, fmt.Errorf("a %v: %w", v.Type(), err)
		}
		return appendSized(b, canonicalText, text), nil
	default:
		return nil, refuse("no Value and no text of its own; implement driver.Valuer or encoding.TextMarshaler")
	}
}

// opaque names an unexported field of a struct type, and tells whether the struct embeds anything.
func opaque(t reflect.Type) (hidden string, embeds bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			hidden = f.Name
		}
		embeds = embeds || f.Anonymous
	}
	return hidden, embeds
}
