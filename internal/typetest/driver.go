package typetest

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"

	"github.com/gocql/gocql"
	"gopkg.in/inf.v0"

	"github.com/rxcql/rxcql/cql"
)

// DriverValue decodes as gocql does, into the type it has for any; what it panics at is an error.
func DriverValue(ct cql.Type, cell []byte) (v any, err error) {
	defer panicked(&err)
	dest, err := ct.TypeInfo().NewWithError()
	if err != nil {
		return nil, err
	}
	return DriverInto(ct, cell, reflect.TypeOf(dest).Elem())
}

// DriverInto decodes as gocql does into a Go type.
func DriverInto(ct cql.Type, cell []byte, t reflect.Type) (v any, err error) {
	defer panicked(&err)
	dest := reflect.New(t)
	if err := gocql.Unmarshal(ct.TypeInfo(), cell, dest.Interface()); err != nil {
		return nil, err
	}
	return dest.Elem().Interface(), nil
}

// DriverCell encodes as gocql does; what it panics at, such as NaN as a key, is an error.
func DriverCell(ct cql.Type, v any) (cell []byte, err error) {
	defer panicked(&err)
	return gocql.Marshal(ct.TypeInfo(), v)
}

func panicked(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("gocql panics: %v", r)
	}
}

// EqualToDriver compares a decoded value with what gocql decoded, to which null and an empty value are the zero of their
// type, also inside another, and an empty blob is nil. Of a user-defined type it leaves out what is missing at the end.
func EqualToDriver(ours, theirs any) bool {
	return equalToDriver(reflect.ValueOf(ours), reflect.ValueOf(theirs))
}

func equalToDriver(v, w reflect.Value) bool {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	for w.Kind() == reflect.Interface {
		w = w.Elem()
	}
	switch {
	case isNil(v):
		return isZero(w)
	case !w.IsValid():
		return false
	case v.Kind() == reflect.Map && w.Kind() == reflect.Map:
		return equalToDriversMap(v, w)
	case v.Type() == reflect.TypeFor[[][2]any]() && w.Kind() == reflect.Map:
		return v.Len() >= w.Len() // in any order, and the driver has each key once
	case v.Kind() == reflect.Slice && w.Kind() == reflect.Slice || v.Kind() == reflect.Array && w.Kind() == reflect.Array:
		if v.Len() != w.Len() || w.Len() > 0 && isNil(w) {
			return false
		}
		for i := range v.Len() {
			if !equalToDriver(v.Index(i), w.Index(i)) {
				return false
			}
		}
		return true
	case v.Type() != w.Type():
		return false
	case v.Kind() == reflect.Pointer && v.Type() != reflect.TypeFor[*big.Int]() && v.Type() != reflect.TypeFor[*inf.Dec]():
		return !w.IsNil() && equalToDriver(v.Elem(), w.Elem())
	case v.Kind() == reflect.Struct && exported(v.Type()):
		for i := range v.NumField() {
			if !equalToDriver(v.Field(i), w.Field(i)) {
				return false
			}
		}
		return true
	}
	return Equal(v.Interface(), w.Interface())
}

// isNil tells what is null to us.
func isNil(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return v.IsNil()
	}
	return false
}

// isZero tells what gocql makes of null: nil, the zero of a type or a pointer to it, and a tuple of such.
func isZero(w reflect.Value) bool {
	for w.Kind() == reflect.Interface || w.Kind() == reflect.Pointer {
		w = w.Elem()
	}
	if w.Kind() == reflect.Slice && w.Type() == reflect.TypeFor[[]any]() {
		for i := range w.Len() {
			if !isZero(w.Index(i)) {
				return false
			}
		}
		return true
	}
	if !w.IsValid() || w.IsZero() {
		return true
	}
	n, ok := w.Interface().(big.Int) // a zero may have room for digits
	d, ok2 := w.Interface().(inf.Dec)
	return ok && n.Sign() == 0 || ok2 && d.Sign() == 0
}

// equalToDriversMap pairs entries whose keys are equal, which NaN and pointers are too.
func equalToDriversMap(v, w reflect.Value) bool {
	var theirs [][2]reflect.Value
	for it := w.MapRange(); it.Next(); {
		theirs = append(theirs, [2]reflect.Value{it.Key(), it.Value()})
	}
	for it := v.MapRange(); it.Next(); {
		i := slices.IndexFunc(theirs, func(e [2]reflect.Value) bool {
			return equalToDriver(it.Key(), e[0]) && equalToDriver(it.Value(), e[1])
		})
		if i >= 0 {
			theirs = slices.Delete(theirs, i, i+1)
		} else if !isNil(it.Value()) && !(it.Value().Kind() == reflect.Interface && it.Value().IsNil()) {
			return false
		}
	}
	return len(theirs) == 0
}
