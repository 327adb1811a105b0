package integration_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/cassandra"
)

// target is a server with an empty keyspace, and a session to it.
type target struct {
	*testing.T
	config   *gocql.ClusterConfig
	session  *cql.Session
	keyspace string
	reads    *atomic.Int64 // requests that read rows of the keyspace's tables
}

// onBoth runs a test against both servers.
func onBoth(t *testing.T, test func(t *target)) {
	t.Run("cqltest", func(t *testing.T) {
		server := cqltest.NewServer()
		t.Cleanup(server.Close)
		server.MustExec("CREATE KEYSPACE it WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
		test(connect(t, server.Cluster(), "it"))
	})
	t.Run("Cassandra", func(t *testing.T) {
		test(onCassandra(t))
	})
}

// onCassandra is for what cqltest does not have.
func onCassandra(t *testing.T) *target {
	return connect(t, cassandra.Cluster(t), cassandra.Keyspace(t))
}

func connect(t *testing.T, config *gocql.ClusterConfig, keyspace string) *target {
	reads := new(atomic.Int64)
	config.QueryObserver = observer(func(q gocql.ObservedQuery) {
		if strings.Contains(q.Statement, " FROM "+keyspace+".") {
			reads.Add(1)
		}
	})
	config.Events.DisableSchemaEvents = true
	// A busy machine takes its time over a change of the schema.
	config.Timeout = 2 * time.Minute
	session, err := cql.Connect(context.Background(), config, cql.Defaults{Timeout: time.Minute})
	require.NoError(t, err)
	t.Cleanup(session.Close)
	return &target{T: t, config: config, session: session, keyspace: keyspace, reads: reads}
}

type observer func(gocql.ObservedQuery)

func (o observer) ObserveQuery(_ context.Context, q gocql.ObservedQuery) { o(q) }

// exec runs a statement in which KS stands for the keyspace.
func (t *target) exec(statement string, args ...any) {
	t.Helper()
	require.NoError(t, t.session.Execute(t.Context(), cql.Statement{CQL: t.in(statement), Args: args}))
}

func (t *target) in(statement string) string {
	return strings.ReplaceAll(statement, "KS.", t.keyspace+".")
}

// other is another client of the same server: a gocql session of its own.
func (t *target) other() *gocql.Session {
	t.Helper()
	config := *t.config
	config.PoolConfig.HostSelectionPolicy = nil
	config.QueryObserver = nil
	session, err := config.CreateSession()
	require.NoError(t, err)
	t.Cleanup(session.Close)
	return session
}
