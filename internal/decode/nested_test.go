package decode_test

import (
	"fmt"
	"reflect"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/typetest"
)

// nested: any type up to three deep, with any value of it, becomes bytes and the value again; and any other bytes of it
// are an error or a value.
func nested(t *rapid.T) {
	c := anyCase(3).Draw(t, "type")
	v := anyValue(c).Draw(t, "value")
	cell, err := c.Type.Marshal(v)
	require.NoError(t, err, "%v: %#v", c.Type, v)
	got, err := value(c.Type, cell)
	require.NoError(t, err, "%v: %#v", c.Type, v)
	require.True(t, typetest.Equal(v, got), "%v: %#v became %#v", c.Type, v, got)

	if len(cell) > 0 && len(cell) < 1<<12 {
		broken := append([]byte{}, cell...)
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			broken[rapid.IntRange(0, len(broken)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		}
		sound(t, c.Type, broken[:rapid.IntRange(0, len(broken)).Draw(t, "length")])
	}
}

// shape is a type with the shapes of what is inside.
type shape struct {
	Type   cql.Type
	inside []shape
	leaf   typetest.Case
}

func (s shape) GoString() string { return s.Type.String() }

func anyCase(depth int) *rapid.Generator[shape] {
	return rapid.Custom(func(t *rapid.T) shape {
		kind := cql.Custom
		if depth > 0 {
			kind = rapid.SampledFrom([]cql.Kind{cql.Custom, cql.List, cql.Set, cql.Map, cql.Tuple, cql.UDT, cql.Vector}).Draw(t, "kind")
		}
		s := shape{Type: cql.Type{Kind: kind}}
		n := 1
		switch kind {
		case cql.Custom:
			s.leaf = rapid.SampledFrom(typetest.Scalars).Draw(t, "scalar")
			s.Type = s.leaf.Type
			return s
		case cql.Map:
			n = 2
		case cql.Tuple, cql.UDT:
			n = rapid.IntRange(1, 4).Draw(t, "parts")
		case cql.Vector:
			s.Type.Dimensions = rapid.IntRange(1, 4).Draw(t, "dimensions")
		}
		for i := range n {
			part := anyCase(depth-1).Draw(t, "part")
			s.inside, s.Type.Elems = append(s.inside, part), append(s.Type.Elems, part.Type)
			if kind == cql.UDT {
				s.Type.Keyspace, s.Type.Name = "ks", "u"
				s.Type.Fields = append(s.Type.Fields, fmt.Sprint("f", i))
			}
		}
		return s
	})
}

// natural is the Go type of a shape's values.
func (s shape) natural() reflect.Type {
	switch s.Type.Kind {
	case cql.List, cql.Set, cql.Vector:
		return reflect.SliceOf(s.inside[0].natural())
	case cql.Map:
		if key := s.inside[0].natural(); key.Comparable() {
			return reflect.MapOf(key, s.inside[1].natural())
		}
		return reflect.TypeFor[[][2]any]()
	case cql.Tuple:
		return reflect.TypeFor[[]any]()
	case cql.UDT:
		return reflect.TypeFor[map[string]any]()
	}
	return reflect.TypeOf(s.leaf.Values[0].Go)
}

func anyValue(s shape) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		part := func(i int) any { return anyValue(s.inside[i]).Draw(t, "part") }
		orNull := func(i int) any {
			if rapid.Bool().Draw(t, "null") {
				return nil
			}
			return part(i)
		}
		v := reflect.New(s.natural()).Elem()
		switch s.Type.Kind {
		case cql.List, cql.Set, cql.Vector:
			n := s.Type.Dimensions
			if n == 0 {
				n = rapid.IntRange(0, 4).Draw(t, "length")
			}
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				v.Index(i).Set(reflect.ValueOf(part(0)))
			}
		case cql.Map:
			if v.Kind() == reflect.Slice {
				n := rapid.IntRange(0, 3).Draw(t, "length")
				entries := make([][2]any, n)
				for i := range entries {
					entries[i] = [2]any{part(0), part(1)}
				}
				return entries
			}
			v.Set(reflect.MakeMap(v.Type()))
			for range rapid.IntRange(0, 3).Draw(t, "length") {
				key := part(0)
				v.SetMapIndex(reflect.ValueOf(key), reflect.ValueOf(part(1)))
			}
		case cql.Tuple:
			all := make([]any, len(s.inside))
			for i := range all {
				all[i] = orNull(i)
			}
			return all
		case cql.UDT:
			all := make(map[string]any)
			for i, f := range s.Type.Fields {
				all[f] = orNull(i)
			}
			return all
		default:
			return rapid.SampledFrom(s.leaf.Values).Draw(t, "value").Go
		}
		return v.Interface()
	})
}
