package rxprom_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	rxprom "github.com/rxcql/rxcql/contrib/prometheus"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
)

var errBroken = errors.New("broken")

// job runs a stream of three stages, of which the last one, save, takes 10 ms for each of n items.
func job(ctx context.Context, n int, end error) error {
	return flow.Do(ctx, "orders", func(ctx context.Context) error {
		read := flow.Named(rx.Range(0, n), "read")
		tripled := op.MapAsync(read, 4, func(_ context.Context, v int) (int, error) { return 3 * v, nil })
		err := flow.Named(tripled, "save").ForEach(ctx, func(int) error { time.Sleep(10 * time.Millisecond); return nil })
		return errors.Join(err, end)
	})
}

func TestRunsAndTheirEnds(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	ctx := flow.With(t.Context(), m)
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	require.NoError(t, job(ctx, 1, nil))
	require.NoError(t, job(ctx, 1, nil))
	require.ErrorIs(t, job(ctx, 1, errBroken), errBroken)
	require.ErrorIs(t, job(canceled, 1, nil), context.Canceled)
	require.NoError(t, flow.Do(ctx, "orders", func(context.Context) error {
		return testutil.CollectAndCompare(rxprom.NewCollector(m), strings.NewReader(`
			# HELP rxcql_runs Runs that are under way.
			# TYPE rxcql_runs gauge
			rxcql_runs{pipeline="orders"} 1
			# HELP rxcql_runs_ended_total Runs that have ended, by how: completed, failed, canceled by their context, or left by their consumer.
			# TYPE rxcql_runs_ended_total counter
			rxcql_runs_ended_total{pipeline="orders",state="canceled"} 1
			rxcql_runs_ended_total{pipeline="orders",state="completed"} 2
			rxcql_runs_ended_total{pipeline="orders",state="failed"} 1
			rxcql_runs_ended_total{pipeline="orders",state="left"} 0
		`), "rxcql_runs", "rxcql_runs_ended_total")
	}))
}

func TestStages(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{})
		ctx := flow.With(t.Context(), m)
		require.NoError(t, job(ctx, 100, nil))
		all := gather(t, rxprom.NewCollector(m))
		require.EqualValues(t, 100, all[`rxcql_stage_items_out_total{kind="step",pipeline="orders",stage="read"}`])
		require.EqualValues(t, 100, all[`rxcql_stage_items_out_total{kind="step",pipeline="orders",stage="save"}`])
		require.EqualValues(t, 1, all[`rxcql_stage_begun_total{kind="step",pipeline="orders",stage="save"}`])
		require.Zero(t, all[`rxcql_stage_running{kind="step",pipeline="orders",stage="save"}`])
		require.InDelta(t, 1, all[`rxcql_stage_seconds_total{kind="step",part="downstream",pipeline="orders",stage="save"}`], 0.02)
		for at := range all {
			require.False(t, strings.HasPrefix(at, "rxcql_stage_bottleneck_share"), "of runs under way only")
		}
	})
}

func TestTheBottleneckOfARunUnderWay(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{})
		all := rxprom.NewCollector(m)
		var seen map[string]float64
		slow := flow.Named(op.Map(rx.Range(0, 100), func(v int) int { time.Sleep(90 * time.Millisecond); return v }), "slow")
		require.NoError(t, flow.Do(flow.With(t.Context(), m), "job", func(ctx context.Context) error {
			return slow.ForEach(ctx, func(v int) error {
				if time.Sleep(10 * time.Millisecond); v == 50 {
					seen = gather(t, all)
				}
				return nil
			})
		}))
		require.InDelta(t, 0.9, seen[`rxcql_stage_bottleneck_share{kind="step",pipeline="job",stage="slow"}`], 0.02)
	})
}

// What stages tell of themselves has names, types and texts as Prometheus has them, and nothing that has the name of
// something else.
func TestValues(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	ctx, p := stage.Begin(flow.With(t.Context(), m), stage.Sink, "s")
	p.Count("pages", 3)
	p.Count("wait_seconds", 0.5)
	p.Count("odd Name/total_total", 1)
	p.Count("errors", 7) // all stages have these
	p.Gauge("running", func() float64 { return 7 })
	p.Gauge("window_total", func() float64 { return 2 })
	p.Gauge("window", func() float64 { return 3 })
	_ = ctx
	defer p.End(nil, false)
	all := gather(t, rxprom.NewCollector(m))
	of := `{kind="sink",pipeline="s",stage="s"}`
	require.EqualValues(t, 3, all["rxcql_stage_pages_total"+of])
	require.EqualValues(t, 0.5, all["rxcql_stage_wait_seconds_total"+of])
	require.EqualValues(t, 1, all["rxcql_stage_odd_name_total"+of])
	require.EqualValues(t, 5, all["rxcql_stage_window"+of])
	require.EqualValues(t, 0, all["rxcql_stage_errors_total"+of])
	require.EqualValues(t, 1, all["rxcql_stage_running"+of])
}

func TestWaitingForRequests(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{})
		_, p := stage.Begin(flow.With(t.Context(), m), stage.Sink, "s")
		defer p.End(nil, false)
		waits := p.Start(stage.Requests)
		time.Sleep(3 * time.Second)
		p.Stop(stage.Requests, waits)
		time.Sleep(time.Second)
		all := gather(t, rxprom.NewCollector(m))
		require.EqualValues(t, 3, all[`rxcql_stage_requests_wait_seconds_total{kind="sink",pipeline="s",stage="s"}`])
		require.EqualValues(t, 4, all[`rxcql_stage_seconds_total{kind="sink",part="own",pipeline="s",stage="s"}`])
	})
}

func TestPromlint(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	require.NoError(t, job(flow.With(t.Context(), m), 10, nil))
	_, p := stage.Begin(flow.With(t.Context(), m), stage.Sink, "s")
	p.Count("pages", 3)
	p.Gauge("window", func() float64 { return 3 })
	defer p.End(nil, false)
	problems, err := testutil.CollectAndLint(rxprom.NewCollector(m))
	require.NoError(t, err)
	require.Empty(t, problems)
}

// Whatever names are, a scrape succeeds, and has no more labels than the monitor tells apart.
func TestNamesOfAllKinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const most = 3
		m := flow.NewMonitor(flow.Options{Pipelines: most})
		ctx := flow.With(context.Background(), m)
		name := rapid.OneOf(rapid.String(), rapid.StringN(0, 3, 3), rapid.Just("a\xff"), rapid.Just("a\xfe"), rapid.Just("others"))
		for _, pipeline := range rapid.SliceOfN(name, 1, 10).Draw(t, "pipelines") {
			err := flow.Do(ctx, pipeline, func(ctx context.Context) error {
				_, p := stage.Begin(ctx, stage.Sink, name.Draw(t, "stage"))
				defer p.End(nil, false)
				p.Count(name.Draw(t, "value"), 1)
				return nil
			})
			require.NoError(t, err)
		}
		pipelines := make(map[string]bool)
		for at := range gather(t, rxprom.NewCollector(m)) {
			if of, ok := strings.CutPrefix(at, "rxcql_runs{"); ok {
				pipelines[of] = true
			}
		}
		require.LessOrEqual(t, len(pipelines), most+1)
	})
}

// A counter never goes down, whenever it is read.
func TestCountersOnlyGoUp(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	all := rxprom.NewCollector(m)
	ended := make(chan error)
	go func() {
		for range 30 {
			if err := job(flow.With(context.Background(), m), 5, nil); err != nil {
				ended <- err
				return
			}
		}
		ended <- nil
	}()
	before := map[string]float64{}
	for {
		now := gather(t, all)
		for at, v := range before {
			if strings.Contains(at, "_total") {
				require.GreaterOrEqual(t, now[at], v, at)
			}
		}
		maps.Copy(before, now)
		select {
		case err := <-ended:
			require.NoError(t, err)
			return
		default:
		}
	}
}

func TestNilMonitor(t *testing.T) {
	require.Panics(t, func() { rxprom.NewCollector(nil) })
}

// gather gives the samples of a scrape by name and labels.
func gather(t require.TestingT, all ...prometheus.Collector) map[string]float64 {
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(all...)
	families, err := registry.Gather()
	require.NoError(t, err)
	samples := make(map[string]float64)
	for _, f := range families {
		for _, m := range f.Metric {
			samples[f.GetName()+labelsOf(m)] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return samples
}

func labelsOf(m *dto.Metric) string {
	var of []string
	for _, l := range m.Label {
		of = append(of, l.GetName()+`="`+l.GetValue()+`"`)
	}
	return "{" + strings.Join(of, ",") + "}"
}
