package sink_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/sink"
)

// TestAMonitorSeesHowFarBehindTheSinkIs, and that it waits for its limiter.
func TestAMonitorSeesHowFarBehindTheSinkIs(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server := cqltest.NewServer(cqltest.InMemory())
		defer server.Close()
		server.MustExec("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
		server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY, v int)")
		session, err := cql.Connect(t.Context(), server.Cluster())
		require.NoError(t, err)
		defer session.Close()

		type row struct{ P, V int }
		monitor := flow.NewMonitor(flow.Options{})
		ctx, cancel := context.WithCancel(flow.With(t.Context(), monitor))
		ended := make(chan error)
		go func() {
			rows := operators.Map(rx.Range(0, 1_000_000), func(i int) row { return row{i, i} })
			_, err := sink.Insert[row](session, "ks.t").Throttle(rate.NewLimiter(100, 10)).Write(ctx, rows)
			ended <- err
		}()
		time.Sleep(30 * time.Second)
		run := monitor.Snapshot().Runs[0]
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)

		at := slices.IndexFunc(run.Stages, func(s flow.Stage) bool { return s.Kind == flow.Sink })
		s := run.Stages[at]
		require.Greater(t, s.Buffer.Now, int64(3000), "some 4,000 rows are taken ahead")
		require.LessOrEqual(t, s.Buffer.Now, s.Buffer.Max)
		require.Greater(t, s.LagSeconds, 15.0, "which take some 40 seconds")
		values := make(map[string]float64)
		for _, v := range s.Values {
			values[v.Name] = v.Value
		}
		require.EqualValues(t, 100, values["limiter_rate"])
		require.Positive(t, values["limiter_waiting"])
	})
}
