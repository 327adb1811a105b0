package cql

import (
	"slices"
	"strconv"
	"strings"
)

// Type is a CQL type. Whether a collection is frozen is not part of it: the server does not tell.
type Type struct {
	Kind Kind
	// Elems are the types inside: of a list, set or vector its element's, of a map its key's and its value's, of a
	// tuple each element's, of a user-defined type each field's.
	Elems []Type
	// Fields are the names of a user-defined type's fields.
	Fields []string
	// Keyspace and Name are a user-defined type's. Name is the server's class of a custom type, a vector included.
	Keyspace, Name string
	// Dimensions is the number of a vector's elements.
	Dimensions int
}

// String gives the type as CQL writes it: list<int>, map<text, ks.address>, vector<float, 3>, or in quotes the
// server's class of a custom type.
func (t Type) String() string {
	switch t.Kind {
	case Custom:
		return "'" + t.Name + "'"
	case UDT:
		if t.Keyspace == "" {
			return Quote(t.Name)
		}
		return Quote(t.Keyspace) + "." + Quote(t.Name)
	case List, Set, Map, Tuple, Vector:
		inside := make([]string, len(t.Elems), len(t.Elems)+1)
		for i, e := range t.Elems {
			inside[i] = e.String()
		}
		if t.Kind == Vector {
			inside = append(inside, strconv.Itoa(t.Dimensions))
		}
		return t.Kind.String() + "<" + strings.Join(inside, ", ") + ">"
	default:
		return t.Kind.String()
	}
}

// Equal tells whether two types have the same values in the same encoding. User-defined types are equal only if their
// fields are, so one that was altered is not equal to what it was.
func (t Type) Equal(u Type) bool {
	if t.Kind != u.Kind {
		return false
	}
	switch t.Kind {
	case Custom:
		return t.Name == u.Name
	case UDT:
		if t.Keyspace != u.Keyspace || t.Name != u.Name || !slices.Equal(t.Fields, u.Fields) {
			return false
		}
	case Vector:
		if t.Dimensions != u.Dimensions {
			return false
		}
	}
	return slices.EqualFunc(t.Elems, u.Elems, Type.Equal)
}
