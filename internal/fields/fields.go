// Package fields maps the fields of a struct to columns: the one rule that reading and writing rows share.
//
// A field's column is its tag, `cql:"name"`, or else its name in snake_case: SensorID is sensor_id. A field tagged
// `cql:"-"` and an unexported one have none. The fields of an embedded struct without a tag are the outer struct's,
// unless the struct stands for one value, as a time.Time does; see [SingleValue].
package fields

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

// Field is a field that holds a column.
type Field struct {
	Name   string // in Go, with the embedded structs on the way
	Column string
	Type   reflect.Type
	Offset uintptr // from the start of the outermost struct
}

// Of lists the fields of struct t in order.
func Of(t reflect.Type) ([]Field, error) {
	fields, err := list(nil, t, "", 0)
	if err != nil {
		return nil, err
	}
	byColumn := make(map[string]Field, len(fields))
	for _, f := range fields {
		if twin, ok := byColumn[f.Column]; ok {
			return nil, fmt.Errorf("%v: fields %s and %s both stand for column %q; rename one with a tag `cql:\"name\"` or leave it out with `cql:\"-\"`", t, twin.Name, f.Name, f.Column)
		}
		byColumn[f.Column] = f
	}
	return fields, nil
}

func list(fields []Field, t reflect.Type, prefix string, base uintptr) ([]Field, error) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("cql")
		if tag == "-" {
			continue
		}
		if f.Anonymous && !tagged && !SingleValue(f.Type) {
			if f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct {
				return nil, fmt.Errorf("%v: embedded pointer %s%s cannot hold columns; embed the struct itself", t, prefix, f.Name)
			}
			if f.Type.Kind() == reflect.Struct {
				var err error
				if fields, err = list(fields, f.Type, prefix+f.Name+".", base+f.Offset); err != nil {
					return nil, err
				}
				continue
			}
		}
		if !f.IsExported() {
			if tagged {
				return nil, fmt.Errorf("%v: field %s%s has a tag `cql:%q` but is not exported", t, prefix, f.Name, tag)
			}
			continue
		}
		if tag == "" {
			tag = Snake(f.Name)
		}
		fields = append(fields, Field{Name: prefix + f.Name, Column: tag, Type: f.Type, Offset: base + f.Offset})
	}
	return fields, nil
}

// Snake gives a Go name in snake_case; a run of capitals is one word: HTTPServerID is http_server_id.
func Snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && runes[i-1] != '_' {
			before := !unicode.IsUpper(runes[i-1])
			after := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if before || after {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
