package cql

import "github.com/gocql/gocql"

// typeOf makes a Type of what gocql knows about one.
func typeOf(info gocql.TypeInfo) Type {
	t := Type{Kind: Kind(info.Type())}
	switch info := info.(type) {
	case gocql.CollectionType:
		if t.Kind == Map {
			t.Elems = []Type{typeOf(info.Key), typeOf(info.Elem)}
		} else {
			t.Elems = []Type{typeOf(info.Elem)}
		}
	case gocql.TupleTypeInfo:
		t.Elems = make([]Type, len(info.Elems))
		for i, e := range info.Elems {
			t.Elems[i] = typeOf(e)
		}
	case gocql.UDTTypeInfo:
		t.Keyspace, t.Name = info.KeySpace, info.Name
		t.Fields, t.Elems = make([]string, len(info.Elements)), make([]Type, len(info.Elements))
		for i, f := range info.Elements {
			t.Fields[i], t.Elems[i] = f.Name, typeOf(f.Type)
		}
	default:
		if t.Kind == Custom {
			return typeOfClass(info.Custom())
		}
	}
	return t
}

// protocol is the version whose encoding of values is used; it is the same from 3 on.
const protocol = 4

// TypeInfo gives the type as gocql knows it, which values that marshal themselves ask for: [gocql.Marshaler] and
// [gocql.Unmarshaler]. To gocql a vector is a custom type.
func (t Type) TypeInfo() gocql.TypeInfo {
	native := gocql.NewNativeType(protocol, gocql.Type(t.Kind), "")
	switch t.Kind {
	case Custom, Vector:
		return gocql.NewNativeType(protocol, gocql.TypeCustom, t.Name)
	case List, Set:
		return gocql.CollectionType{NativeType: native, Elem: t.Elems[0].TypeInfo()}
	case Map:
		return gocql.CollectionType{NativeType: native, Key: t.Elems[0].TypeInfo(), Elem: t.Elems[1].TypeInfo()}
	case Tuple:
		elems := make([]gocql.TypeInfo, len(t.Elems))
		for i, e := range t.Elems {
			elems[i] = e.TypeInfo()
		}
		return gocql.TupleTypeInfo{NativeType: native, Elems: elems}
	case UDT:
		fields := make([]gocql.UDTField, len(t.Elems))
		for i, e := range t.Elems {
			fields[i] = gocql.UDTField{Name: t.Fields[i], Type: e.TypeInfo()}
		}
		return gocql.UDTTypeInfo{NativeType: native, KeySpace: t.Keyspace, Name: t.Name, Elements: fields}
	default:
		return native
	}
}
