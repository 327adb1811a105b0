package cql

import (
	"fmt"
	"strings"

	"github.com/gocql/gocql"
)

// gocqlType is a gocql.TypeInfo as a Type.
type gocqlType struct{ info gocql.TypeInfo }

func (t gocqlType) Kind() Kind { return Kind(t.info.Type()) }

func (t gocqlType) String() string {
	switch info := t.info.(type) {
	case gocql.CollectionType:
		switch info.Type() {
		case gocql.TypeMap:
			return "map<" + gocqlType{info.Key}.String() + ", " + gocqlType{info.Elem}.String() + ">"
		default:
			return info.Type().String() + "<" + gocqlType{info.Elem}.String() + ">"
		}
	case gocql.TupleTypeInfo:
		elems := make([]string, len(info.Elems))
		for i, e := range info.Elems {
			elems[i] = gocqlType{e}.String()
		}
		return "tuple<" + strings.Join(elems, ", ") + ">"
	case gocql.UDTTypeInfo:
		// With its fields, so that a type that was altered is not equal to itself before.
		fields := make([]string, len(info.Elements))
		for i, f := range info.Elements {
			fields[i] = f.Name + " " + gocqlType{f.Type}.String()
		}
		return info.KeySpace + "." + info.Name + "(" + strings.Join(fields, ", ") + ")"
	default:
		switch info.Type() {
		case gocql.TypeCustom:
			return "'" + info.Custom() + "'"
		case gocql.TypeVarchar:
			return "text"
		default:
			return info.Type().String()
		}
	}
}

func (t gocqlType) Unmarshal(data []byte, dest any) (err error) {
	// gocql reads collections without looking at their bounds.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("cell of %d bytes is not a valid %s", len(data), t)
		}
	}()
	return gocql.Unmarshal(t.info, data, dest)
}

func (t gocqlType) New() (any, error) { return t.info.NewWithError() }
