package decode_test

import (
	"database/sql"
	"errors"
	"reflect"
	"time"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/fields"
)

// expectation makes the value of a Go type that a cell should decode into, of what it is as an any: without bytes, in
// another way than the decoder does.
type expectation struct {
	unsure bool // an any does not tell: null or an empty time, the order of a map
}

var errNot = errors.New("no value of the type")

func (x *expectation) of(v any, ct cql.Type, dst reflect.Value) error {
	t, p := dst.Type(), dst.Addr().Interface()
	_, isTime := p.(*time.Time)
	if at, ok := v.(time.Time); ok && at.IsZero() {
		x.unsure = true
	}
	switch {
	case t.Kind() == reflect.Interface:
		if !nothing(v) {
			dst.Set(reflect.ValueOf(v))
		}
		return nil
	case t.Kind() == reflect.Pointer:
		if nothing(v) {
			return nil
		}
		dst.Set(reflect.New(t.Elem()))
		return x.of(v, ct, dst.Elem())
	case fields.SQLNull(t):
		if nothing(v) {
			return nil
		}
		dst.Field(1).SetBool(true)
		return x.of(v, ct, dst.Field(0))
	case t == reflect.TypeFor[money]():
		return p.(sql.Scanner).Scan(scanned(v, ct))
	case nothing(v) && isTime && (ct.Kind == cql.Timestamp || ct.Kind == cql.Date):
		x.unsure = true
		return errNot
	case nothing(v):
		if t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
			return nil
		}
		return errNot
	}
	switch ct.Kind {
	case cql.List, cql.Set, cql.Vector:
		return x.elements(reflect.ValueOf(v), ct, dst)
	case cql.Map:
		return x.entries(reflect.ValueOf(v), ct, dst)
	case cql.Tuple:
		return x.parts(v.([]any), ct, dst)
	case cql.UDT:
		return x.named(v.(map[string]any), ct, dst)
	}
	return scalar(v, ct, dst)
}

// nothing tells whether a value is null: nil, or a nil slice or map.
func nothing(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	return (r.Kind() == reflect.Slice || r.Kind() == reflect.Map || r.Kind() == reflect.Pointer) && r.IsNil()
}

func (x *expectation) elements(v reflect.Value, ct cql.Type, dst reflect.Value) error {
	switch {
	case dst.Kind() == reflect.Slice:
		dst.Set(reflect.MakeSlice(dst.Type(), v.Len(), v.Len()))
	case dst.Kind() == reflect.Map:
		dst.Set(reflect.MakeMap(dst.Type()))
	case dst.Len() != v.Len():
		return errNot
	}
	for i := range v.Len() {
		if dst.Kind() != reflect.Map {
			if err := x.of(v.Index(i).Interface(), ct.Elems[0], dst.Index(i)); err != nil {
				return err
			}
			continue
		}
		if err := x.put(dst, ct.Elems[0], v.Index(i).Interface(), reflect.Zero(dst.Type().Elem())); err != nil {
			return err
		}
	}
	return nil
}

// put puts an entry into a map that has none for the key.
func (x *expectation) put(m reflect.Value, ct cql.Type, key any, value reflect.Value) error {
	k := reflect.New(m.Type().Key()).Elem()
	if err := x.of(key, ct, k); err != nil {
		return err
	}
	before := m.Len()
	if !k.Comparable() {
		return errNot
	}
	if m.SetMapIndex(k, value); m.Len() == before {
		return errNot
	}
	return nil
}

func (x *expectation) entries(v reflect.Value, ct cql.Type, dst reflect.Value) error {
	if dst.Kind() == reflect.Slice { // of pairs
		if v.Kind() == reflect.Slice {
			dst.Set(v)
			return nil
		}
		x.unsure = true // of their order
		return nil
	}
	dst.Set(reflect.MakeMap(dst.Type()))
	entry := func(key, value any) error {
		e := reflect.New(dst.Type().Elem()).Elem()
		if err := x.of(value, ct.Elems[1], e); err != nil {
			return err
		}
		return x.put(dst, ct.Elems[0], key, e)
	}
	if v.Kind() == reflect.Slice {
		for _, pair := range v.Interface().([][2]any) {
			if err := entry(pair[0], pair[1]); err != nil {
				return err
			}
		}
		return nil
	}
	for it := v.MapRange(); it.Next(); {
		if err := entry(it.Key().Interface(), it.Value().Interface()); err != nil {
			return err
		}
	}
	return nil
}

func (x *expectation) parts(v []any, ct cql.Type, dst reflect.Value) error {
	if dst.Kind() == reflect.Slice {
		dst.Set(reflect.MakeSlice(dst.Type(), len(v), len(v)))
	}
	for i, part := range v {
		to := reflect.Value{}
		if dst.Kind() == reflect.Struct {
			to = dst.Field(i)
		} else {
			to = dst.Index(i)
		}
		if err := x.of(part, ct.Elems[i], to); err != nil {
			return err
		}
	}
	return nil
}

func (x *expectation) named(v map[string]any, ct cql.Type, dst reflect.Value) error {
	if dst.Kind() == reflect.Map {
		dst.Set(reflect.MakeMap(dst.Type()))
	}
	for i, name := range ct.Fields {
		to := reflect.Value{}
		if dst.Kind() == reflect.Map {
			to = reflect.New(dst.Type().Elem()).Elem()
		} else {
			to = dst.FieldByNameFunc(func(field string) bool { return fields.Snake(field) == name })
		}
		if err := x.of(v[name], ct.Elems[i], to); err != nil {
			return err
		}
		if dst.Kind() == reflect.Map {
			dst.SetMapIndex(reflect.ValueOf(name).Convert(dst.Type().Key()), to)
		}
	}
	return nil
}
