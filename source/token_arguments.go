package source

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"
)

// canonicalArguments writes arguments so that different ones never look the same, and the same always do: whatever
// pointers lead to them, however wide an integer is, in whatever order a map is walked and in whatever zone a time is.
func canonicalArguments(args []any) ([]byte, error) {
	var b []byte
	for i, arg := range args {
		var err error
		if b, err = appendCanonical(b, reflect.ValueOf(arg), 0); err != nil {
			return nil, fmt.Errorf("source: argument %d cannot be part of a token: %w", i+1, err)
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

// appendStruct writes the fields with their names. If some of them cannot be seen, the struct's text stands for it,
// unless that may be the text of an embedded one alone.
func appendStruct(b []byte, v reflect.Value, depth int) ([]byte, error) {
	t := v.Type()
	if t == reflect.TypeFor[time.Time]() {
		at := v.Interface().(time.Time)
		b = binary.BigEndian.AppendUint64(append(b, canonicalTime), uint64(at.Unix()))
		return binary.BigEndian.AppendUint32(b, uint32(at.Nanosecond())), nil
	}
	if hidden, embeds := opaque(t); hidden != "" {
		p := reflect.New(t)
		p.Elem().Set(v)
		m, ok := p.Interface().(encoding.TextMarshaler)
		if !ok || embeds {
			return nil, fmt.Errorf("a %v has the unexported field %s and no text of its own; implement encoding.TextMarshaler", t, hidden)
		}
		text, err := m.MarshalText()
		if err != nil {
			return nil, fmt.Errorf("a %v: %w", t, err)
		}
		return appendSized(b, canonicalText, text), nil
	}
	b = appendLength(b, canonicalStruct, t.NumField())
	for i := range t.NumField() {
		name := t.Field(i).Name
		var err error
		if b, err = appendCanonical(appendSized(b, canonicalString, []byte(name)), v.Field(i), depth); err != nil {
			return nil, fmt.Errorf("field %s: %w", name, err)
		}
	}
	return b, nil
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
