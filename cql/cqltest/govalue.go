package cqltest

import (
	"reflect"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql/cqltest/internal/types"
)

// typeInfo is the type as gocql knows it. A vector, which gocql does not know, is its bytes.
func typeInfo(t *types.Type) gocql.TypeInfo {
	native := gocql.NewNativeType(protocolVersion, gocql.Type(t.Kind), "")
	switch t.Kind {
	case types.List, types.Set:
		return gocql.CollectionType{NativeType: native, Elem: typeInfo(t.Elems[0])}
	case types.Map:
		return gocql.CollectionType{NativeType: native, Key: typeInfo(t.Elems[0]), Elem: typeInfo(t.Elems[1])}
	case types.Tuple:
		info := gocql.TupleTypeInfo{NativeType: native}
		for _, e := range t.Elems {
			info.Elems = append(info.Elems, typeInfo(e))
		}
		return info
	case types.Custom:
		return gocql.NewNativeType(protocolVersion, gocql.TypeBlob, "")
	}
	return native
}

// Unset stands in Request.Values for a value that was bound as unset.
var Unset = gocql.UnsetValue

// goValue decodes a value as gocql would into an interface: tuples are []any, a value that cannot be decoded is its
// bytes.
func goValue(t *types.Type, v value) any {
	switch {
	case v.unset:
		return Unset
	case v.b == nil:
		return nil
	case t == nil:
		return v.b
	case t.Kind == types.Tuple:
		return goTuple(t, v.b)
	}
	info := typeInfo(t)
	dst, err := info.NewWithError()
	if err != nil || gocql.Unmarshal(info, v.b, dst) != nil {
		return v.b
	}
	return deref(dst)
}

func goTuple(t *types.Type, b []byte) any {
	parts, err := types.Split(t, b)
	if err != nil || len(parts) > len(t.Elems) {
		return b
	}
	out := make([]any, len(t.Elems))
	for i, p := range parts {
		out[i] = goValue(t.Elems[i], value{b: p})
	}
	return out
}

func deref(ptr any) any { return reflect.ValueOf(ptr).Elem().Interface() }
