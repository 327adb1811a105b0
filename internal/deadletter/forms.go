package deadletter

import (
	"encoding"
	"reflect"

	"github.com/rxcql/rxcql/internal/fields"
)

// form is how a struct becomes JSON.
type form uint8

const (
	asFields form = iota
	asText
	asBinary
	hidden // not at all
)

var (
	marshalsText     = reflect.TypeFor[encoding.TextMarshaler]()
	unmarshalsText   = reflect.TypeFor[encoding.TextUnmarshaler]()
	marshalsBinary   = reflect.TypeFor[encoding.BinaryMarshaler]()
	unmarshalsBinary = reflect.TypeFor[encoding.BinaryUnmarshaler]()
)

// formOf gives the form of a struct type. Fields are exact, so methods are only for what fields do not show.
func formOf(t reflect.Type) form {
	all := true
	for i := range t.NumField() {
		all = all && kept(t.Field(i))
	}
	switch {
	case all:
		return asFields
	case fields.ImplementsItself(t, marshalsText) && fields.ImplementsItself(t, unmarshalsText):
		return asText
	case fields.ImplementsItself(t, marshalsBinary) && fields.ImplementsItself(t, unmarshalsBinary):
		return asBinary
	case len(exported(t)) > 0:
		return asFields // what is hidden beside them is no column
	default:
		return hidden
	}
}

// kept tells whether a field can be read and set: one that is exported, or embeds a struct whose fields may be.
func kept(f reflect.StructField) bool {
	return f.IsExported() || f.Anonymous && f.Type.Kind() == reflect.Struct
}

// exported are the fields of a struct that are kept. What an embedded struct without an exported name has is among them.
func exported(t reflect.Type) []reflect.StructField {
	var all []reflect.StructField
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case f.IsExported():
			all = append(all, f)
		case kept(f):
			for _, inner := range exported(f.Type) {
				inner.Index = append([]int{i}, inner.Index...)
				inner.Name = f.Name + "." + inner.Name
				all = append(all, inner)
			}
		}
	}
	return all
}

// unreachable finds a field that embeds a pointer to a struct without an exported name: whoever reads a row cannot set
// it, though it may have columns.
func unreachable(v reflect.Value) (reflect.StructField, bool) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous && !f.IsExported() && f.Type.Kind() == reflect.Pointer && !v.Field(i).IsNil() {
			return f, true
		}
	}
	return reflect.StructField{}, false
}
