package checks_test

import (
	"context"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/time/rate"

	rxprom "github.com/rxcql/rxcql/contrib/prometheus"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(os.Exit))
}

// exported gives the metrics of a pipeline that has stages of all kinds, scraped while it runs.
func exported(t *testing.T) (all metrics) {
	virtualtime.Test(t, func(t *testing.T) { all = scraped(t) })
	return all
}

func scraped(t *testing.T) metrics {
	type row struct{ ID, Value int }
	server := cqltest.NewServer(cqltest.InMemory())
	t.Cleanup(server.Close)
	server.MustExec("CREATE KEYSPACE it WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE it.copies (id int PRIMARY KEY, value int)")
	server.MustExec("CREATE TABLE it.originals (id int PRIMARY KEY, value int)")
	const items = 100
	for id := range items {
		server.MustExec("INSERT INTO it.originals (id, value) VALUES (?, ?)", id, id)
	}
	session, err := cql.Connect(t.Context(), server.Cluster())
	require.NoError(t, err)
	t.Cleanup(session.Close)

	registry := prometheus.NewPedanticRegistry()
	monitor := flow.NewMonitor(flow.Options{})
	registry.MustRegister(rxprom.NewCollector(monitor))
	looked := make(chan []*dto.MetricFamily, 1)
	var read atomic.Int64
	originals := source.Table[row](session, "it.originals").PageSize(5).SplitInto(1).Rows()
	paced := op.Throttle(originals, rate.NewLimiter(100, 1))
	rows := op.MapAsync(paced, 4, func(_ context.Context, r row) (row, error) {
		time.Sleep(10 * time.Millisecond)
		if read.Add(1) == items/2 { // some have gone all the way, and others are yet to come
			families, err := registry.Gather()
			if err != nil {
				return row{}, err
			}
			looked <- families
		}
		return r, nil
	})
	ctx := flow.With(t.Context(), monitor)
	_, err = sink.Insert[row](session, "it.copies").Write(ctx, flow.Named(rows, "map"))
	require.NoError(t, err)
	all := make(metrics)
	for _, f := range <-looked {
		of := &exposed{counter: f.GetType() == dto.MetricType_COUNTER, labels: make(map[string]map[string]bool)}
		all[f.GetName()] = of
		for _, m := range f.Metric {
			for _, l := range m.Label {
				if of.labels[l.GetName()] == nil {
					of.labels[l.GetName()] = make(map[string]bool)
				}
				of.labels[l.GetName()][l.GetValue()] = true
			}
		}
	}
	return all
}
