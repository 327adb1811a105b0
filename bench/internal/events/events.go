// Package events has the table that is read by those who compare reading: events of seven columns.
package events

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// Event is a row of the table: seven columns of five types.
type Event struct {
	Bucket  int
	ID      int
	TS      time.Time
	Kind    string
	Value   float64
	Ref     gocql.UUID
	Payload string
}

// Table is the table's name, and Columns are its columns, as a SELECT has them.
const (
	Table   = keyspace + ".scanned"
	Columns = "bucket, id, ts, kind, value, ref, payload"
)

const (
	keyspace  = "rxcql_bench"
	perBucket = 1_000
)

// Fill makes the table with n rows, unless it has just them.
func Fill(ctx context.Context, session *cql.Session, n int) error {
	for _, ddl := range []string{
		"CREATE KEYSPACE IF NOT EXISTS " + keyspace + " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"CREATE TABLE IF NOT EXISTS " + Table + " (bucket int, id int, ts timestamp, kind text, value double, ref uuid, payload text, PRIMARY KEY (bucket, id))",
	} {
		if err := session.Execute(ctx, cql.Statement{CQL: ddl, Timeout: time.Minute}); err != nil {
			return err
		}
	}
	complete, err := has(ctx, session, n-1)
	if err != nil {
		return err
	}
	more, err := has(ctx, session, n)
	if err != nil || complete && !more {
		return err
	}
	if more {
		if err := session.Execute(ctx, cql.Statement{CQL: "TRUNCATE " + Table, Timeout: time.Minute}); err != nil {
			return err
		}
	}
	fmt.Printf("loading %d rows …\n", n)
	ref := gocql.MustRandomUUID()
	events := operators.Map(rx.Range(0, n), func(i int) Event {
		return Event{
			Bucket: i / perBucket, ID: i, TS: time.UnixMilli(1_700_000_000_000 + int64(i)), Kind: [...]string{"a", "view", "purchase"}[i%3],
			Value: float64(i) / 7, Ref: ref, Payload: fmt.Sprintf("payload of the event number %09d", i),
		}
	})
	_, err = sink.Insert[Event](session, Table).Window(128).Write(ctx, events)
	return err
}

// has tells whether the table has a row.
func has(ctx context.Context, session *cql.Session, id int) (bool, error) {
	_, err := source.Query[int](session, "SELECT id FROM "+Table+" WHERE bucket = ? AND id = ?", id/perBucket, id).Rows().First(ctx)
	if errors.Is(err, rx.ErrEmpty) {
		return false, nil
	}
	return err == nil, err
}
