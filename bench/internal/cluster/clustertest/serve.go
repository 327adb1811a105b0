// Package clustertest gives the tests of contestants a server inside the process, set up as for a run.
package clustertest

import (
	"net"
	"strconv"
	"testing"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/bench/internal/cluster"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
)

// Serve starts a server and connects to it. Both end with the test. Each contestant gets a configuration of its own.
func Serve(t *testing.T) (config func() *gocql.ClusterConfig, session *cql.Session) {
	t.Helper()
	server := cqltest.NewServer()
	t.Cleanup(server.Close)
	config = func() *gocql.ClusterConfig {
		c, err := cluster.Config(net.JoinHostPort("127.0.0.1", strconv.Itoa(server.Cluster().Port)))
		require.NoError(t, err)
		return c
	}
	session, err := cql.Connect(t.Context(), config())
	require.NoError(t, err)
	t.Cleanup(session.Close)
	return config, session
}
