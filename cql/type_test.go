package cql_test

import (
	"strings"
	"testing"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
)

var (
	intType  = cql.Type{Kind: cql.Int}
	textType = cql.Type{Kind: cql.Varchar}
	address  = cql.Type{Kind: cql.UDT, Keyspace: "ks", Name: "address", Fields: []string{"street", "no"}, Elems: []cql.Type{textType, intType}}
)

func TestTypesAreWrittenAsInCQL(t *testing.T) {
	for want, typ := range map[string]cql.Type{
		"int":               intType,
		"text":              textType,
		"list<int>":         {Kind: cql.List, Elems: []cql.Type{intType}},
		"map<text, int>":    {Kind: cql.Map, Elems: []cql.Type{textType, intType}},
		"tuple<int, text>":  {Kind: cql.Tuple, Elems: []cql.Type{intType, textType}},
		"ks.address":        address,
		`"Ks"."a""b"`:       {Kind: cql.UDT, Keyspace: "Ks", Name: `a"b`},
		"vector<int, 3>":    {Kind: cql.Vector, Elems: []cql.Type{intType}, Dimensions: 3},
		"'com.example.Own'": {Kind: cql.Custom, Name: "com.example.Own"},
		"set<ks.address>":   {Kind: cql.Set, Elems: []cql.Type{address}},
		"duration":          {Kind: cql.Duration},
	} {
		require.Equal(t, want, typ.String())
	}
}

func TestTypesAreEqualIfTheirValuesAre(t *testing.T) {
	grown := address
	grown.Fields, grown.Elems = append(grown.Fields[:2:2], "zip"), append(grown.Elems[:2:2], textType)
	three := cql.Type{Kind: cql.Vector, Elems: []cql.Type{intType}, Dimensions: 3}
	four := three
	four.Dimensions = 4
	all := []cql.Type{
		intType, textType, address, grown, three, four, {Kind: cql.Custom, Name: "a"}, {Kind: cql.Custom, Name: "b"},
		{Kind: cql.List, Elems: []cql.Type{intType}}, {Kind: cql.List, Elems: []cql.Type{textType}}, {Kind: cql.Set, Elems: []cql.Type{intType}},
	}
	for i, a := range all {
		for j, b := range all {
			require.Equal(t, i == j, a.Equal(b), "%v and %v", a, b)
		}
	}
}

// TestTypesThatTheServerNamesByClass goes through gocql's TypeInfo, as it comes from the driver, and back.
func TestTypesThatTheServerNamesByClass(t *testing.T) {
	short := func(class string) string {
		return strings.ReplaceAll(class, "m.", "org.apache.cassandra.db.marshal.")
	}
	for class, want := range map[string]string{
		"m.VectorType(m.FloatType, 3)":                                                            "vector<float, 3>",
		"m.VectorType(m.FloatType,3)":                                                             "vector<float, 3>",
		"m.VectorType(m.VectorType(m.UTF8Type, 2) , 5)":                                           "vector<vector<text, 2>, 5>",
		"m.VectorType(m.FrozenType(m.ListType(m.SimpleDateType)), 1)":                             "vector<list<date>, 1>",
		"m.VectorType(m.FrozenType(m.MapType(m.UTF8Type,m.SetType(m.TimeUUIDType))), 1)":          "vector<map<text, set<timeuuid>>, 1>",
		"m.VectorType(m.TupleType(m.Int32Type,m.DurationType,m.InetAddressType), 9)":              "vector<tuple<int, duration, inet>, 9>",
		"m.VectorType(m.UserType(ks,61646472657373,737472656574:m.UTF8Type,6e6f:m.Int32Type), 2)": "vector<ks.address, 2>",
		"m.EmptyType":                                     "'m.EmptyType'",
		"m.VectorType(m.FloatType, 0)":                    "'m.VectorType(m.FloatType, 0)'",
		"m.VectorType(m.FloatType, 99999999999999999999)": "'m.VectorType(m.FloatType, 99999999999999999999)'",
		"m.VectorType(m.FloatType)":                       "'m.VectorType(m.FloatType)'",
		"m.VectorType(m.FloatType, 3":                     "'m.VectorType(m.FloatType, 3'",
		"m.VectorType(m.FloatType, 3)x":                   "'m.VectorType(m.FloatType, 3)x'",
		"m.VectorType(m.OwnType, 3)":                      "'m.VectorType(m.OwnType, 3)'",
		"m.MapType(m.UTF8Type)":                           "'m.MapType(m.UTF8Type)'",
		"m.UserType(ks,xx,6e6f:m.Int32Type)":              "'m.UserType(ks,xx,6e6f:m.Int32Type)'",
		strings.Repeat("m.FrozenType(", 99):               "'" + strings.Repeat("m.FrozenType(", 99) + "'",
	} {
		got := cql.TypeOf(gocql.NewNativeType(4, gocql.TypeCustom, short(class)))
		require.Equal(t, short(want), got.String())
		require.Equal(t, short(class), got.TypeInfo().Custom())
		require.True(t, got.Equal(cql.TypeOf(got.TypeInfo())))
	}
	got := cql.TypeOf(gocql.NewNativeType(4, gocql.TypeCustom, short("m.VectorType(m.UserType(ks,61646472657373,737472656574:m.UTF8Type,6e6f:m.Int32Type), 2)")))
	require.True(t, got.Elems[0].Equal(address))
}
