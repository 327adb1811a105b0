package flow_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/internal/virtualtime"
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
