package rxcql_test

// The code of README.md, so that it compiles. TestReadme compares the two.

import (
	"context"
	"fmt"
	"time"

	"github.com/gocql/gocql"
	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

type Reading struct {
	Sensor  int
	At      time.Time
	Celsius float64
}

type Alert struct {
	Sensor     int
	At         time.Time
	Fahrenheit float64
}

func connect(ctx context.Context) error {
	session, err := cql.Connect(ctx, gocql.NewCluster("10.0.0.1"))
	if err != nil {
		return err
	}
	defer session.Close()

	return nil
}

func pipeline(ctx context.Context, session *cql.Session) (sink.Report, error) {
	readings := source.Query[Reading](session, "SELECT sensor, at, celsius FROM lab.readings").Rows()
	hot := op.Filter(readings, func(r Reading) bool { return r.Celsius > 30 })
	alerts := op.Map(hot, func(r Reading) Alert { return Alert{r.Sensor, r.At, r.Celsius*9/5 + 32} })
	paced := op.Throttle(alerts, rate.NewLimiter(5000, 100)) // rows per second

	report, err := sink.Insert[Alert](session, "lab.alerts").Write(ctx, paced)

	return report, err
}

func leaveEarly(ctx context.Context, session *cql.Session) error {
	readings := source.Query[Reading](session, "SELECT sensor, at, celsius FROM lab.readings").Rows()
	for reading, err := range readings.All(ctx) {
		if err != nil {
			return err
		}
		if reading.Celsius > 100 {
			fmt.Println("sensor", reading.Sensor, "is on fire")
			break // no page is fetched after this
		}
	}

	return nil
}

func testServer(ctx context.Context) (*cql.Session, error) {
	server := cqltest.NewServer()
	defer server.Close()
	server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE lab.readings (sensor int, at timestamp, celsius double, PRIMARY KEY (sensor, at))")
	server.Inject(cqltest.Fault{After: 1, Times: 2, Err: cqltest.Overloaded("busy")}) // the second page fails twice

	session, err := cql.Connect(ctx, server.Cluster())

	return session, err
}
