package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/examples/internal/sample"
	"github.com/rxcql/rxcql/source"
)

// The tables of the server inside the process.
const (
	original = sample.Table
	copied   = sample.Table + "_copy"
)

// side is one of the tables.
type side struct {
	session     *cql.Session
	table       string
	consistency cql.Consistency
}

func (s side) scan() source.Scan[source.Row] {
	return source.Table[source.Row](s.session, s.table).Consistency(s.consistency)
}

// open connects to the clusters, or to a server inside the process.
func open(ctx context.Context, s *settings, log io.Writer) (first, second side, disconnect func(), err error) {
	if !s.first.Named() {
		session, done, err := demonstrate(ctx, s, log)
		return side{session, s.tables[0], cql.One}, side{session, s.tables[1], cql.One}, done, err
	}
	a, err := s.first.Open(ctx)
	if err != nil {
		return first, second, nil, err
	}
	b := a
	if s.second != s.first {
		if b, err = s.second.Open(ctx); err != nil {
			a.Close()
			return first, second, nil, fmt.Errorf("behind --: %w", err)
		}
	}
	return side{a, s.tables[0], s.first.Consistency}, side{b, s.tables[1], s.second.Consistency}, func() { a.Close(); b.Close() }, nil
}

// demonstrate starts a server with a table and a copy that is not quite one.
func demonstrate(ctx context.Context, s *settings, log io.Writer) (*cql.Session, func(), error) {
	return sample.OpenTables(ctx, s.first, log, func(server *cqltest.Server) {
		sample.Fill(server, original, s.rows)
		sample.Write(server, copied, s.rows)
		server.MustExec("UPDATE " + copied + " SET cents = 1 WHERE customer = 0 AND number = 7")
		server.MustExec("DELETE FROM " + copied + " WHERE customer = 1 AND number = 99")
	}, original, copied)
}

// alike checks that ranges of the tables have the same partitions, and gives the columns to compare.
func alike(ctx context.Context, first, second side, names []string) ([]string, error) {
	preflight := func(s side) (source.Preflight, error) {
		scan := s.scan()
		if names != nil {
			scan = scan.Columns(names...)
		}
		found, err := scan.Preflight(ctx)
		if err != nil {
			return found, fmt.Errorf("%s: %w", s.table, err)
		}
		return found, nil
	}
	a, err := preflight(first)
	if err != nil {
		return nil, err
	}
	if names == nil {
		for _, c := range a.Columns {
			names = append(names, cql.Quote(c.Name))
		}
	}
	b, err := preflight(second)
	if err != nil {
		return nil, err
	}
	keys := func(p source.Preflight) (texts []string) {
		for _, c := range p.Key {
			texts = append(texts, fmt.Sprint(c.Kind == cql.PartitionKey, c.Type))
		}
		return texts
	}
	if !slices.Equal(keys(a), keys(b)) {
		return nil, fmt.Errorf("%s and %s have primary keys of different types: their rows cannot be compared by range", first.table, second.table)
	}
	for i, c := range a.Columns {
		if !c.Type.Equal(b.Columns[i].Type) {
			return nil, fmt.Errorf("column %s is %v in %s and %v in %s; leave it out with -columns", c.Name, c.Type, first.table, b.Columns[i].Type, second.table)
		}
	}
	return names, nil
}
