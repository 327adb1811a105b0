package source_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/source"
)

// laboratory is a server with the table lab.readings, three readings for each of two sensors, and a session to it.
func laboratory() (server *cqltest.Server, session *cql.Session, closeBoth func()) {
	server = cqltest.NewServer()
	server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE lab.readings (sensor int, at timestamp, value double, note text, PRIMARY KEY (sensor, at))")
	for sensor := range 2 {
		for minute := range 3 {
			server.MustExec("INSERT INTO lab.readings (sensor, at, value) VALUES (?, ?, ?)",
				sensor, time.UnixMilli(int64(minute)*60_000), float64(sensor*10+minute))
		}
	}
	server.MustExec("UPDATE lab.readings SET note = 'recalibrated' WHERE sensor = 1 AND at = 60000")
	session, err := cql.Connect(context.Background(), server.Cluster())
	if err != nil {
		log.Fatal(err)
	}
	return server, session, func() { session.Close(); server.Close() }
}

// Reading is a row of lab.readings.
type Reading struct {
	Sensor int
	At     time.Time
	Value  float64
	Note   *string // may be null
}

func ExampleQuery() {
	_, session, done := laboratory()
	defer done()
	ctx := context.Background()

	readings := source.Query[Reading](session, "SELECT sensor, at, value, note FROM lab.readings WHERE sensor = ?", 1)
	for r, err := range readings.Rows().All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(r.At.Format("15:04"), r.Value, r.Note != nil)
	}
	// Output:
	// 00:00 10 false
	// 00:01 11 true
	// 00:02 12 false
}

// Rows as pointers sit in blocks of 64, which are never reused: the cheapest way to pass them on. Who keeps one row keeps its
// block.
func ExampleQuery_pointers() {
	_, session, done := laboratory()
	defer done()

	readings, err := source.Query[*Reading](session, "SELECT sensor, at, value, note FROM lab.readings").Rows().Collect(context.Background())
	fmt.Println(len(readings), err)
	// Output: 6 <nil>
}

// A single column needs no struct.
func ExampleQuery_scalar() {
	_, session, done := laboratory()
	defer done()

	count, err := source.Query[int](session, "SELECT COUNT(*) FROM lab.readings").Rows().First(context.Background())
	fmt.Println(count, err)
	// Output: 6 <nil>
}

func ExampleQuery_map() {
	_, session, done := laboratory()
	defer done()

	row, err := source.Query[map[string]any](session, "SELECT value, note FROM lab.readings WHERE sensor = 0").Rows().First(context.Background())
	fmt.Println(row["value"], row["note"], err)
	// Output: 0 <nil> <nil>
}

// A table that is not known when the program is compiled.
func ExampleRow() {
	_, session, done := laboratory()
	defer done()

	row, err := source.Query[source.Row](session, "SELECT * FROM lab.readings WHERE sensor = 1").Rows().First(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range row.Columns() {
		fmt.Println(c.Name, c.Type)
	}
	value, err := source.Get[float64](row, "value")
	fmt.Println(value, err)
	fmt.Println(row)
	// Output:
	// sensor int
	// at timestamp
	// note text
	// value double
	// 10 <nil>
	// {sensor: 1, at: 1970-01-01 00:00:00 +0000 UTC, note: null, value: 10}
}

// Taking two rows fetches one page, whatever the table's size.
func ExampleSelect_Rows() {
	server, session, done := laboratory()
	defer done()

	values := source.Query[float64](session, "SELECT value FROM lab.readings WHERE sensor = 1").PageSize(2).ReadAhead(0).Rows()
	two, err := operators.Take(values, 2).Collect(context.Background())
	fmt.Println(two, err, server.Pages("lab.readings"))
	all, err := values.Collect(context.Background())
	fmt.Println(all, err, server.Pages("lab.readings"))
	// Output:
	// [10 11] <nil> 1
	// [10 11 12] <nil> 3
}

func ExampleSelect_Pages() {
	_, session, done := laboratory()
	defer done()

	values := source.Query[float64](session, "SELECT value FROM lab.readings WHERE sensor = 1").PageSize(2)
	for page, err := range values.Pages().All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(page.Index, page.Rows, len(page.State) > 0)
	}
	// Output:
	// 1 [10 11] true
	// 2 [12] false
}

// A stream that failed is gone on with from the page that failed: nothing is lost, and nothing comes twice.
func ExampleSelect_From() {
	server, session, done := laboratory()
	defer done()
	ctx := context.Background()
	server.Inject(cqltest.Fault{After: 1, Times: 1, Err: cqltest.Overloaded("busy")})

	values := source.Query[float64](session, "SELECT value FROM lab.readings WHERE sensor = 1").PageSize(2)
	first, err := values.Retry(operators.Backoff{Attempts: 1}).Rows().Collect(ctx)
	var failed *source.PageError
	if errors.As(err, &failed) {
		fmt.Println(first, "then page", failed.Page, "failed:", failed.Class, errors.Is(err, cql.Overloaded))
	}
	rest, err := values.From(failed.State).Rows().Collect(ctx)
	fmt.Println(rest, err)
	// Output:
	// [10 11] then page 2 failed: overloaded true
	// [12] <nil>
}

// What does not fit is an error that says where.
func ExampleDecodeError() {
	_, session, done := laboratory()
	defer done()

	_, err := source.Query[string](session, "SELECT note FROM lab.readings WHERE sensor = 0").Rows().Collect(context.Background())
	var wrong *source.DecodeError
	if errors.As(err, &wrong) {
		fmt.Println(wrong)
	}
	fmt.Println(errors.Is(err, source.ErrNull))
	// Output:
	// column "note" (text) into string, row 0 of the page: null; make it a pointer to tell null from a value
	// true
}

// A lenient query does not mind a column without a field, nor a field without a column: for programs that must go on
// while a table gets new columns.
func ExampleSelect_Lenient() {
	_, session, done := laboratory()
	defer done()

	type Value struct {
		Value float64
		Unit  string // the table has none yet
	}
	value, err := source.Query[Value](session, "SELECT * FROM lab.readings WHERE sensor = 1").Lenient().Rows().First(context.Background())
	fmt.Println(value.Value, err)
	// Output: 10 <nil>
}

// digest is a row that keeps nothing of its cells but their sizes.
type digest struct{ bytes int }

func (d *digest) UnmarshalRow(_ []cql.Column, cells [][]byte) error {
	for _, c := range cells {
		d.bytes += len(c)
	}
	return nil
}

// A type may take a row's cells as the server sent them.
func ExampleRowUnmarshaler() {
	_, session, done := laboratory()
	defer done()

	d, err := source.Query[digest](session, "SELECT sensor, at, value FROM lab.readings").Rows().First(context.Background())
	fmt.Println(d.bytes, err)
	// Output: 20 <nil>
}
