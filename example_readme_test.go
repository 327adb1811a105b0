package rxcql_test

// The code of README.md, so that it compiles; its whole program is compiled by TestReadmeProgram. TestReadme compares.

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
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

func leaveEarly(ctx context.Context, readings rx.Observable[Reading]) error {
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

// alertsOf is the pipeline from above.
func alertsOf(readings rx.Observable[Reading]) rx.Observable[Alert] {
	hot := op.Filter(readings, func(r Reading) bool { return r.Celsius > 30 })
	return op.Map(hot, func(r Reading) Alert { return Alert{r.Sensor, r.At, r.Celsius*9/5 + 32} })
}

// copyAlerts starts at a paging state, nil for the start, and tells where to go on, and whether all is done.
func copyAlerts(ctx, stop context.Context, session *cql.Session, state []byte) (_ []byte, done bool, _ error) {
	readings := source.Query[Reading](session, "SELECT sensor, at, celsius FROM lab.readings").From(state)
	err := op.Until(readings.Pages(), stop).ForEach(ctx, func(page source.Page[Reading]) error {
		_, err := sink.Insert[Alert](session, "lab.alerts").Write(ctx, alertsOf(rx.From(page.Rows...)))
		if err == nil {
			state, done = page.State, len(page.State) == 0 // keep them in a file or a table
		}
		return err
	})
	return state, done, err
}

func copyUntilInterrupted(ctx context.Context, session *cql.Session, saved []byte) ([]byte, bool, error) {
	stop, release := signal.NotifyContext(ctx, os.Interrupt)
	defer release()
	state, done, err := copyAlerts(ctx, stop, session, saved) // saved is what was kept last time, nil at first
	return state, done, err
}

func TestLostReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := cqltest.NewServer(cqltest.InMemory())
		defer server.Close()
		server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
		server.MustExec("CREATE TABLE lab.readings (sensor int, at timestamp, celsius double, PRIMARY KEY (sensor, at))")
		server.MustExec("INSERT INTO lab.readings (sensor, at, celsius) VALUES (7, '2025-07-01', 31.5)")
		server.Inject(cqltest.Fault{Match: cqltest.On("lab.readings"), Times: 3, Lose: true}) // three times, no answer comes

		session, err := cql.Connect(t.Context(), server.Cluster())
		require.NoError(t, err)
		defer session.Close()
		start := time.Now()
		rows, err := source.Query[Reading](session, "SELECT * FROM lab.readings").Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Greater(t, time.Since(start), 36*time.Second) // three time-outs; the test takes milliseconds
	})
}
