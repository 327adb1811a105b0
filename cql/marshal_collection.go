package cql

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"

	"github.com/rxcql/rxcql/internal/vint"
)

var errTooMany = errors.New("there are more elements than a collection can have")

// appendElements appends the elements of a list, set or vector.
func appendElements(dst []byte, t Type, v reflect.Value) (_ []byte, ok bool, err error) {
	switch {
	case v.Kind() == reflect.Slice, v.Kind() == reflect.Array:
		if t.Kind == Vector {
			dst, err = appendVector(dst, t, v)
			return dst, true, err
		}
		if dst, err = appendCount(dst, v.Len()); err != nil {
			return dst, true, err
		}
		for i := range v.Len() {
			if dst, err = appendPart(dst, t.Elems[0], v.Index(i)); err != nil {
				return dst, true, fmt.Errorf("element %d: %w", i, err)
			}
		}
		return dst, true, nil
	case t.Kind == Set && v.Kind() == reflect.Map && v.Type().Elem().Kind() == reflect.Struct && v.Type().Elem().NumField() == 0:
		if dst, err = appendCount(dst, v.Len()); err != nil {
			return dst, true, err
		}
		for it := v.MapRange(); it.Next(); {
			if dst, err = appendPart(dst, t.Elems[0], it.Key()); err != nil {
				return dst, true, fmt.Errorf("an element: %w", err)
			}
		}
		return dst, true, nil
	}
	return dst, false, nil
}

func appendCount(dst []byte, n int) ([]byte, error) {
	if int(int32(n)) != n {
		return dst, errTooMany
	}
	return binary.BigEndian.AppendUint32(dst, uint32(n)), nil
}

// appendVector appends the elements with lengths of variable length, or with none if the element's type has a fixed
// width.
func appendVector(dst []byte, t Type, v reflect.Value) (_ []byte, err error) {
	if v.Len() != t.Dimensions {
		return dst, fmt.Errorf("%v has %d elements, not %d", t, t.Dimensions, v.Len())
	}
	elem := t.Elems[0]
	width := elem.FixedWidth()
	var scratch []byte
	for i := range v.Len() {
		before, null := len(dst), false
		if width > 0 {
			dst, null, err = appendValue(dst, elem, v.Index(i))
		} else if scratch, null, err = appendValue(scratch[:0], elem, v.Index(i)); err == nil {
			dst = append(vint.Append(dst, uint64(len(scratch))), scratch...)
		}
		if err == nil && (null || width > 0 && len(dst)-before != width) {
			err = errors.New("an element of a vector cannot be null or empty")
		}
		if err != nil {
			return dst, fmt.Errorf("element %d: %w", i, err)
		}
	}
	return dst, nil
}

// FixedWidth is the width in bytes of a type's values in a vector; 0 if they have their lengths in front of them, as
// those of some types whose width never varies do too: tinyint, smallint, date and time.
func (t Type) FixedWidth() int {
	switch t.Kind {
	case Boolean:
		return 1
	case Int, Float:
		return 4
	case Bigint, Double, Timestamp:
		return 8
	case UUID, Timeuuid:
		return 16
	case Vector:
		return t.Dimensions * t.Elems[0].FixedWidth()
	default:
		return 0
	}
}

var pairs = reflect.TypeFor[[][2]any]()

// appendMap appends the entries of a map, or pairs of key and value.
func appendMap(dst []byte, t Type, v reflect.Value) (_ []byte, ok bool, err error) {
	if v.Kind() != reflect.Map && v.Type() != pairs {
		return dst, false, nil
	}
	if dst, err = appendCount(dst, v.Len()); err != nil {
		return dst, true, err
	}
	entry := func(key, value reflect.Value) (err error) {
		if dst, err = appendPart(dst, t.Elems[0], key); err != nil {
			return fmt.Errorf("a key: %w", err)
		}
		if dst, err = appendPart(dst, t.Elems[1], value); err != nil {
			return fmt.Errorf("a value: %w", err)
		}
		return nil
	}
	if v.Type() == pairs {
		for i := range v.Len() {
			if err := entry(v.Index(i).Index(0), v.Index(i).Index(1)); err != nil {
				return dst, true, err
			}
		}
		return dst, true, nil
	}
	for it := v.MapRange(); it.Next(); {
		if err := entry(it.Key(), it.Value()); err != nil {
			return dst, true, err
		}
	}
	return dst, true, nil
}
