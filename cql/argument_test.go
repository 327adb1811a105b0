package cql_test

import (
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
)

func TestArgumentsThatDoNotFit(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE ks.a (p int PRIMARY KEY, v smallint, l list<int>, u frozen<tuple<int, text>>)")
	server.ResetLog()
	const insert = "INSERT INTO ks.a (p, v, l) VALUES (?, ?, ?)"
	good := cql.Statement{CQL: insert, Args: []any{1, 2, []int{3}}}
	for want, bad := range map[string]cql.Statement{
		`argument 1 for "p" (int) from string: a string cannot be written as int; an integer can`:          {CQL: insert, Args: []any{"x", 2, nil}},
		`argument 2 for "v" (smallint) from int: the value is out of range`:                                {CQL: insert, Args: []any{1, 1 << 15, nil}},
		`argument 3 for "l" (list<int>) from []interface {}: element 1: a string cannot be written as int`: {CQL: insert, Args: []any{1, 2, []any{1, "x"}}},
		`argument 3 for "l" (list<int>) from time.Time: a time.Time cannot be written as list<int>`:        {CQL: insert, Args: []any{1, 2, time.Now()}},
		`argument 3: the statement has 3 markers, and there are 2 arguments`:                               {CQL: insert, Args: []any{1, 2}},
		`argument 4: the statement has 3 markers, and there are 4 arguments`:                               {CQL: insert, Args: []any{1, 2, nil, 4}},
		`argument 1 for "u" (tuple<int, text>) from []interface {}: the driver cannot bind a whole tuple`: {
			CQL: "UPDATE ks.a SET u = ? WHERE p = ?", Args: []any{[]any{1, "x"}, 1}},
	} {
		err := session.Execute(t.Context(), bad)
		require.ErrorIs(t, err, cql.Malformed, want)
		var e *cql.ArgumentError
		require.ErrorAs(t, err, &e)
		require.ErrorContains(t, err, want)

		_, err = session.Fetch(t.Context(), cql.PageRequest{Statement: bad})
		require.ErrorContains(t, err, want)
	}
	require.Empty(t, server.Requests(cqltest.User), "nothing was sent")

	err := session.Batch(t.Context(), cql.Batch{Statements: []cql.Statement{good, {CQL: insert, Args: []any{1, 2, 3}}}})
	require.ErrorIs(t, err, cql.Malformed)
	require.ErrorContains(t, err, `argument 3 of statement 2 for "l" (list<int>) from int`)
	err = session.Batch(t.Context(), cql.Batch{Statements: []cql.Statement{good, {CQL: insert, Args: []any{1}}}})
	require.ErrorIs(t, err, cql.Malformed)
	require.ErrorContains(t, err, `argument 2 of statement 2: the statement has 3 markers, and there are 1 arguments`)
	require.NoError(t, session.Batch(t.Context(), cql.Batch{Statements: []cql.Statement{good}}))
	require.NoError(t, session.Execute(t.Context(), cql.Statement{CQL: "UPDATE ks.a SET u = (?, ?), v = ? WHERE p = ?", Args: []any{4, "x", cql.Unset, 1}}))

	page, err := session.Fetch(t.Context(), cql.PageRequest{Statement: cql.Statement{CQL: "SELECT v, u FROM ks.a WHERE p = :p", Args: []any{1}}})
	require.NoError(t, err)
	row, err := page.Next()
	require.NoError(t, err)
	require.Equal(t, [][]byte{{0, 2}, {0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1, 'x'}}, row, "unset leaves v as it was")
}

// TestNamedValuesAreNotTaken: the driver would encode each for the marker in its place and send it for another.
func TestNamedValuesAreNotTaken(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE ks.w (p int PRIMARY KEY, c text, d varint)")
	server.ResetLog()
	const insert = "INSERT INTO ks.w (p, c, d) VALUES (:p, :c, :d)"
	for place, args := range [][]any{
		{gocql.NamedValue("p", 1), gocql.NamedValue("d", "7"), gocql.NamedValue("c", "7")},
		{1, gocql.NamedValue("d", "7"), "7"},
	} {
		bad := cql.Statement{CQL: insert, Args: args}
		for _, err := range []error{
			session.Execute(t.Context(), bad),
			session.Batch(t.Context(), cql.Batch{Statements: []cql.Statement{bad}}),
		} {
			require.ErrorIs(t, err, cql.Malformed)
			var e *cql.ArgumentError
			require.ErrorAs(t, err, &e)
			require.Equal(t, place, e.Index)
			require.ErrorContains(t, err, "in the order of the markers")
		}
	}
	require.Empty(t, server.Requests(cqltest.All), "nothing was asked, nothing was sent")
}

// TestRequestsGoWhereTheirKeyIs: the driver needs the bytes of the partition key to find the replicas.
func TestRequestsGoWhereTheirKeyIs(t *testing.T) {
	server, session := serve(t, cqltest.Nodes(3), cqltest.VNodes(8))
	server.MustExec("CREATE TABLE ks.keyed (a int, b text, PRIMARY KEY ((a, b)))")
	insert := func(i int) cql.Statement {
		return cql.Statement{CQL: "INSERT INTO ks.keyed (a, b) VALUES (?, ?)", Args: []any{i, "x"}}
	}
	require.NoError(t, session.Execute(t.Context(), insert(0))) // the ring is known from now on
	used := map[int]bool{}
	for i := range 20 {
		server.ResetLog()
		for range 4 {
			require.NoError(t, session.Execute(t.Context(), insert(i)))
			require.NoError(t, session.Batch(t.Context(), cql.Batch{Statements: []cql.Statement{insert(i)}}))
		}
		requests := server.Requests(cqltest.User)
		require.Len(t, requests, 8)
		for _, r := range requests {
			require.Equal(t, requests[0].Node, r.Node, "key %d", i)
		}
		used[requests[0].Node] = true
	}
	require.Len(t, used, 3)
}

func TestAPointerThatLeadsToItself(t *testing.T) {
	type loop *loop
	var l loop
	l = &l
	_, err := intType.Marshal(l)
	require.ErrorContains(t, err, "leads to itself")
}
