package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// target tells the table that is written from one of the same name, in another cluster or made anew.
type target struct {
	Cluster string `json:"cluster"`
	TableID string `json:"table_id"`
}

func (t target) String() string { return fmt.Sprintf("table %s of cluster %q", t.TableID, t.Cluster) }

// insert is what writes the rows.
func (to side) insert() sink.Mutation[source.Row] {
	return sink.Insert[source.Row](to.session, to.table).Consistency(to.consistency)
}

// check finds what is wrong before anything is kept or written.
func (s *settings) check(ctx context.Context, from, to side, found source.Preflight) (target, error) {
	table, err := to.session.Table(ctx, to.table)
	if err != nil {
		return target{}, fmt.Errorf("the table to write to: %w", err)
	}
	same, err := sameCluster(ctx, from, to)
	switch {
	case err != nil:
		return target{}, err
	case same && table.ID == found.Table.ID:
		return target{}, fmt.Errorf("%v is read and written: a copy onto itself changes the times of its rows, and what they live", table)
	case table.Counter || found.Table.Counter:
		return target{}, fmt.Errorf("%v has counters, which cannot be copied: a page that is written again would count twice", found.Table)
	}
	if err := to.insert().Check(ctx, s.rename.columns(found.Columns)...); err != nil {
		return target{}, err
	}
	name, err := source.Query[string](to.session, "SELECT cluster_name FROM system.local").Rows().First(ctx)
	return target{name, table.ID}, err
}

// sameCluster tells whether two sessions are with the same cluster, however its nodes were named: whether they have a node
// in common.
func sameCluster(ctx context.Context, from, to side) (bool, error) {
	if from.session == to.session {
		return true, nil
	}
	a, err := from.session.Hosts(ctx)
	if err != nil {
		return false, err
	}
	b, err := to.session.Hosts(ctx)
	return slices.ContainsFunc(a, func(h cql.Host) bool {
		return slices.ContainsFunc(b, func(other cql.Host) bool { return h.ID == other.ID && h.Address == other.Address })
	}), err
}

// tellOfTTLs looks at some rows for what would live for ever in the copy.
func (s *settings) tellOfTTLs(ctx context.Context, from side, found source.Preflight, log io.Writer) error {
	if s.times {
		return nil
	}
	var names []string
	for _, name := range withTimes(found) {
		if strings.HasPrefix(name, "ttl(") {
			names = append(names, name)
		}
	}
	if names == nil {
		return nil
	}
	some := source.Query[source.Row](from.session, fmt.Sprintf("SELECT %s FROM %s LIMIT 100", strings.Join(names, ", "), from.table)).Consistency(from.consistency)
	for row, err := range some.Rows().All(ctx) {
		if err != nil {
			return err
		}
		for i := range names {
			if row.Cell(i) != nil {
				fmt.Fprintf(log, "Note: rows of %v have a TTL, which the copy does not keep without -times.\n", found.Table)
				return nil
			}
		}
	}
	return nil
}
