package main

import (
	"context"
	"io"
	"strings"

	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
	"github.com/rxcql/rxcql/source/bar"
)

// migrate is the job: scan, map, write, acknowledge the page, checkpoint.
func migrate(
	stop context.Context, s *settings, scan source.Scan[source.Row], to side, log io.Writer, tracker *source.Tracker,
) (sink.Report, error) {
	insert := to.insert().Since(s.began)
	if s.maxDead != 0 {
		insert = insert.DeadLetters(sink.DeadLetterFile[source.Row](s.deadLetters()), sink.Tolerance{Rows: s.maxDead})
	}
	if s.window > 0 {
		insert = insert.Window(s.window)
	}
	if s.rate > 0 {
		insert = insert.Throttle(rate.NewLimiter(rate.Limit(s.rate), 1+int(s.rate/10)))
	}
	shown := bar.Show(log, tracker)
	defer shown()
	return insert.Work(stop, func(ctx context.Context, w *sink.Writer[source.Row]) error {
		return scan.Each(ctx, s.pages, func(ctx context.Context, page source.TablePage[source.Row]) error {
			rows := operators.TryMap(rx.From(page.Rows...), func(_ context.Context, row source.Row) (source.Row, error) {
				return s.rename.row(row)
			})
			return w.Write(ctx, rows) // nil acknowledges the page
		})
	})
}

// scan is what is read, with the columns' times if they are to be kept.
func (s *settings) scan(ctx context.Context, from side, tracker *source.Tracker) (source.Scan[source.Row], source.Preflight, error) {
	scan := source.Table[source.Row](from.session, from.table).Consistency(from.consistency).Track(tracker)
	if s.where != "" {
		scan = scan.Where(s.where)
	}
	if s.columns != nil {
		scan = scan.Columns(s.columns...)
	}
	if s.parallel > 0 {
		scan = scan.Parallel(s.parallel)
	}
	if s.pageSize > 0 {
		scan = scan.PageSize(s.pageSize)
	}
	found, err := scan.Preflight(ctx)
	if err != nil || !s.times {
		return scan, found, err
	}
	scan = scan.Columns(withTimes(found)...)
	found, err = scan.Preflight(ctx)
	return scan, found, err
}

// withTimes names the columns that would be read, with the times of each.
func withTimes(found source.Preflight) []string {
	var names []string
	for _, c := range found.Columns {
		name := cql.Quote(c.Name)
		names = append(names, name)
		switch of := definition(found.Table, c.Name); {
		case of.Kind != cql.Static && of.Kind != cql.Regular:
		case inCells(c.Type.Kind, of.Type) && c.Type.Kind == cql.List: // written again with the same time it would be twice as long
		case inCells(c.Type.Kind, of.Type):
			names = append(names, "maxwritetime("+name+")")
		default:
			names = append(names, "writetime("+name+")", "ttl("+name+")")
		}
	}
	return names
}

func definition(t cql.Table, column string) cql.TableColumn {
	for _, c := range t.Columns {
		if c.Name == column {
			return c
		}
	}
	return cql.TableColumn{}
}

// inCells tells whether the elements of a value have cells, and so times, of their own.
func inCells(kind cql.Kind, definition string) bool {
	switch kind {
	case cql.List, cql.Set, cql.Map, cql.UDT:
		return !strings.HasPrefix(definition, "frozen<")
	}
	return false
}
