package main

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/gocql/gocql"
)

// pages counts the pages that came from the cluster. It is the driver's observer, which is told of each.
type pages struct {
	count, rows atomic.Int64
}

// ObserveQuery implements gocql.QueryObserver.
func (p *pages) ObserveQuery(_ context.Context, q gocql.ObservedQuery) {
	if q.Err == nil && strings.HasPrefix(q.Statement, "SELECT") {
		p.count.Add(1)
		p.rows.Add(int64(q.Rows))
	}
}

// reset begins to count anew.
func (p *pages) reset() {
	p.count.Store(0)
	p.rows.Store(0)
}
