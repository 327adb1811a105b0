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
