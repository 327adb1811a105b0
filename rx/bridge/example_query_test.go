package bridge_test

import (
	"context"
	"fmt"
	"log"

	"github.com/reactivex/rxgo/v2"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/rx/bridge"
	"github.com/rxcql/rxcql/source"
)

// A query of Cassandra, composed with operators of rxgo's. Pages are fetched as rxgo takes rows.
func Example() {
	server := cqltest.NewServer()
	defer server.Close()
	server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE lab.readings (sensor int, at int, value double, PRIMARY KEY (sensor, at))")
	for at := range 6 {
		server.MustExec("INSERT INTO lab.readings (sensor, at, value) VALUES (1, ?, ?)", at, float64(20+at/2))
	}
	session, err := cql.Connect(context.Background(), server.Cluster())
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()

	type Reading struct {
		At    int
		Value float64
	}
	readings := source.Query[Reading](session, "SELECT at, value FROM lab.readings WHERE sensor = ?", 1).PageSize(2).Rows()

	steps := bridge.Via[Reading, string](readings, func(in rxgo.Observable) rxgo.Observable {
		return in.
			DistinctUntilChanged(func(_ context.Context, r any) (any, error) { return r.(Reading).Value, nil }).
			Map(func(_ context.Context, r any) (any, error) {
				return fmt.Sprintf("%.0f degrees since minute %d", r.(Reading).Value, r.(Reading).At), nil
			})
	})
	for step, err := range steps.All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(step)
	}
	// Output:
	// 20 degrees since minute 0
	// 21 degrees since minute 2
	// 22 degrees since minute 4
}
