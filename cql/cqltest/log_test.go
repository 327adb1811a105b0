package cqltest_test

import (
	"slices"
	"testing"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql/cqltest"
)

func sorted(v []int) []int { slices.Sort(v); return v }

func TestLogHoldsWhatWasAsked(t *testing.T) {
	srv := newServer(t, cqltest.Nodes(2))
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int, c text, v double, l list<int>, PRIMARY KEY (p, c))`)
	q := `INSERT INTO t (p, c, v, l) VALUES (?, ?, ?, ?)`
	require.NoError(t, s.Query(q, 1, "a", 2.5, []int{1, 2}).Consistency(gocql.LocalOne).WithTimestamp(42).Exec())
	require.NoError(t, s.Query(q, 1, "b", nil, gocql.UnsetValue).Exec())
	b := s.NewBatch(gocql.UnloggedBatch)
	b.Query(q, 1, "c", 1.0, nil)
	b.Query(`DELETE FROM t WHERE p = 1 AND c = 'a'`)
	require.NoError(t, s.ExecuteBatch(b))
	require.Equal(t, 2, len(rows(t, s.Query(`SELECT c FROM t WHERE p = ?`, 1).PageSize(1))))

	log := srv.Requests()
	require.Len(t, log, 5)
	require.Equal(t, cqltest.OpExecute, log[0].Op)
	require.Equal(t, q, log[0].Statement)
	require.Equal(t, []string{"ks", "t"}, []string{log[0].Keyspace, log[0].Table})
	require.Equal(t, []any{1, "a", 2.5, []int{1, 2}}, log[0].Values)
	require.Equal(t, int64(42), log[0].Timestamp)
	require.Equal(t, gocql.LocalOne, log[0].Consistency)
	require.Equal(t, []any{1, "b", nil, cqltest.Unset}, log[1].Values)
	require.Equal(t, cqltest.OpBatch, log[2].Op)
	require.Equal(t, 1, log[2].BatchType)
	require.Equal(t, []cqltest.BatchEntry{{q, []any{1, "c", 1.0, nil}}, {`DELETE FROM t WHERE p = 1 AND c = 'a'`, nil}}, log[2].Batch)
	require.Equal(t, []int{1, 2}, []int{log[3].Page, log[4].Page})
	require.Equal(t, 1, log[4].PageSize)
	require.NotEmpty(t, log[4].PageState)
	require.True(t, log[4].SkipMetadata)
	require.Less(t, log[3].Seq, log[4].Seq)
	require.Equal(t, 2, srv.Pages("t"))
	require.Len(t, srv.Requests(cqltest.On("t")), 5)
	require.Len(t, srv.Requests(cqltest.On("other.t")), 0)
	isPrepare := func(r cqltest.Request) bool { return r.Op == cqltest.OpPrepare }
	require.NotEmpty(t, srv.Requests(isPrepare))
	require.Greater(t, len(srv.Requests(cqltest.All)), 5)
	srv.ResetLog()
	require.Empty(t, srv.Requests())
	require.Zero(t, srv.Pages("t"))
}

func TestPagesOfATableThatNeverWas(t *testing.T) {
	srv := newServer(t)
	srv.MustExec(`CREATE TABLE orders (p int PRIMARY KEY)`)
	require.PanicsWithValue(t, "cqltest: Pages: there never was a table ks.orderz", func() { srv.Pages("ks.orderz") })
	require.Panics(t, func() { srv.Pages("orderz") })
	require.Panics(t, func() { srv.Pages("other.orders") })
	srv.MustExec(`DROP KEYSPACE ks`)
	require.Zero(t, srv.Pages("ks.orders"), "it was there")
	require.Zero(t, srv.Pages("orders"))
	require.Zero(t, srv.Pages("system.peers"))
}

func TestLogIsBounded(t *testing.T) {
	srv := newServer(t, cqltest.LogSize(10))
	s := connect(t, srv)
	numbers(srv, 1)
	for range 50 {
		require.NoError(t, s.Query(`SELECT c FROM t`).Exec())
	}
	require.Len(t, srv.Requests(cqltest.All), 10)
	require.LessOrEqual(t, len(srv.Requests()), 10)
	require.GreaterOrEqual(t, srv.Dropped(), 40)
	require.Equal(t, 50, srv.Pages("t"), "counted all the same")
}

func TestNodesAreSeenByTheDriver(t *testing.T) {
	srv := newServer(t, cqltest.Nodes(3), cqltest.VNodes(4))
	policy := &hosts{HostSelectionPolicy: gocql.RoundRobinHostPolicy(), tokens: map[string]int{}}
	s := connect(t, srv, func(c *gocql.ClusterConfig) { c.PoolConfig.HostSelectionPolicy = policy; c.Hosts = c.Hosts[:1] })
	numbers(srv, 1)
	seen := map[int]bool{}
	for range 12 {
		require.NoError(t, s.Query(`SELECT c FROM t`).Exec())
	}
	for _, r := range srv.Requests() {
		seen[r.Node] = true
	}
	require.Len(t, seen, 3)
	require.Equal(t, map[string]int{"127.0.0.1": 4, "127.0.0.2": 4, "127.0.0.3": 4}, policy.tokens)
}

type hosts struct {
	gocql.HostSelectionPolicy
	tokens map[string]int
}

func (h *hosts) AddHost(host *gocql.HostInfo) {
	h.tokens[host.ConnectAddress().String()] = len(host.Tokens())
	h.HostSelectionPolicy.AddHost(host)
}
