package flow_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
)

// TestRareWaitsOfFastStreamsAreFound has items that take no time but for a wait every thousand, here or there: what timing
// one of so many would miss.
func TestRareWaitsOfFastStreamsAreFound(t *testing.T) {
	const every = 1000
	now := func(v int, wait time.Duration) {
		if v%every == every/2 {
			time.Sleep(wait)
		}
	}
	for _, tt := range []struct {
		name               string
		source, step, sink time.Duration
		want               string
	}{
		{"source", 40 * time.Millisecond, 5 * time.Millisecond, 5 * time.Millisecond, "Pages"},
		{"step", 5 * time.Millisecond, 40 * time.Millisecond, 5 * time.Millisecond, "step"},
		{"sink", 5 * time.Millisecond, 5 * time.Millisecond, 40 * time.Millisecond, "ForEach"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				m := flow.NewMonitor(flow.Options{})
				pages := flow.Named(op.Map(rx.Range(0, 50*every), func(v int) int { now(v, tt.source); return v }), "Pages")
				step := flow.Named(op.Map(pages, func(v int) int { now(v, tt.step); return v }), "step")
				require.NoError(t, step.ForEach(flow.With(t.Context(), m), func(v int) error { now(v, tt.sink); return nil }))
				synctest.Wait() // the ticker's goroutine has ended, or the bubble would fail
				r := m.Snapshot().Runs[0]
				require.Equal(t, tt.want, r.Bottleneck.Name, r.Text())
				require.InDelta(t, 0.8, r.Bottleneck.Share, 0.03, r.Text())
				require.EqualValues(t, 50*every, find(t, r, flow.Step, "step").Out)
			})
		})
	}
}

func TestFastStreamsAreCountedWhileTheyRun(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{})
		ctx, cancel := context.WithCancel(flow.With(t.Context(), m))
		ended := make(chan error, 1)
		var items int64
		go func() {
			ended <- rx.Range(0, 1<<40).ForEach(ctx, func(int) error {
				if items++; items%100 == 0 {
					time.Sleep(time.Millisecond)
				}
				return nil
			})
		}()
		time.Sleep(10*time.Second + 500*time.Microsecond)
		synctest.Wait()
		require.InDelta(t, items, find(t, m.Snapshot().Runs[0], flow.Source, "Range").Out, 1000)
		cancel()
		require.Error(t, <-ended)
		require.EqualValues(t, items, find(t, m.Snapshot().Runs[0], flow.Source, "Range").Out, "exactly, at the end")
	})
}

func TestManyRunsAtATimeAndSnapshotsOfThem(t *testing.T) {
	m := flow.NewMonitor(flow.Options{Keep: 5})
	ctx := flow.With(t.Context(), m)
	var runs, looks sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		looks.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					for _, r := range m.Snapshot().Runs {
						_, _ = r.Text(), r.Mermaid()
					}
				}
			}
		})
	}
	for range 8 {
		runs.Go(func() {
			for range 20 {
				src := op.MapAsync(flow.Named(rx.Range(0, 500), "numbers"), 3, func(_ context.Context, v int) (int, error) { return v, nil })
				n, err := op.Prefetch(op.Merge(2, src, src), 10).Collect(ctx)
				if err != nil || len(n) != 1000 {
					t.Error(len(n), err)
				}
			}
		})
	}
	runs.Wait()
	close(stop)
	looks.Wait()
	s := m.Snapshot()
	require.Len(t, s.Runs, 5)
	require.EqualValues(t, 160, s.Pipelines[0].Completed)
	for _, stage := range s.Pipelines[0].Stages {
		if stage.Name == "numbers" {
			require.EqualValues(t, 160*1000, stage.Out)
		}
		require.Zero(t, stage.Running)
	}
}

func TestWithoutAMonitorANameAllocatesNothing(t *testing.T) {
	named := flow.Named(counted(100), "a")
	ctx := t.Context()
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = named(ctx, func(int) bool { return true }) }))
}

func TestANilStreamPanicsWhenItIsNamed(t *testing.T) {
	require.PanicsWithValue(t, "flow.Named: nil stream", func() { flow.Named[int](nil, "x") })
}
