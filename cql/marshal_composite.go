package cql

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"unsafe"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/internal/fields"
)

// appendTuple appends the fields of a struct in order, or the elements of a slice or array.
func appendTuple(dst []byte, t Type, v reflect.Value) (_ []byte, ok bool, err error) {
	var part func(i int) reflect.Value
	n := 0
	switch v.Kind() {
	case reflect.Struct:
		list, err := fieldsOf(v.Type())
		if err != nil || len(list) == 0 {
			return dst, err != nil, err
		}
		p := pointerTo(v)
		n, part = len(list), func(i int) reflect.Value { return fieldOf(p, list[i]) }
	case reflect.Slice, reflect.Array:
		n, part = v.Len(), v.Index
	default:
		return dst, false, nil
	}
	if n != len(t.Elems) {
		err := fmt.Errorf("%v has %d elements, and this %v %d", t, len(t.Elems), v.Type(), n)
		if v.Kind() != reflect.Slice {
			err = &mismatch{err.Error()}
		}
		return dst, true, err
	}
	for i, e := range t.Elems {
		if dst, err = appendPart(dst, e, part(i)); err != nil {
			return dst, true, fmt.Errorf("element %d: %w", i, err)
		}
	}
	return dst, true, nil
}

// appendUDT appends the fields of a struct or the values of a map by their names. What neither has is null: the
// program may be older than the field. What the type has no field for is an error.
func appendUDT(dst []byte, t Type, v reflect.Value) (_ []byte, ok bool, err error) {
	if methodsOf(v.Type()).udt {
		dst, err = appendUDTMarshaler(dst, t, iface[gocql.UDTMarshaler](v))
		return dst, true, err
	}
	var part func(name string) reflect.Value
	switch {
	case v.Kind() == reflect.Struct:
		list, err := fieldsOf(v.Type())
		if err != nil || len(list) == 0 {
			return dst, err != nil, err
		}
		for _, f := range list {
			if !slices.Contains(t.Fields, f.Column) {
				return dst, true, &mismatch{fmt.Sprintf("%v has no field %q for %s; leave it out with a tag `cql:\"-\"`", t, f.Column, f.Name)}
			}
		}
		p := pointerTo(v)
		part = func(name string) reflect.Value {
			i := slices.IndexFunc(list, func(f fields.Field) bool { return f.Column == name })
			if i < 0 {
				return reflect.Value{}
			}
			return fieldOf(p, list[i])
		}
	case v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String:
		for _, k := range v.MapKeys() { // names, not data
			if !slices.Contains(t.Fields, k.String()) {
				return dst, true, fmt.Errorf("%v has no field %q", t, k)
			}
		}
		part = func(name string) reflect.Value { return v.MapIndex(reflect.ValueOf(name).Convert(v.Type().Key())) }
	default:
		return dst, false, nil
	}
	for i, name := range t.Fields {
		if dst, err = appendPart(dst, t.Elems[i], part(name)); err != nil {
			return dst, true, fmt.Errorf("field %q: %w", name, err)
		}
	}
	return dst, true, nil
}

// appendUDTMarshaler has a value encode each field itself, as the driver has it.
func appendUDTMarshaler(dst []byte, t Type, m gocql.UDTMarshaler) ([]byte, error) {
	for i, name := range t.Fields {
		cell, err := m.MarshalUDT(name, t.Elems[i].TypeInfo())
		if err != nil {
			return dst, fmt.Errorf("field %q: %w", name, err)
		}
		at := len(dst)
		dst = append(dst, 0xff, 0xff, 0xff, 0xff)
		if cell != nil {
			if dst, err = putLength(append(dst, cell...), at); err != nil {
				return dst, err
			}
		}
	}
	return dst, nil
}

var fieldCache sync.Map // of []fields.Field by reflect.Type

func fieldsOf(t reflect.Type) ([]fields.Field, error) {
	if list, ok := fieldCache.Load(t); ok {
		return list.([]fields.Field), nil
	}
	list, err := fields.Of(t)
	if err != nil {
		return nil, err
	}
	fieldCache.Store(t, list)
	return list, nil
}

// fieldOf gives a field of the struct that p points to.
func fieldOf(p reflect.Value, f fields.Field) reflect.Value {
	return reflect.NewAt(f.Type, unsafe.Add(p.UnsafePointer(), f.Offset)).Elem()
}
