package cqltest_test

import (
	"fmt"
	"io"
	"log"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
)

// connect opens a session on keyspace ks, which it makes if need be; both ends close with the test.
func connect(t testing.TB, srv *cqltest.Server, change ...func(*gocql.ClusterConfig)) *gocql.Session {
	t.Helper()
	srv.MustExec(`CREATE KEYSPACE IF NOT EXISTS ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	cfg := srv.Cluster()
	cfg.Keyspace = "ks"
	cfg.Logger = log.New(io.Discard, "", 0) // it reports every connection that ends
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
	virtualtime.Test(t, func(t *testing.T) {
		srv := cqltest.NewServer(cqltest.InMemory(), cqltest.Nodes(3))
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

// TestServersStayInTheirBubble: without the error the runtime would end the process.
func TestServersStayInTheirBubble(t *testing.T) {
	outside := cqltest.NewServer(cqltest.InMemory())
	defer outside.Close()
	var inside *cqltest.Server
	virtualtime.Test(t, func(t *testing.T) {
		inside = cqltest.NewServer(cqltest.InMemory())
		defer inside.Close()
		cfg := outside.Cluster()
		cfg.Logger = log.New(io.Discard, "", 0)
		_, err := cfg.CreateSession()
		require.ErrorContains(t, err, "call NewServer inside the function that synctest.Test runs")
	})
	_, err := inside.Dialer().DialContext(t.Context(), "tcp", "127.0.0.1:9042")
	require.ErrorContains(t, err, "the server belongs to another testing/synctest bubble, or to none")
	conn, err := outside.Dialer().DialContext(t.Context(), "tcp", "127.0.0.1:9042")
	require.NoError(t, err)
	require.NoError(t, conn.Close())
}

// TestNobodyAnswers runs the example, which needs a *testing.T.
func TestNobodyAnswers(t *testing.T) { testNobodyAnswers(t) }

// inBubble runs f with a server and a session in virtual time.
func inBubble(t *testing.T, f func(srv *cqltest.Server, s *gocql.Session)) {
	t.Helper()
	virtualtime.Test(t, func(t *testing.T) {
		srv := cqltest.NewServer(cqltest.InMemory())
		defer srv.Close()
		s := connect(t, srv)
		defer s.Close()
		f(srv, s)
	})
}

// TestTokenAwareDriverAsksTheOwner: gocql's own partitioner and ours agree on every key.
func TestTokenAwareDriverAsksTheOwner(t *testing.T) {
	srv := newServer(t, cqltest.Nodes(3), cqltest.VNodes(8))
	s := connect(t, srv, func(c *gocql.ClusterConfig) {
		c.PoolConfig.HostSelectionPolicy = gocql.TokenAwareHostPolicy(gocql.RoundRobinHostPolicy())
	})
	srv.MustExec(`CREATE TABLE t (a text, b blob, PRIMARY KEY ((a, b)))`)
	owner := map[int64]int{} // by token
	for i, ip := range []string{"127.0.0.1", "127.0.0.2", "127.0.0.3"} {
		local := srv.Cluster()
		local.Hosts, local.DisableInitialHostLookup = []string{ip}, true
		direct, err := local.CreateSession()
		require.NoError(t, err)
		var tokens []string
		require.NoError(t, direct.Query(`SELECT tokens FROM system.local`).Scan(&tokens))
		direct.Close()
		require.Len(t, tokens, 8)
		for _, text := range tokens {
			n, err := strconv.ParseInt(text, 10, 64)
			require.NoError(t, err)
			owner[n] = i
		}
	}
	require.Len(t, owner, 24)
	ring := slices.Sorted(maps.Keys(owner))
	insert := `INSERT INTO t (a, b) VALUES (?, ?)`
	require.NoError(t, s.Query(insert, "warm", []byte{1}).Exec()) // the ring is known from now on
	srv.ResetLog()
	for i := range 60 {
		key := []byte{byte(i * 4), 0xff, byte(i)}
		require.NoError(t, s.Query(insert, strings.Repeat("é", i), key).Exec())
		var token int64
		require.NoError(t, s.Query(`SELECT token(a, b) FROM t WHERE a = ? AND b = ?`, strings.Repeat("é", i), key).Scan(&token))
		k, _ := slices.BinarySearch(ring, token)
		log := srv.Requests()
		for _, r := range log[len(log)-2:] {
			require.Equal(t, owner[ring[k%len(ring)]], r.Node, "token %d", token)
		}
	}
}

// TestManyClientsAtOnce reads, writes, changes the schema and looks at the log all at the same time.
func TestManyClientsAtOnce(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int, c int, v int, PRIMARY KEY (p, c))`)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 40 {
				switch {
				case i%20 == 19:
					srv.MustExec(fmt.Sprintf(`ALTER TABLE t ADD x%d_%d int`, w, i))
				case i%10 == 5:
					srv.Requests()
					srv.Inject(cqltest.Fault{Match: func(cqltest.Request) bool { return false }}).Remove()
				case i%4 == 3:
					if err := s.Query(`SELECT p, c FROM t`).NoSkipMetadata().PageSize(9).Exec(); err != nil {
						t.Error(err)
					}
				default:
					if err := s.Query(`INSERT INTO t (p, c, v) VALUES (?, ?, ?)`, w, i, i).Exec(); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	want := 0
	for i := range 40 {
		if i%20 != 19 && i%10 != 5 && i%4 != 3 {
			want += 8
		}
	}
	require.Len(t, ints(t, s.Query(`SELECT c FROM t`).Iter()), want)
}
