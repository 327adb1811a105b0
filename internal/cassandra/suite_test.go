package cassandra

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
)

func TestKeyspaceIsThereForTheTestAlone(t *testing.T) {
	var name string
	t.Run("inside", func(t *testing.T) {
		cluster := Cluster(t)
		require.Equal(t, Hosts(t), cluster.Hosts)
		name = Keyspace(t)
		require.NotEqual(t, name, Keyspace(t))
		cluster.Keyspace = name
		session, err := cluster.CreateSession()
		require.NoError(t, err)
		defer session.Close()

		require.NoError(t, session.Query("CREATE TABLE t (k int PRIMARY KEY, v text)").Exec())
		require.NoError(t, session.Query("INSERT INTO t (k, v) VALUES (?, ?)", 1, "one").Exec())
		var v, release string
		require.NoError(t, session.Query("SELECT v FROM t WHERE k = ?", 1).Scan(&v))
		require.Equal(t, "one", v)
		require.NoError(t, session.Query("SELECT release_version FROM system.local").Scan(&release))
		t.Log("server:", release)
	})
	session, err := Cluster(t).CreateSession()
	require.NoError(t, err)
	defer session.Close()
	_, err = session.KeyspaceMetadata(name)
	require.ErrorIs(t, err, gocql.ErrKeyspaceDoesNotExist)
}

func TestKeyspaceNames(t *testing.T) {
	long := keyspaceName("Test" + strings.Repeat("Long", 40) + "/with spaces, and \"quotes\"")
	require.LessOrEqual(t, len(long), 48)
	require.Regexp(t, `^t_testrows_at_10_[a-z0-9]{12}$`, keyspaceName("TestRows/at=10%"))
	require.NotEqual(t, keyspaceName("TestRows"), keyspaceName("TestRows"))
}

// A replicated keyspace lives through the loss of a node, which catches up when it is back.
func TestThreeNodesLoseOneAndGetItBack(t *testing.T) {
	began := time.Now()
	nodes := Own(t, Options{Nodes: 3})
	t.Logf("three nodes up after %v", time.Since(began))

	cluster := nodes.Cluster()
	cluster.Consistency = gocql.Quorum
	session, err := cluster.CreateSession()
	require.NoError(t, err)
	defer session.Close()
	// Both try again: just after the loss of a node the driver may still choose it.
	retry := &gocql.SimpleRetryPolicy{NumRetries: 3}
	write := func(from, to int) {
		t.Helper()
		for k := from; k < to; k++ {
			require.NoError(t, session.Query("INSERT INTO ks.t (k) VALUES (?)", k).Idempotent(true).RetryPolicy(retry).Exec())
		}
	}
	rows := func(c gocql.Consistency) (n int, err error) {
		err = session.Query("SELECT count(*) FROM ks.t").Consistency(c).Idempotent(true).RetryPolicy(retry).Scan(&n)
		return n, err
	}
	require.NoError(t, session.Query("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}").Exec())
	require.NoError(t, session.Query("CREATE TABLE ks.t (k int PRIMARY KEY)").Exec())
	write(0, 100)
	n, err := rows(gocql.All)
	require.NoError(t, err)
	require.Equal(t, 100, n)

	nodes.Kill(2)
	t.Logf("one killed after %v", time.Since(began))
	require.Eventually(t, func() bool { // until the others have noticed
		var unavailable *gocql.RequestErrUnavailable
		err := session.Query("INSERT INTO ks.t (k) VALUES (0)").Consistency(gocql.All).Exec()
		return errors.As(err, &unavailable) && unavailable.Alive == 2
	}, time.Minute, 100*time.Millisecond)
	t.Logf("and missed after %v", time.Since(began))
	write(100, 200)
	n, err = rows(gocql.Quorum)
	require.NoError(t, err)
	require.Equal(t, 200, n)

	require.NoError(t, nodes.Restart(2))
	t.Logf("it is back after %v", time.Since(began))
	require.Eventually(t, func() bool { // until they have noticed that too
		n, err := rows(gocql.All)
		return err == nil && n == 200
	}, time.Minute, 200*time.Millisecond)
	t.Logf("and known to the others after %v", time.Since(began))
}
