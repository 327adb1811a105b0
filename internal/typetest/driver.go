package typetest

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql"
)

// DriverValue decodes as gocql does; what it panics at is an error.
func DriverValue(ct cql.Type, cell []byte) (v any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("gocql panics: %v", r)
		}
	}()
	dest, err := ct.TypeInfo().NewWithError()
	if err != nil {
		return nil, err
	}
	if err := gocql.Unmarshal(ct.TypeInfo(), cell, dest); err != nil {
		return nil, err
	}
	return reflect.ValueOf(dest).Elem().Interface(), nil
}

// DriverCell encodes as gocql does; what it panics at, such as NaN as a key, is an error.
func DriverCell(ct cql.Type, v any) (cell []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("gocql panics: %v", r)
		}
	}()
	return gocql.Marshal(ct.TypeInfo(), v)
}

// EqualToDriver compares a decoded value with what gocql decoded, to which a null inside a value is the zero of its
// type, and an empty blob nil.
func EqualToDriver(ours, theirs any) bool {
	if v := reflect.ValueOf(ours); v.Kind() == reflect.Pointer && v.IsNil() {
		ours = nil
	}
	switch x := ours.(type) {
	case nil:
		if parts, ok := theirs.([]any); ok {
			return !slices.ContainsFunc(parts, func(part any) bool { return !EqualToDriver(nil, part) })
		}
		return theirs == nil || reflect.ValueOf(theirs).IsZero() || reflect.DeepEqual(theirs, zeroNumber(theirs))
	case []byte:
		y, ok := theirs.([]byte)
		return ok && bytes.Equal(x, y)
	case []any:
		y, ok := theirs.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !EqualToDriver(x[i], y[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		y, ok := theirs.(map[string]any)
		for k := range x {
			ok = ok && EqualToDriver(x[k], y[k]) // it leaves out what is missing at the end
		}
		return ok
	}
	v, w := reflect.ValueOf(ours), reflect.ValueOf(theirs)
	if v.Kind() == reflect.Slice && v.Type() == w.Type() && v.Type().Elem().Kind() != reflect.Uint8 {
		for i := range min(v.Len(), w.Len()) {
			if !EqualToDriver(v.Index(i).Interface(), w.Index(i).Interface()) {
				return false
			}
		}
		return v.Len() == w.Len() && v.IsNil() == w.IsNil()
	}
	if v.Kind() == reflect.Map && v.Type() == w.Type() && v.Len() == 1 && w.Len() == 1 {
		a, b := v.MapRange(), w.MapRange()
		a.Next()
		b.Next()
		return EqualToDriver(a.Key().Interface(), b.Key().Interface()) && EqualToDriver(a.Value().Interface(), b.Value().Interface())
	}
	return Equal(ours, theirs)
}

// zeroNumber is the zero of a type that gocql has a pointer to.
func zeroNumber(v any) any {
	if t := reflect.TypeOf(v); t.Kind() == reflect.Pointer {
		return reflect.New(t.Elem()).Interface()
	}
	return nil
}
