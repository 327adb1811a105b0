package reading

import (
	"context"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/bench/internal/events"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/source"
)

// overRxcql asks for pages as all others do, or as rxcql does by default: by how wide rows are.
func overRxcql[T any](
	byDefault bool, all func(ctx context.Context, rows rx.Observable[T]) (int, error),
) func(context.Context, *gocql.ClusterConfig, int) (reader, error) {
	return func(ctx context.Context, config *gocql.ClusterConfig, page int) (reader, error) {
		session, err := cql.Connect(ctx, config)
		if err != nil {
			return reader{}, err
		}
		query := source.Query[T](session, Query).Consistency(cql.LocalOne)
		if !byDefault {
			query = query.PageSize(page)
		}
		rows := query.Rows()
		return reader{
			all:   func(ctx context.Context) (int, error) { return all(ctx, rows) },
			take:  func(ctx context.Context, n int, seen func()) error { return takeRows(ctx, rows, n, seen) },
			close: session.Close,
		}, nil
	}
}

// values is a stream of structs.
func values(ctx context.Context, rows rx.Observable[events.Event]) (int, error) {
	doubled := operators.Map(rows, func(e events.Event) events.Event { e.Value *= 2; return e })
	kept := operators.Filter(doubled, func(e events.Event) bool { return e.Value >= 0 })
	n := 0
	err := operators.Buffer(kept, group).ForEach(ctx, func(batch []events.Event) error { n += len(batch); return nil })
	return n, err
}

// pointers is a stream of pointers to rows, which stay where they were decoded.
func pointers(ctx context.Context, rows rx.Observable[*events.Event]) (int, error) {
	n := 0
	err := operators.Buffer(operators.Filter(operators.Map(rows, double), kept), group).
		ForEach(ctx, func(batch []*events.Event) error { n += len(batch); return nil })
	return n, err
}

func takeRows[T any](ctx context.Context, rows rx.Observable[T], n int, seen func()) error {
	i := 0
	return operators.Take(rows, n).ForEach(ctx, func(T) error {
		if i++; i == n {
			seen()
		}
		return nil
	})
}
