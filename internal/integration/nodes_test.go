package integration_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cassandra"
	"github.com/rxcql/rxcql/source"
)

// A node is killed in the middle of a scan, and is back before its end: every row comes, and comes once.
func TestAScanOutlivesANode(t *testing.T) {
	began := time.Now()
	nodes := cassandra.Own(t, cassandra.Options{Nodes: 3})
	t.Logf("three nodes up after %v", time.Since(began))
	config := nodes.Cluster()
	config.Events.DisableSchemaEvents = true
	config.Timeout = 2 * time.Minute
	session, err := cql.Connect(t.Context(), config, cql.Defaults{Timeout: time.Minute, Consistency: cql.LocalQuorum})
	require.NoError(t, err)
	defer session.Close()
	to := &target{T: t, config: config, session: session, keyspace: "ks"}
	to.exec("CREATE KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 3}")
	to.exec("CREATE TABLE KS.t (p int, c int, v text, PRIMARY KEY (p, c))")
	other := to.other()
	const partitions, rows = 300, 50
	load(to, other, partitions, rows, "INSERT INTO KS.t (p, c, v) VALUES (?, ?, ?)", func(p, r int) []any {
		return []any{p, r, fmt.Sprint("value of ", p, r)}
	})
	t.Logf("loaded after %v", time.Since(began))
	hosts, err := session.Hosts(t.Context())
	require.NoError(t, err)
	require.Len(t, hosts, 3)

	type row struct{ P, C int }
	const killed = 1
	seen := map[row]int{}
	coordinators := map[string]int{} // while it was away
	pages, away := 0, false
	table := source.Table[row](session, "ks.t").PageSize(40).Parallel(3).SplitInto(24)
	require.NoError(t, table.Pages().ForEach(t.Context(), func(p source.TablePage[row]) error {
		for _, r := range p.Rows {
			seen[r]++
		}
		if away {
			coordinators[p.Host]++
		}
		switch pages++; pages {
		case 100:
			nodes.Kill(killed)
			away = true
		case 260:
			away = false
			require.NoError(t, nodes.Restart(killed))
		}
		return nil
	}))
	t.Logf("%d pages read after %v; by coordinator while one was away: %v", pages, time.Since(began), coordinators)
	require.Greater(t, pages, 300)
	require.Len(t, seen, partitions*rows)
	for r, n := range seen {
		require.Equal(t, 1, n, "%v", r)
	}
	require.GreaterOrEqual(t, len(coordinators), 2)

	// Whoever prefers a node that is down is answered by another.
	nodes.Kill(killed)
	var down string
	for _, h := range hosts {
		if h.Address == nodes.Hosts()[killed] {
			down = h.ID
		}
	}
	require.NotEmpty(t, down)
	require.Eventually(t, func() bool {
		page, err := session.Fetch(cql.PreferHosts(t.Context(), down), cql.PageRequest{Statement: cql.Statement{CQL: "SELECT p FROM ks.t"}, Size: 1})
		return err == nil && page.Host() != nodes.Hosts()[killed]
	}, time.Minute, 100*time.Millisecond)
	n, err := table.Count(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, partitions*rows, n)
	t.Logf("done after %v", time.Since(began))
}
