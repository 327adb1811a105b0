package cql_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/ring"
	"github.com/rxcql/rxcql/internal/virtualtime"
)

// cable is a dialer whose connections to a node can be cut.
type cable struct {
	gocql.Dialer
	mu    sync.Mutex
	cut   string // the node's address, if it is
	conns map[string][]net.Conn
}

func (c *cable) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	host, _, _ := net.SplitHostPort(addr)
	if host == c.cut {
		return nil, errors.New("connection refused")
	}
	conn, err := c.Dialer.DialContext(ctx, network, addr)
	if err == nil {
		c.conns[host] = append(c.conns[host], conn)
	}
	return conn, err
}

func (c *cable) Cut(host string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = host
	for _, conn := range c.conns[host] {
		conn.Close()
	}
}

// threeNodes gives a function a server of three nodes, a session, and the nodes' ids by their number in the log.
func threeNodes(t *testing.T, f func(t *testing.T, server *cqltest.Server, session *cql.Session, ids []string, cable *cable)) {
	virtualtime.Test(t, func(t *testing.T) {
		server := cqltest.NewServer(cqltest.InMemory(), cqltest.Nodes(3), cqltest.VNodes(4))
		defer server.Close()
		server.MustExec("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
		server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY)")
		config := server.Cluster()
		cable := &cable{Dialer: server.Dialer(), conns: map[string][]net.Conn{}}
		config.Dialer = cable
		config.Logger = log.New(io.Discard, "", 0)
		session, err := cql.Connect(t.Context(), config)
		require.NoError(t, err)
		defer time.Sleep(time.Minute) // the driver does not end its tries to reconnect when the session is closed
		defer session.Close()
		synctest.Wait() // until there are connections to all
		hosts, err := session.Hosts(t.Context())
		require.NoError(t, err)
		ids := make([]string, len(hosts))
		for _, h := range hosts {
			ids[h.Address[len("127.0.0.")]-'1'] = h.ID
		}
		f(t, server, session, ids, cable)
	})
}

func TestRequestsGoToPreferredHosts(t *testing.T) {
	threeNodes(t, func(t *testing.T, server *cqltest.Server, session *cql.Session, ids []string, _ *cable) {
		write := cql.Statement{CQL: "INSERT INTO ks.t (p) VALUES (1)"}
		read := cql.PageRequest{Statement: cql.Statement{CQL: "SELECT p FROM ks.t WHERE token(p) > ?", Args: []any{0}}, Size: 10}
		nodes := func(ctx context.Context) (nodes []int) {
			server.ResetLog()
			for range 4 {
				require.NoError(t, session.Execute(ctx, write))
				require.NoError(t, session.Batch(ctx, cql.Batch{Statements: []cql.Statement{write}}))
				page, err := session.Fetch(ctx, read)
				require.NoError(t, err)
				require.NotEmpty(t, page.Host())
			}
			seen := map[int]bool{}
			for _, r := range server.Requests() {
				if !seen[r.Node] {
					nodes = append(nodes, r.Node)
				}
				seen[r.Node] = true
			}
			return nodes
		}
		for i, id := range ids {
			require.Equal(t, []int{i}, nodes(cql.PreferHosts(t.Context(), id)))
			require.Equal(t, []int{i}, nodes(cql.PreferHosts(t.Context(), "nobody", id, ids[0])))
		}
		inner := cql.PreferHosts(cql.PreferHosts(t.Context(), ids[0]), ids[1])
		require.Equal(t, []int{1}, nodes(inner))
		for _, ctx := range []context.Context{t.Context(), cql.PreferHosts(t.Context(), "nobody"), cql.PreferHosts(inner)} {
			require.ElementsMatch(t, []int{0, 1, 2}, nodes(ctx), "as the policy says")
		}
	})
}

func TestAPreferredHostThatGoesDown(t *testing.T) {
	threeNodes(t, func(t *testing.T, server *cqltest.Server, session *cql.Session, ids []string, cable *cable) {
		node := func(ids ...string) int {
			server.ResetLog()
			require.NoError(t, session.Execute(cql.PreferHosts(t.Context(), ids...), cql.Statement{CQL: "INSERT INTO ks.t (p) VALUES (1)"}))
			require.Len(t, server.Requests(), 1)
			return server.Requests()[0].Node
		}
		require.Equal(t, 1, node(ids[1], ids[2]))
		cable.Cut("127.0.0.2")
		synctest.Wait()
		for range 5 {
			require.Equal(t, 2, node(ids[1], ids[2]))
			require.Equal(t, 0, node(ids[1], ids[0]))
			require.NotEqual(t, 1, node(ids[1]))
		}
	})
}

// TestReplicasAreWhereTheDriverSends: the ring that is made of a session's hosts is the driver's own.
func TestReplicasAreWhereTheDriverSends(t *testing.T) {
	threeNodes(t, func(t *testing.T, server *cqltest.Server, session *cql.Session, ids []string, _ *cable) {
		hosts, err := session.Hosts(t.Context())
		require.NoError(t, err)
		nodes := make([]ring.Node, len(hosts))
		for i, h := range hosts {
			tokens, err := ring.ParseTokens(h.Tokens)
			require.NoError(t, err)
			require.Len(t, tokens, 4)
			nodes[i] = ring.Node{ID: h.ID, DC: h.DataCenter, Rack: h.Rack, Tokens: tokens}
		}
		r := ring.New(nodes)
		replication, err := session.Keyspace(t.Context(), "ks")
		require.NoError(t, err)
		for p := range 50 {
			server.ResetLog()
			require.NoError(t, session.Execute(t.Context(), cql.Statement{CQL: "INSERT INTO ks.t (p) VALUES (?)", Args: []any{p}}))
			sent := server.Requests()[0].Node
			page, err := session.Fetch(t.Context(), cql.PageRequest{Statement: cql.Statement{CQL: "SELECT token(p) FROM ks.t WHERE p = ?", Args: []any{p}}})
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(page.Host(), "127.0.0."))
			cells, err := page.Next()
			require.NoError(t, err)
			var token int64
			for _, b := range cells[0] {
				token = token<<8 | int64(b)
			}
			require.Equal(t, []string{ids[sent]}, r.Replicas(token, replication))
		}
	})
}
