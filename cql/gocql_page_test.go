package cql_test

import (
	"testing"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
)

// TestWhatComesWithAPage holds for pages without rows too, whose Iter is closed at once.
func TestWhatComesWithAPage(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY)")
	server.Inject(cqltest.Fault{Warnings: []string{"careful"}, Payload: map[string][]byte{"cost": {7}}})
	request := cql.PageRequest{
		Statement: cql.Statement{CQL: "SELECT p FROM ks.t"}, Tracing: true, Payload: map[string][]byte{"as": []byte("ann")},
	}
	for _, rows := range []int{0, 1} {
		page, err := session.Fetch(t.Context(), request)
		require.NoError(t, err)
		require.Equal(t, rows, page.Len())
		require.Equal(t, []string{"careful"}, page.Warnings())
		require.Equal(t, map[string][]byte{"cost": {7}}, page.Payload())
		id, err := gocql.ParseUUID(page.TraceID())
		require.NoError(t, err)
		require.NotZero(t, id)
		server.MustExec("INSERT INTO ks.t (p) VALUES (1)")
	}
	for _, r := range server.Requests() {
		require.True(t, r.Tracing)
		require.Equal(t, request.Payload, r.Payload)
	}
	server.ResetLog()
	page, err := session.Fetch(t.Context(), cql.PageRequest{Statement: request.Statement})
	require.NoError(t, err)
	require.Empty(t, page.TraceID())
	for _, r := range server.Requests() {
		require.False(t, r.Tracing)
		require.Nil(t, r.Payload)
	}
}

// raw is the bytes of a cell.
type raw []byte

func (r raw) MarshalCQL(gocql.TypeInfo) ([]byte, error) { return r, nil }

// TestTuplesAreAsTheyCame, not as the driver takes them apart, to which a tuple of nulls, an empty one and null are the
// same, and which accepts one that ends early or goes on behind its elements.
func TestTuplesAreAsTheyCame(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY, a tuple<int>, b tuple<int, text>, c int)")
	write := func(p int, a raw) {
		require.NoError(t, session.Execute(t.Context(), cql.Statement{
			CQL: "INSERT INTO ks.t (p, a, b, c) VALUES (?, ?, (?, ?), 5)", Args: []any{p, a, nil, nil}}))
	}
	for i, a := range []raw{nil, {}, {0, 0, 0, 4, 0, 0, 0, 1}, {255, 255, 255, 255}} {
		write(i, a)
		page, err := session.Fetch(t.Context(), cql.PageRequest{Statement: cql.Statement{CQL: "SELECT a, b, c FROM ks.t WHERE p = ?", Args: []any{i}}})
		require.NoError(t, err)
		require.Equal(t, "tuple<int, text>", page.Columns()[1].Type.String())
		row, err := page.Next()
		require.NoError(t, err)
		require.Equal(t, [][]byte{a, {255, 255, 255, 255, 255, 255, 255, 255}, {0, 0, 0, 5}}, row)
		require.Equal(t, a == nil, row[0] == nil)
	}
}
