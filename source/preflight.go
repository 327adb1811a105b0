package source

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
)

// Preflight is what a scan would read, found out without reading a row; see [Scan.Preflight].
type Preflight struct {
	Table     cql.Table         // with its ID and all its columns, and whether it is a view or of counters
	Key       []cql.TableColumn // of the primary key: the partition key's, then the clustering ones
	Columns   []cql.Column      // what rows would have, with their types
	Statement string            // what would be asked for each range, whose bounds are its first two values

	Ranges   int // that the scan would begin with
	Parallel int // of them that it would read at a time
	Nodes    int // of the cluster

	// Bytes and Partitions are a hint; see [cql.Session.SizeEstimate]. They are zero if nothing is known, and of the
	// whole table also if the scan is of a part of it.
	Bytes, Partitions int64

	Replication map[string]string // of the keyspace, as in system_schema.keyspaces

	// Warnings are what may come as a surprise, in sentences for people: the servers' and those of the table's kind.
	Warnings []string
}

// Preflight finds out what a run would read, and whether it could: that the table is there, that it has the columns that
// are asked for and T fits their types, that the condition and its arguments are right, and that the user may read the
// table. It does so with requests to the system tables and by asking for a range without tokens, for which the servers
// check all that and read nothing. What is wrong is the error, as a run would end with it.
//
// It does not touch the checkpoint of a scan that has one. Whether all replicas are up, it cannot tell.
func (t Scan[T]) Preflight(ctx context.Context) (Preflight, error) {
	return t.preflight(ctx, &decode.Decoder[T]{Lenient: t.pages.lenient})
}

func (t tableQuery) preflight(ctx context.Context, decoder pageDecoder) (Preflight, error) {
	session := t.pages.session
	var f Preflight
	err := session.Work(ctx, func(ctx context.Context) error {
		p, err := t.plan(ctx)
		if err != nil {
			return err
		}
		ranges, err := t.split(ctx, p)
		if err != nil {
			return err
		}
		for _, r := range ranges {
			if _, err := readCursor(p.cursors, p.cursors.marks(r.Start), r); err != nil {
				return err
			}
		}
		f = Preflight{
			Table: p.table, Statement: p.statement.CQL, Ranges: len(ranges), Parallel: min(t.width(p), len(ranges)),
			Nodes: p.nodes, Replication: p.replication, Warnings: p.warnings(t.where != ""),
		}
		for _, c := range p.table.Columns {
			if c.Kind == cql.PartitionKey || c.Kind == cql.Clustering {
				f.Key = append(f.Key, c)
			}
		}
		if f.Bytes, f.Partitions, err = session.SizeEstimate(ctx, p.table); err != nil {
			return err
		}
		page, err := t.nothing(ctx, p, decoder)
		if err != nil {
			return err
		}
		f.Columns = slices.Clone(page.Columns()[:len(page.Columns())-1])
		f.Warnings = append(f.Warnings, page.Warnings()...)
		return nil
	})
	return f, err
}

// nothing asks for a range that has no tokens, and checks that its rows, if it had any, would fit the decoder's type.
func (t tableQuery) nothing(ctx context.Context, p *plan, decoder pageDecoder) (cql.Page, error) {
	statement := t.pages.statement
	statement.CQL, statement.Args = p.statement.CQL, append([]any{int64(0), int64(0)}, p.statement.Args...)
	q := t.pages
	q.statement = statement
	asked := q.fetcher()(ctx, 1, 1, nil)
	if asked.err != nil {
		return nil, asked.err
	}
	columns := asked.page.Columns()
	if len(columns) == 0 {
		return nil, errors.New("source: the answer for a range without tokens has no columns")
	}
	err := decoder.Page(slices.Clip(columns[:len(columns)-1]), 0)
	if cell := (*decode.Error)(nil); errors.As(err, &cell) {
		err = (*DecodeError)(cell)
	}
	return asked.page, err
}

// warnings are those that the table itself gives.
func (p *plan) warnings(filtered bool) (warnings []string) {
	warn := func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
	if p.table.Counter {
		warn("%v has counters: its rows cannot be inserted elsewhere, only added to what is there, "+
			"and they may change while they are read.", p.table)
	}
	if p.table.View {
		warn("%v is a materialized view: it may lag behind its table.", p.table)
	}
	if slices.ContainsFunc(p.table.Columns, func(c cql.TableColumn) bool { return c.Kind == cql.Static }) {
		warn("%v has static columns: partitions with nothing else come as one row, whose clustering columns are null.", p.table)
	}
	if strings.HasSuffix(p.replication["class"], "LocalStrategy") {
		warn("Keyspace %s is not replicated: each node has its own data, of which only one node's is read.",
			cql.Quote(p.table.Keyspace))
	}
	if filtered {
		warn("The condition is checked by the servers for every row: the whole table is read, whatever comes of it.")
	}
	return warnings
}
