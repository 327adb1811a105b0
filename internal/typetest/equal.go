package typetest

import (
	"math"
	"math/big"
	"reflect"

	"gopkg.in/inf.v0"
)

// Equal tells whether two decoded values are the same: of the same types, with numbers compared by value, and NaN
// equal to itself. A nil slice is not an empty one.
func Equal(a, b any) bool { return equal(reflect.ValueOf(a), reflect.ValueOf(b)) }

func equal(a, b reflect.Value) bool {
	if a.IsValid() != b.IsValid() || !a.IsValid() {
		return a.IsValid() == b.IsValid()
	}
	if a.Type() != b.Type() {
		return false
	}
	switch x := a.Interface().(type) {
	case big.Int:
		y := b.Interface().(big.Int)
		return x.Cmp(&y) == 0
	case inf.Dec:
		y := b.Interface().(inf.Dec)
		return x.Scale() == y.Scale() && x.Cmp(&y) == 0
	case *big.Int:
		y := b.Interface().(*big.Int)
		return (x == nil) == (y == nil) && (x == nil || x.Cmp(y) == 0)
	case *inf.Dec:
		y := b.Interface().(*inf.Dec)
		return (x == nil) == (y == nil) && (x == nil || x.Scale() == y.Scale() && x.Cmp(y) == 0)
	}
	switch a.Kind() {
	case reflect.Interface, reflect.Pointer:
		return equal(a.Elem(), b.Elem())
	case reflect.Float32, reflect.Float64:
		return a.Float() == b.Float() || math.IsNaN(a.Float()) && math.IsNaN(b.Float())
	case reflect.Slice, reflect.Array:
		if a.Kind() == reflect.Slice && a.IsNil() != b.IsNil() || a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !equal(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Map:
		return a.IsNil() == b.IsNil() && equalMaps(a, b)
	case reflect.Struct:
		if !exported(a.Type()) {
			return reflect.DeepEqual(a.Interface(), b.Interface())
		}
		for i := range a.NumField() {
			if !equal(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	default:
		return reflect.DeepEqual(a.Interface(), b.Interface())
	}
}

// equalMaps pairs keys by equality as above: a pointer to a number, and NaN, cannot be looked up.
func equalMaps(a, b reflect.Value) bool {
	if a.Len() != b.Len() {
		return false
	}
	found := make([]bool, b.Len())
	keys := b.MapKeys()
next:
	for it := a.MapRange(); it.Next(); {
		for i, k := range keys {
			if found[i] || !equal(it.Key(), k) {
				continue
			}
			v := b.MapIndex(k)
			if !v.IsValid() || equal(it.Value(), v) { // NaN is not found
				found[i] = true
				continue next
			}
		}
		return false
	}
	return true
}

// exported tells whether all fields of a struct are, so that they can be compared one by one.
func exported(t reflect.Type) bool {
	for i := range t.NumField() {
		if !t.Field(i).IsExported() {
			return false
		}
	}
	return true
}
