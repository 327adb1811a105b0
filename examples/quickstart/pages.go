package main

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/gocql/gocql"
)

// pages counts the pages of rows that came from the cluster; those of the schema, which a sink looks at, do not count. It
// is the driver's observer, which is told of each.
type pages struct {
	count, rows atomic.Int64
}

// ObserveQuery implements gocql.QueryObserver.
func (p *pages) ObserveQuery(_ context.Context, q gocql.ObservedQuery) {
	if q.Err == nil && strings.HasPrefix(q.Statement, "SELECT") && !strings.Contains(q.Statement, " FROM system") {
		p.count.Add(1)
		p.rows.Add(int64(q.Rows))
	}
}

// reset begins to count anew.
func (p *pages) reset() {
	p.count.Store(0)
	p.rows.Store(0)
}
