// Package exporting has the contestants in Go that export a whole table to a file, reading several of its ranges at a
// time.
package exporting

import (
	"context"
	"path/filepath"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/bench/internal/contest"
	"github.com/rxcql/rxcql/bench/internal/events"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// Plan says how the table is read, and what for. It is the same for all contestants.
type Plan struct {
	Parallel int    // ranges at a time
	Splits   int    // ranges in all
	Page     int    // rows in a page
	Dir      string // where the file goes
}

// Exporter exports the table in one way.
type Exporter struct {
	Name   string
	Writes bool // a file, or else only reads
	open   opening
}

type opening func(ctx context.Context, config *gocql.ClusterConfig, p Plan) (export func() (int, error), stop func(), err error)

// Exporters are all of them.
var Exporters = []Exporter{
	{"gocql pages, not decoded", false, openPages},
	{"rxcql, rows not written", false, openScan},
	{"rxcql", true, openRxcql("events.csv", sink.CSV[source.Row]().NoHeader())},
	{"rxcql, to structs", true, openRxcql("events.csv", sink.CSV[*events.Event]().NoHeader())},
	{"rxcql, as JSON Lines", true, openRxcql("events.jsonl", sink.JSONL[source.Row]())},
}

// Export exports the table, which has that many rows, and tells what it took once a session was there. A profile is
// taken meanwhile.
func (e Exporter) Export(ctx context.Context, config *gocql.ClusterConfig, p Plan, rows int, profile func() (stop func(), err error)) (contest.Result, error) {
	export, disconnect, err := e.open(ctx, config, p)
	if err != nil {
		return contest.Result{}, err
	}
	defer disconnect()
	stop, err := profile()
	if err != nil {
		return contest.Result{}, err
	}
	defer stop()
	return contest.Measure(rows, export)
}

// openRxcql writes what the table scan gives, as examples/export does: with cells as they come if T is source.Row.
func openRxcql[T any](file string, as sink.Format[T]) opening {
	return func(ctx context.Context, config *gocql.ClusterConfig, p Plan) (func() (int, error), func(), error) {
		session, err := cql.Connect(ctx, config)
		if err != nil {
			return nil, nil, err
		}
		return func() (int, error) {
			report, err := sink.File(filepath.Join(p.Dir, file), as).Write(ctx, scan[T](session, p))
			return int(report.Rows), err
		}, session.Close, nil
	}
}

// openScan only counts what the table scan gives, as pointers to structs.
func openScan(ctx context.Context, config *gocql.ClusterConfig, p Plan) (func() (int, error), func(), error) {
	session, err := cql.Connect(ctx, config)
	if err != nil {
		return nil, nil, err
	}
	return func() (n int, err error) {
		err = scan[*events.Event](session, p).ForEach(ctx, func(*events.Event) error {
			n++
			return nil
		})
		return n, err
	}, session.Close, nil
}

func scan[T any](session *cql.Session, p Plan) rx.Observable[T] {
	return source.Table[T](session, events.Table).Consistency(cql.LocalOne).Parallel(p.Parallel).SplitInto(p.Splits).PageSize(p.Page).Rows()
}
