package flow_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
)

func TestFiguresOfSeveralRunsAreSensible(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{})
		ctx, cancel := context.WithCancel(flow.With(t.Context(), m))
		ended := make(chan error)
		for i := range 3 {
			go func() {
				ended <- flow.Do(ctx, "etl", func(ctx context.Context) error {
					for range 2 { // two of the name in each run
						_, p := stage.Begin(ctx, stage.Sink, "s")
						defer p.End(nil, false)
						p.GaugeOf("progress_share", stage.Mean, func() float64 { return float64(i) / 4 })
						p.GaugeOf("latency_p99_seconds", stage.Max, func() float64 { return float64(i) })
						p.Gauge("requests_in_flight", func() float64 { return 1 })
					}
					<-ctx.Done()
					return nil
				})
			}()
		}
		time.Sleep(time.Second)
		s := m.Snapshot()
		require.Len(t, s.Pipelines, 1)
		all := find(t, flow.Run{Stages: s.Pipelines[0].Stages}, flow.Sink, "s")
		require.InDelta(t, 0.25, value(all, "progress_share"), 1e-9)
		require.EqualValues(t, 2, value(all, "latency_p99_seconds"))
		require.EqualValues(t, 6, value(all, "requests_in_flight"))
		require.EqualValues(t, 2, value(find(t, s.Runs[0], flow.Sink, "s"), "requests_in_flight"))
		cancel()
		for range 3 {
			require.NoError(t, <-ended)
		}
	})
}

// TestLagIsWhatWaitsByItsRate: 60 items of which 10 go out a second are 6 seconds behind.
func TestLagIsWhatWaitsByItsRate(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{})
		ctx, cancel := context.WithCancel(flow.With(t.Context(), m))
		ended := make(chan error)
		go func() {
			ended <- op.Prefetch(rx.Range(0, 1_000_000), 100).ForEach(ctx, func(int) error { time.Sleep(100 * time.Millisecond); return nil })
		}()
		time.Sleep(20 * time.Second)
		m.Snapshot()
		time.Sleep(4 * time.Second)
		run := m.Snapshot().Runs[0]
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
		behind := find(t, run, flow.Boundary, "Prefetch")
		require.Positive(t, behind.Buffer.Now)
		require.InEpsilon(t, float64(behind.Buffer.Now)/10, behind.LagSeconds, 0.3, "items are taken many at a time")
		require.Contains(t, run.Text(), "s lag")
		require.Zero(t, find(t, m.Snapshot().Runs[0], flow.Boundary, "Prefetch").LagSeconds)
	})
}
