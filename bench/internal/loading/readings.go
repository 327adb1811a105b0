package loading

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// Table is the table that is loaded, and WarmTable another one with the same columns, for who warms up.
const (
	Table     = keyspace + ".loaded"
	WarmTable = keyspace + ".warmed"
)

const (
	keyspace     = "rxcql_bench"
	columns      = "sensor, at, value, label, id, valid, hits"
	insert       = "INSERT INTO " + Table + " (" + columns + ") VALUES (?, ?, ?, ?, ?, ?, ?)"
	perPartition = 100
)

// reading is a row: seven columns of seven types.
type reading struct {
	Sensor int
	At     time.Time
	Value  float64
	Label  string
	ID     gocql.UUID
	Valid  bool
	Hits   int64
}

const began = 1_700_000_000_000 // the time of the first row, in ms

// made gives the i-th row of the file.
func made(i int) reading {
	r := reading{
		Sensor: i / perPartition, At: time.UnixMilli(began + int64(i)).UTC(), Value: float64(i) / 7,
		Label: fmt.Sprintf("reading number %09d", i), Valid: i%3 > 0, Hits: int64(i) * 1_000_003,
	}
	binary.BigEndian.PutUint64(r.ID[:], uint64(i)*0x9e3779b97f4a7c15)
	binary.BigEndian.PutUint64(r.ID[8:], uint64(i))
	return r
}

// is tells whether two readings are the same, in whatever time zones.
func (r reading) is(other reading) bool {
	if !r.At.Equal(other.At) {
		return false
	}
	r.At = other.At
	return r == other
}

// Write makes the file.
func Write(ctx context.Context, file string, rows int) error {
	_, err := sink.File(file, sink.CSV[reading]()).Write(ctx, operators.Map(rx.Range(0, rows), made))
	return err
}

// Create makes the tables.
func Create(ctx context.Context, session *cql.Session) error {
	const columns = " (sensor int, at timestamp, value double, label text, id uuid, valid boolean, hits bigint, PRIMARY KEY (sensor, at))"
	return execute(ctx, session,
		"CREATE KEYSPACE IF NOT EXISTS "+keyspace+" WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"CREATE TABLE IF NOT EXISTS "+Table+columns,
		"CREATE TABLE IF NOT EXISTS "+WarmTable+columns,
	)
}

// Truncate empties them.
func Truncate(ctx context.Context, session *cql.Session) error {
	return execute(ctx, session, "TRUNCATE "+Table, "TRUNCATE "+WarmTable)
}

func execute(ctx context.Context, session *cql.Session, statements ...string) error {
	for _, text := range statements {
		if err := session.Execute(ctx, cql.Statement{CQL: text, Timeout: time.Minute}); err != nil {
			return err
		}
	}
	return nil
}

// Check compares all cells of the table with what they should be.
func Check(ctx context.Context, session *cql.Session, rows int) error {
	n := 0
	err := source.Table[reading](session, Table).Rows().ForEach(ctx, func(r reading) error {
		i := int(r.At.UnixMilli() - began)
		if want := made(i); i < 0 || i >= rows || !r.is(want) {
			return fmt.Errorf("the table has %+v instead of %+v", r, want)
		}
		n++
		return nil
	})
	if err == nil && n != rows {
		err = fmt.Errorf("the table has %d rows instead of %d", n, rows)
	}
	return err
}
