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
					p.Gauge("requests_window", func() float64 { return 7 })
					p.Count("odd", 1)
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
		require.EqualValues(t, 3, during["rxcql.stage.pages{"+sink+"}"])
		require.EqualValues(t, 7, during["rxcql.stage.requests_window{"+sink+"}"])

		require.InDelta(t, 0.01, during["rxcql.stage.requests_wait{"+sink+"}"], 1e-9)

		after := collect(t, reader)
		require.Zero(t, after["rxcql.runs{rxcql.pipeline=orders}"])
		require.EqualValues(t, 1, after["rxcql.runs.ended{rxcql.pipeline=orders,rxcql.state=completed}"])
		require.EqualValues(t, 100, after["rxcql.stage.items.out{"+of+"}"])
		in := "rxcql.stage.time{rxcql.kind=step,rxcql.part=downstream,rxcql.pipeline=orders,rxcql.stage=slow\uFFFD}"
		require.InDelta(t, 1, after[in], 0.02)
		require.EqualValues(t, 3, after["rxcql.stage.pages{"+sink+"}"], "counts stay")
		require.NotContains(t, after, "rxcql.stage.requests_window{"+sink+"}")
		require.NotContains(t, after, "rxcql.stage.bottleneck{"+of+"}")

		require.NoError(t, registration.Unregister())
		require.Empty(t, collect(t, reader))
	})
}

func TestMetricsOfNothing(t *testing.T) {
	require.Panics(t, func() { _, _ = rxotel.Metrics(nil, nil) })
}

// TestFiguresOfStages has a stage tell all that stages can tell.
func TestFiguresOfStages(t *testing.T) {
	reader := metric.NewManualReader()
	m := flow.NewMonitor(flow.Options{})
	_, err := rxotel.Metrics(m, metric.NewMeterProvider(metric.WithReader(reader)))
	require.NoError(t, err)
	_, p := stage.Begin(flow.With(t.Context(), m), stage.Sink, "s")
	defer p.End(nil, false)
	for name, of := range stage.Figures {
		if of.Gauge {
			p.GaugeOf(name, of.Adds, func() float64 { return 0.5 })
		} else {
			p.Count(name, 0.5)
		}
	}
	var all metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &all))
	unitOf := make(map[string]string)
	for _, m := range all.ScopeMetrics[0].Metrics {
		unitOf[m.Name] = m.Unit
	}
	for name, unit := range map[string]string{
		"pages": "{page}", "ranges_done": "{range}", "written_rows": "{row}", "written_bytes": "By", "requests_in_flight": "{request}",
		"latency_p99": "s", "limiter_wait": "s", "limiter_rate": "{token}/s", "progress": "1", "breaker_open": "1",
	} {
		require.Equal(t, unit, unitOf["rxcql.stage."+name], name)
	}
	told := 0
	for name, v := range collect(t, reader) {
		if v == 0.5 {
			told++
			require.Regexp(t, `^rxcql\.stage\.[a-z0-9_]+\{`, name)
		}
	}
	require.Equal(t, len(stage.Figures), told)
}

// levels are what goes up and down, and adds up.
var levels = regexp.MustCompile(`^rxcql\.(runs|stage\.(running|ranges|pages_ahead|requests_(in_flight|window)|\w+_waiting|buffer\.\w+|calls\.\w+))$`)

// units are those of OpenTelemetry's semantic conventions.
var units = regexp.MustCompile(`^(s|By|1|\{[a-z]+\}(/s)?)$`)

// collect gives the figures of all instruments by name and attributes.
func collect(t *testing.T, reader *metric.ManualReader) map[string]float64 {
	var all metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &all))
	figures := make(map[string]float64)
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			require.NotEmpty(t, m.Description)
			require.Regexp(t, units, m.Unit, m.Name)
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
