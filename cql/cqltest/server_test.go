package cqltest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql/cqltest"
)

// connect opens a session on keyspace ks, which it makes if need be; both ends close with the test.
func connect(t testing.TB, srv *cqltest.Server, change ...func(*gocql.ClusterConfig)) *gocql.Session {
	t.Helper()
	srv.MustExec(`CREATE KEYSPACE IF NOT EXISTS ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	cfg := srv.Cluster()
	cfg.Keyspace = "ks"
	for _, f := range change {
		f(cfg)
	}
	s, err := cfg.CreateSession()
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

func newServer(t testing.TB, opts ...cqltest.Option) *cqltest.Server {
	t.Helper()
	srv := cqltest.NewServer(opts...)
	t.Cleanup(srv.Close)
	srv.MustExec(`CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	srv.MustExec(`USE ks`)
	return srv
}

func ints(t testing.TB, it *gocql.Iter) []int {
	t.Helper()
	var out []int
	var v int
	for it.Scan(&v) {
		out = append(out, v)
	}
	require.NoError(t, it.Close())
	return out
}

func TestLoopback(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	require.NoError(t, s.Query(`CREATE TABLE t (p int, c int, v text, PRIMARY KEY (p, c))`).Exec())
	for c := range 25 {
		require.NoError(t, s.Query(`INSERT INTO t (p, c, v) VALUES (?, ?, ?)`, 1, c, "x").Exec())
	}
	got := ints(t, s.Query(`SELECT c FROM t WHERE p = ?`, 1).PageSize(10).Iter())
	require.Len(t, got, 25)
	require.IsIncreasing(t, got)
	require.Equal(t, 3, srv.Pages("ks.t"))
}

func TestInMemoryInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := cqltest.NewServer(cqltest.InMemory())
		defer srv.Close()
		s := connect(t, srv)
		defer s.Close()
		srv.MustExec(`CREATE TABLE ks.t (p int PRIMARY KEY, v int)`)
		srv.Inject(cqltest.Fault{Delay: 3 * time.Second, Times: 1})
		start := time.Now()
		require.NoError(t, s.Query(`INSERT INTO t (p, v) VALUES (1, 2)`).Exec())
		require.Equal(t, 3*time.Second, time.Since(start))
		require.Equal(t, []int{2}, ints(t, s.Query(`SELECT v FROM t`).Iter()))
	})
}

// inBubble runs f with a server and a session in virtual time.
func inBubble(t *testing.T, f func(srv *cqltest.Server, s *gocql.Session)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := cqltest.NewServer(cqltest.InMemory())
		defer srv.Close()
		s := connect(t, srv)
		defer s.Close()
		f(srv, s)
	})
}
