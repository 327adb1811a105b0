package operators

import "reflect"

// given panics if one of the streams, functions and pointers that an operator was called with is nil, or one in a list
// of them. It looks once per call, so that none does for an item.
func given(operator string, args ...any) {
	for _, arg := range args {
		v := reflect.ValueOf(arg)
		if v.Kind() != reflect.Slice {
			mustBeGiven(operator, v)
			continue
		}
		for i := range v.Len() {
			mustBeGiven(operator, v.Index(i))
		}
	}
}

func mustBeGiven(operator string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Invalid: // a nil interface
		panic("operators." + operator + ": an argument is nil")
	case reflect.Func, reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			panic("operators." + operator + ": nil " + v.Type().String())
		}
	}
}
