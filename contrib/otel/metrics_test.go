package rxotel_test

import (
	"context"
	"errors"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	rxotel "github.com/rxcql/rxcql/contrib/otel"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
)

func TestMetrics(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		reader := metric.NewManualReader()
		m := flow.NewMonitor(flow.Options{})
		registration, err := rxotel.Metrics(m, metric.NewMeterProvider(metric.WithReader(reader)))
		require.NoError(t, err)
		ctx := flow.With(t.Context(), m)
		errBroken := errors.New("broken")
		require.ErrorIs(t, flow.Do(ctx, "orders", func(context.Context) error { return errBroken }), errBroken)

		slow := op.Map(rx.Range(0, 100), func(v int) int { time.Sleep(90 * time.Millisecond); return v })
		var during map[string]float64
		require.NoError(t, flow.Do(ctx, "orders", func(ctx context.Context) error {
			return flow.Named(slow, "slow\xff").ForEach(ctx, func(v int) error {
				if time.Sleep(10 * time.Millisecond); v == 50 {
					_, p := stage.Begin(ctx, stage.Sink, "s")
					p.Count("pages", 3)
					p.Gauge("window", func() float64 { return 7 })
					waits := p.Start(stage.Requests)
					time.Sleep(10 * time.Millisecond)
					p.Stop(stage.Requests, waits)
					during = collect(t, reader)
					p.End(nil, false)
				}
				return nil
			})
		}))
		of := "rxcql.kind=step,rxcql.pipeline=orders,rxcql.stage=slow\uFFFD"
		sink := "rxcql.kind=sink,rxcql.pipeline=orders,rxcql.stage=s"
		require.EqualValues(t, 1, during["rxcql.runs{rxcql.pipeline=orders}"])
		require.EqualValues(t, 1, during["rxcql.runs.ended{rxcql.pipeline=orders,rxcql.state=failed}"])
		require.InDelta(t, 0.9, during["rxcql.stage.bottleneck{"+of+"}"], 0.02)
		require.EqualValues(t, 3, during["rxcql.stage.count{"+sink+",rxcql.value=pages}"])
		require.EqualValues(t, 7, during["rxcql.stage.level{"+sink+",rxcql.value=window}"])

		require.InDelta(t, 0.01, during["rxcql.stage.requests.wait{"+sink+"}"], 1e-9)

		after := collect(t, reader)
		require.Zero(t, after["rxcql.runs{rxcql.pipeline=orders}"])
		require.EqualValues(t, 1, after["rxcql.runs.ended{rxcql.pipeline=orders,rxcql.state=completed}"])
		require.EqualValues(t, 100, after["rxcql.stage.items.out{"+of+"}"])
		in := "rxcql.stage.time{rxcql.kind=step,rxcql.part=downstream,rxcql.pipeline=orders,rxcql.stage=slow\uFFFD}"
		require.InDelta(t, 1, after[in], 0.02)
		require.EqualValues(t, 3, after["rxcql.stage.count{"+sink+",rxcql.value=pages}"], "counts stay")
		require.NotContains(t, after, "rxcql.stage.level{"+sink+",rxcql.value=window}")
		require.NotContains(t, after, "rxcql.stage.bottleneck{"+of+"}")

		require.NoError(t, registration.Unregister())
		require.Empty(t, collect(t, reader))
	})
}

func TestMetricsOfNothing(t *testing.T) {
	require.Panics(t, func() { _, _ = rxotel.Metrics(nil, nil) })
}

// levels are what goes up and down, and adds up.
var levels = regexp.MustCompile(`^rxcql\.(runs|stage\.(running|buffer\.\w+|calls\.\w+))$`)

// collect gives the figures of all instruments by name and attributes.
func collect(t *testing.T, reader *metric.ManualReader) map[string]float64 {
	var all metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &all))
	figures := make(map[string]float64)
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			require.NotEmpty(t, m.Description)
			require.NotEmpty(t, m.Unit)
			var points []metricdata.DataPoint[float64]
			switch data := m.Data.(type) {
			case metricdata.Sum[float64]:
				require.Equal(t, !levels.MatchString(m.Name), data.IsMonotonic, m.Name)
				points = data.DataPoints
			case metricdata.Gauge[float64]:
				points = data.DataPoints
			}
			for _, p := range points {
				figures[m.Name+"{"+p.Attributes.Encoded(attribute.DefaultEncoder())+"}"] = p.Value
			}
		}
	}
	return figures
}
