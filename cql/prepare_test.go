package cql_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
)

func TestPrepareTellsWithoutExecuting(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE ks.t (a int, b text, c bigint, v list<int>, PRIMARY KEY ((a, b), c))")
	p, err := session.Prepare(t.Context(), "INSERT INTO ks.t (v, b, c, a) VALUES (?, ?, ?, ?) USING TTL ?")
	require.NoError(t, err)
	require.Equal(t, []cql.Column{
		{Name: "v", Type: cql.Type{Kind: cql.List, Elems: []cql.Type{{Kind: cql.Int}}}}, {Name: "b", Type: cql.Type{Kind: cql.Varchar}},
		{Name: "c", Type: cql.Type{Kind: cql.Bigint}}, {Name: "a", Type: cql.Type{Kind: cql.Int}}, {Name: "[ttl]", Type: cql.Type{Kind: cql.Int}},
	}, p.Arguments)
	require.Equal(t, []int{3, 1}, p.PartitionKey)
	require.Empty(t, p.Columns)

	p, err = session.Prepare(t.Context(), "select c from ks.t where a = 1 and b = :b")
	require.NoError(t, err)
	require.Equal(t, []cql.Column{{Name: "b", Type: cql.Type{Kind: cql.Varchar}}}, p.Arguments)
	require.Nil(t, p.PartitionKey, "one of its columns is no argument")
	require.Equal(t, []cql.Column{{Name: "c", Type: cql.Type{Kind: cql.Bigint}}}, p.Columns)

	for _, c := range []struct {
		statement string
		class     cql.Class
	}{
		{"TRUNCATE ks.t", cql.Invalid}, {"BEGIN BATCH APPLY BATCH", cql.Invalid}, {"", cql.Invalid},
		{"SELECT nothing FROM ks.t", cql.Invalid}, {"SELECT", cql.Syntax}, {"INSERT INTO ks.t", cql.Syntax},
	} {
		_, err := session.Prepare(t.Context(), c.statement)
		require.ErrorIs(t, err, c.class, c.statement)
	}
	require.Empty(t, server.Requests(cqltest.User), "nothing was executed")
}

func TestPrepareOfAClosedSession(t *testing.T) {
	_, session := serve(t)
	session.Close()
	_, err := session.Prepare(t.Context(), "SELECT * FROM ks.t")
	require.ErrorIs(t, err, cql.ErrClosed)
}
