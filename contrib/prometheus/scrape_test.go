package rxprom_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gocql/gocql"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	rxprom "github.com/rxcql/rxcql/contrib/prometheus"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/cassandra"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// Reading is a row.
type Reading struct{ Sensor, Value int }

// Metrics are scraped over HTTP while a table is read, and after that.
func TestAScrapeDuringAScan(t *testing.T) {
	t.Run("cqltest", func(t *testing.T) {
		server := cqltest.NewServer()
		t.Cleanup(server.Close)
		server.MustExec("CREATE KEYSPACE it WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
		scrapeScan(t, server.Cluster(), "it")
	})
	t.Run("Cassandra", func(t *testing.T) {
		scrapeScan(t, cassandra.Cluster(t), cassandra.Keyspace(t))
	})
}

func scrapeScan(t *testing.T, config *gocql.ClusterConfig, keyspace string) {
	const rows = 1000
	config.Events.DisableSchemaEvents = true
	session, err := cql.Connect(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(session.Close)
	table := keyspace + ".readings"
	require.NoError(t, session.Execute(t.Context(), cql.Statement{CQL: "CREATE TABLE " + table + " (sensor int PRIMARY KEY, value int)"}))

	monitor := flow.NewMonitor(flow.Options{})
	var values op.Histogram
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(rxprom.NewCollector(monitor), rxprom.NewHistogram(prometheus.HistogramOpts{
		Name: "test_value_bytes", Help: "Values.", Buckets: []float64{100, 500, 5000},
	}, &values, 1))
	web := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	t.Cleanup(web.Close)
	ctx := flow.With(t.Context(), monitor)

	fill := op.Map(rx.Range(1, rows), func(i int) Reading { return Reading{i, i} })
	require.NoError(t, flow.Do(ctx, "fill", func(ctx context.Context) error {
		return sink.Insert[Reading](session, table).Sink()(ctx, fill)
	}))

	read := flow.Named(op.Tap(source.Table[Reading](session, table).Rows(), op.Sizes(&values, func(r Reading) int { return r.Value })), "read")
	n := 0
	require.NoError(t, flow.Do(ctx, "scan", func(ctx context.Context) error {
		return read.ForEach(ctx, func(Reading) error {
			if n++; n == rows/2 {
				during := scrape(t, web)
				require.EqualValues(t, 1, during[`rxcql_runs{pipeline="scan"}`])
				require.EqualValues(t, 0, during[`rxcql_runs_ended_total{pipeline="scan", state="completed"}`])
				out := during[`rxcql_stage_items_out_total{kind="step", pipeline="scan", stage="read"}`]
				require.True(t, out > 0 && out <= rows/2, out)
			}
			return nil
		})
	}))
	require.Equal(t, rows, n)
	after := scrape(t, web)
	require.EqualValues(t, 0, after[`rxcql_runs{pipeline="scan"}`])
	require.EqualValues(t, 1, after[`rxcql_runs_ended_total{pipeline="scan", state="completed"}`])
	require.EqualValues(t, rows, after[`rxcql_stage_items_out_total{kind="step", pipeline="scan", stage="read"}`])
	require.EqualValues(t, 1, after[`rxcql_runs_ended_total{pipeline="fill", state="completed"}`])
	require.EqualValues(t, rows, after[`test_value_bytes_bucket{le="+Inf"}`])
	require.EqualValues(t, rows, after[`test_value_bytes_bucket{le="5000"}`])
	require.InEpsilon(t, 500, after[`test_value_bytes_bucket{le="500"}`], 0.01)
	require.InEpsilon(t, rows*(rows+1)/2, after[`test_value_bytes_sum`], 0.01)
}

// scrape gets the samples of /metrics as Prometheus would name them.
func scrape(t *testing.T, web *httptest.Server) map[string]float64 {
	t.Helper()
	response, err := web.Client().Get(web.URL)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(response.Body)
	require.NoError(t, err)
	samples := make(map[string]float64)
	for _, f := range families {
		require.NotContains(t, f.GetHelp(), "A figure that stages of the program tell", "stages of this module have texts of their own")
		vector, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{}, f)
		require.NoError(t, err)
		for _, s := range vector {
			samples[s.Metric.String()] = float64(s.Value)
		}
	}
	return samples
}
