package integration_test

import (
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cassandra"
	"github.com/rxcql/rxcql/source"
)

// A user who may not read a table is told so before anything is read; one who may, reads it without any other right.
func TestPreflightTellsThatAUserMayNotReadATable(t *testing.T) {
	nodes := cassandra.Own(t, cassandra.Options{Auth: true})
	admin := nodes.Cluster()
	admin.Events.DisableSchemaEvents = true
	admin.Timeout = time.Minute
	var root *gocql.Session
	require.Eventually(t, func() bool {
		var err error
		root, err = admin.CreateSession()
		return err == nil
	}, time.Minute, 200*time.Millisecond, "the first user")
	t.Cleanup(root.Close)
	for _, statement := range []string{
		"CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"CREATE TABLE ks.open (k int PRIMARY KEY, v text)",
		"CREATE TABLE ks.secret (k int PRIMARY KEY, v text)",
		"INSERT INTO ks.open (k, v) VALUES (1, 'x')",
		"INSERT INTO ks.secret (k, v) VALUES (1, 'x')",
		"CREATE ROLE reader WITH PASSWORD = 'pass' AND LOGIN = true",
		"GRANT SELECT ON ks.open TO reader",
		"GRANT MODIFY ON ks.secret TO reader",
	} {
		require.NoError(t, root.Query(statement).Exec(), statement)
	}
	config := nodes.Cluster()
	config.Events.DisableSchemaEvents = true
	config.Authenticator = gocql.PasswordAuthenticator{Username: "reader", Password: "pass"}
	session, err := cql.Connect(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(session.Close)

	_, err = source.Table[source.Row](session, "ks.open").Preflight(t.Context())
	require.NoError(t, err)
	n, err := source.Table[source.Row](session, "ks.open").Count(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, n)

	_, err = source.Table[source.Row](session, "ks.secret").Preflight(t.Context())
	require.ErrorIs(t, err, cql.Unauthorized)
	require.ErrorContains(t, err, "User reader has no SELECT permission on <table ks.secret>")
	t.Log(err)
	_, scan := source.Table[source.Row](session, "ks.secret").Rows().Collect(t.Context())
	require.ErrorIs(t, scan, cql.Unauthorized)
	require.ErrorContains(t, scan, "User reader has no SELECT permission on <table ks.secret>")
	t.Log(scan)
}
