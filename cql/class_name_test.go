package cql_test

import (
	"testing"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
)

// FuzzTypesByClass: any class is a type, which is the same when it is asked for again.
func FuzzTypesByClass(f *testing.F) {
	f.Add("org.apache.cassandra.db.marshal.VectorType(org.apache.cassandra.db.marshal.FloatType, 3)")
	f.Add("VectorType(UserType(ks,61,6e6f:MapType(UTF8Type,FrozenType(SetType(Int32Type)))) , 2)")
	f.Add("TupleType(TupleType(")
	f.Fuzz(func(t *testing.T, class string) {
		got := cql.TypeOf(gocql.NewNativeType(4, gocql.TypeCustom, class))
		require.True(t, got.Equal(cql.TypeOf(got.TypeInfo())))
		require.NotEmpty(t, got.String())
	})
}
