package source

import (
	"context"
	"fmt"
	"strings"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/ring"
)

// plan is what a run of a scan knows of its table and cluster.
type plan struct {
	table       cql.Table
	selected    []string // the columns that the scan reads, WRITETIME and TTL of them too
	statement   cql.Statement
	unfiltered  string // the statement without the user's condition, which is
	where       string
	tokens      string // the statement for the tokens of rows only
	clustering  []clusteringColumn
	cursors     cursors
	ring        *ring.Ring
	nodes       int
	replication map[string]string
}

func (t tableQuery) plan(ctx context.Context) (*plan, error) {
	session := t.pages.session
	table, err := session.Table(ctx, t.table)
	if err != nil {
		return nil, err
	}
	p := &plan{table: table, clustering: clusteringColumns(table, t.where)}
	if err := p.write(t.columns, t.row, t.pages.lenient, t.where, t.args); err != nil {
		return nil, fmt.Errorf("source: scan of %s: %w", t.table, err)
	}
	if p.cursors, err = newCursors(table, p.statement); err != nil {
		return nil, err
	}
	if p.replication, err = session.Keyspace(ctx, table.Keyspace); err != nil {
		return nil, err
	}
	switch partitioner, err := session.Partitioner(ctx); {
	case err != nil:
		return nil, err
	case !strings.HasSuffix(partitioner, "Murmur3Partitioner"):
		return nil, fmt.Errorf("source: scan of %s: the cluster's partitioner is %s; only tables of Murmur3Partitioner can be scanned",
			t.table, partitioner)
	}
	hosts, err := session.Hosts(ctx)
	if err != nil {
		return nil, err
	}
	if p.ring, err = ringOf(hosts); err != nil {
		return nil, err
	}
	p.nodes = max(len(hosts), 1)
	return p, nil
}

func ringOf(hosts []cql.Host) (*ring.Ring, error) {
	nodes := make([]ring.Node, len(hosts))
	for i, h := range hosts {
		tokens, err := ring.ParseTokens(h.Tokens)
		if err != nil {
			return nil, fmt.Errorf("source: node %s: %w", h.Address, err)
		}
		nodes[i] = ring.Node{ID: h.ID, DC: h.DataCenter, Rack: h.Rack, Tokens: tokens}
	}
	return ring.New(nodes), nil
}
