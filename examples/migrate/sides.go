package main

import (
	"context"
	"fmt"
	"io"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/examples/internal/sample"
)

// The tables of the server inside the process.
const (
	original = sample.Table
	copied   = sample.Table + "_copy"
)

// side is the table that is read, or the one that is written.
type side struct {
	session     *cql.Session
	table       string
	consistency cql.Consistency
}

// open connects to the clusters, or to a server inside the process.
func open(ctx context.Context, s *settings, log io.Writer) (from, to side, disconnect func(), err error) {
	if !s.from.Named() {
		session, done, err := demonstrate(ctx, s, log)
		return side{session, s.tables[0], cql.One}, side{session, s.tables[1], cql.One}, done, err
	}
	a, err := s.from.Open(ctx)
	if err != nil {
		return from, to, nil, err
	}
	b := a
	if s.to != s.from {
		if b, err = s.to.Open(ctx); err != nil {
			a.Close()
			return from, to, nil, fmt.Errorf("behind --: %w", err)
		}
	}
	return side{a, s.tables[0], s.from.Consistency}, side{b, s.tables[1], s.to.Consistency}, func() { a.Close(); b.Close() }, nil
}

// demonstrate starts a server with a table, and an empty one like it.
func demonstrate(ctx context.Context, s *settings, log io.Writer) (*cql.Session, func(), error) {
	return sample.OpenTables(ctx, s.from, log, func(server *cqltest.Server) {
		sample.Fill(server, original, s.rows)
		sample.Write(server, copied, 0)
	}, original, copied)
}
