package reading

import (
	"context"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/bench/internal/events"
)

// table is what those have who read by gocql.
type table struct {
	*gocql.Session
	page int
}

func overGocql(
	all func(ctx context.Context, t table) (int, error), take func(ctx context.Context, t table, n int, seen func()) error,
) func(context.Context, *gocql.ClusterConfig, int) (reader, error) {
	return func(_ context.Context, config *gocql.ClusterConfig, page int) (reader, error) {
		session, err := config.CreateSession()
		if err != nil {
			return reader{}, err
		}
		t := table{session, page}
		r := reader{all: func(ctx context.Context) (int, error) { return all(ctx, t) }, close: session.Close}
		if take != nil {
			r.take = func(ctx context.Context, n int, seen func()) error { return take(ctx, t, n, seen) }
		}
		return r, nil
	}
}

func (t table) rows(ctx context.Context) *gocql.Iter {
	return t.Query(Query).WithContext(ctx).PageSize(t.page).Iter()
}

// scan is what one writes without a toolkit, as gocql's documentation does: into variables that are reused.
func scan(ctx context.Context, t table) (int, error) {
	iter := t.rows(ctx)
	var e events.Event
	return collect(iter, &e, func() bool {
		return iter.Scan(&e.Bucket, &e.ID, &e.TS, &e.Kind, &e.Value, &e.Ref, &e.Payload)
	})
}

// scanOnce saves the allocation that the arguments of Scan are for each row.
func scanOnce(ctx context.Context, t table) (int, error) {
	iter := t.rows(ctx)
	var e events.Event
	dest := []any{&e.Bucket, &e.ID, &e.TS, &e.Kind, &e.Value, &e.Ref, &e.Payload}
	return collect(iter, &e, func() bool { return iter.Scan(dest...) })
}

// collect does with each row what all contestants do.
func collect(iter *gocql.Iter, e *events.Event, next func() bool) (int, error) {
	n := 0
	var batch []events.Event
	for next() {
		e.Value *= 2
		if e.Value < 0 {
			continue
		}
		if batch == nil {
			batch = make([]events.Event, 0, group)
		}
		batch = append(batch, *e)
		if len(batch) == group {
			n += len(batch)
			batch = nil
		}
	}
	return n + len(batch), iter.Close()
}

func takeScan(ctx context.Context, t table, n int, seen func()) error {
	iter := t.rows(ctx)
	var e events.Event
	for i := 0; iter.Scan(&e.Bucket, &e.ID, &e.TS, &e.Kind, &e.Value, &e.Ref, &e.Payload); {
		if i++; i == n {
			seen()
			break
		}
	}
	return iter.Close()
}

// mapScan is the same for columns that are not known when the program is compiled.
func mapScan(ctx context.Context, t table) (int, error) {
	iter := t.rows(ctx)
	n := 0
	var batch []map[string]any
	for {
		row := make(map[string]any)
		if !iter.MapScan(row) {
			return n + len(batch), iter.Close()
		}
		value := row["value"].(float64) * 2
		if value < 0 {
			continue
		}
		row["value"] = value
		if batch == nil {
			batch = make([]map[string]any, 0, group)
		}
		batch = append(batch, row)
		if len(batch) == group {
			n += len(batch)
			batch = nil
		}
	}
}

func takeMapScan(ctx context.Context, t table, n int, seen func()) error {
	iter := t.rows(ctx)
	for i := 0; iter.MapScan(make(map[string]any)); {
		if i++; i == n {
			seen()
			break
		}
	}
	return iter.Close()
}

// pagesOnly is the floor: every page fetched, none decoded.
func pagesOnly(ctx context.Context, t table) (int, error) {
	n := 0
	for state := []byte(nil); ; {
		iter := t.Query(Query).WithContext(ctx).PageSize(t.page).PageState(state).Iter()
		n += iter.NumRows()
		state = iter.PageState()
		if err := iter.Close(); err != nil || len(state) == 0 {
			return n, err
		}
	}
}

// each is the producer of the libraries that have no source for Cassandra. Each row is one of its own, as a stream's are;
// the arguments are made once. It ends when send says so, or the rows do.
func (t table) each(ctx context.Context, send func(*events.Event) bool) error {
	iter := t.rows(ctx)
	dest := make([]any, 7)
	for {
		e := new(events.Event)
		dest[0], dest[1], dest[2], dest[3], dest[4], dest[5], dest[6] = &e.Bucket, &e.ID, &e.TS, &e.Kind, &e.Value, &e.Ref, &e.Payload
		if !iter.Scan(dest...) || !send(e) {
			return iter.Close()
		}
	}
}

// double is the map of all of them, and kept the filter.
func double(e *events.Event) *events.Event { e.Value *= 2; return e }
func kept(e *events.Event) bool            { return e.Value >= 0 }
