package main

import (
	"context"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/bench/internal/events"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/source"
)

const (
	pageSize = 5000
	group    = 500

	selectAll = "SELECT " + events.Columns + " FROM " + events.Table
)

// byHand is what one writes without a toolkit: the fastest way that gocql offers, into variables that are reused.
func byHand(session *gocql.Session) (int, error) {
	iter := session.Query(selectAll).PageSize(pageSize).Consistency(gocql.LocalQuorum).Iter()
	n := 0
	var (
		e     events.Event
		batch []events.Event
	)
	for iter.Scan(&e.Bucket, &e.ID, &e.TS, &e.Kind, &e.Value, &e.Ref, &e.Payload) {
		e.Value *= 2
		if e.Value < 0 {
			continue
		}
		if batch == nil {
			batch = make([]events.Event, 0, group)
		}
		batch = append(batch, e)
		if len(batch) == group {
			n += len(batch)
			batch = nil
		}
	}
	return n + len(batch), iter.Close()
}

// values is the same as a stream of structs.
func values(ctx context.Context, session *cql.Session) (int, error) {
	rows := source.Query[events.Event](session, selectAll).PageSize(pageSize).Rows()
	doubled := operators.Map(rows, func(e events.Event) events.Event { e.Value *= 2; return e })
	kept := operators.Filter(doubled, func(e events.Event) bool { return e.Value >= 0 })
	n := 0
	err := operators.Buffer(kept, group).ForEach(ctx, func(batch []events.Event) error { n += len(batch); return nil })
	return n, err
}

// pointers is the same as a stream of pointers to rows, which stay where they were decoded.
func pointers(ctx context.Context, session *cql.Session) (int, error) {
	rows := source.Query[*events.Event](session, selectAll).PageSize(pageSize).Rows()
	doubled := operators.Map(rows, func(e *events.Event) *events.Event { e.Value *= 2; return e })
	kept := operators.Filter(doubled, func(e *events.Event) bool { return e.Value >= 0 })
	n := 0
	err := operators.Buffer(kept, group).ForEach(ctx, func(batch []*events.Event) error { n += len(batch); return nil })
	return n, err
}

// pagesOnly is the floor: every page fetched, none decoded.
func pagesOnly(session *gocql.Session) (int, error) {
	n := 0
	var state []byte
	for {
		iter := session.Query(selectAll).PageSize(pageSize).PageState(state).Consistency(gocql.LocalQuorum).Iter()
		n += iter.NumRows()
		state = iter.PageState()
		if err := iter.Close(); err != nil || len(state) == 0 {
			return n, err
		}
	}
}
