package cql_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
)

func TestColumnsOfATableWithTheirTypes(t *testing.T) {
	server, session := serve(t)
	server.MustExec(`CREATE TABLE ks.c (k int PRIMARY KEY, "Note" text, tags list<text>)`)
	text := cql.Type{Kind: cql.Varchar}
	all := []cql.Column{
		{Name: "k", Type: cql.Type{Kind: cql.Int}}, {Name: "Note", Type: text}, {Name: "tags", Type: cql.Type{Kind: cql.List, Elems: []cql.Type{text}}},
	}
	columns, err := session.Columns(t.Context(), "ks.c")
	require.NoError(t, err)
	require.Equal(t, all, columns)

	columns, err = session.Columns(t.Context(), "KS.c", `"Note"`, "K", `WRITETIME("Note")`, `ttl( "Note" )`)
	require.NoError(t, err)
	require.Equal(t, []cql.Column{
		all[1], all[0], {Name: "writetime(Note)", Type: cql.Type{Kind: cql.Bigint}}, {Name: "ttl(Note)", Type: cql.Type{Kind: cql.Int}},
	}, columns)
}

func TestColumnsThatAreNotThere(t *testing.T) {
	server, session := serve(t)
	server.MustExec(`CREATE TABLE ks.c (k int PRIMARY KEY, "Note" text)`)
	for name, says := range map[string]string{
		"note": "cql: columns: invalid request: ks.c has no column note: not in the schema", `writetime("x y")`: `no column "x y"`,
	} {
		_, err := session.Columns(t.Context(), "ks.c", name)
		require.ErrorIs(t, err, cql.ErrUndefined)
		require.ErrorIs(t, err, cql.Invalid)
		require.ErrorContains(t, err, says)
	}
	for _, name := range []string{"", "*", "k, k", "count(k)", "ttl()", "k FROM ks.c --"} {
		_, err := session.Columns(t.Context(), "ks.c", name)
		require.ErrorIs(t, err, cql.Invalid)
		require.ErrorContains(t, err, "is not a column")
	}
	_, err := session.Columns(t.Context(), "ks.none")
	require.ErrorIs(t, err, cql.ErrUndefined)
}
