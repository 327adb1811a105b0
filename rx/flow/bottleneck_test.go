package flow_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
)

// slow is a stream of n items, before each of which it takes a time.
func slow(n int, each time.Duration) rx.Observable[int] {
	return rx.New(func(_ context.Context, yield func(int) bool) error {
		for i := range n {
			time.Sleep(each)
			if !yield(i) {
				break
			}
		}
		return nil
	})
}

// wait gives a function that takes a time for each item.
func wait(each time.Duration) func(int) int {
	return func(v int) int { time.Sleep(each); return v }
}

func TestTheBottleneckIsFound(t *testing.T) {
	const short, long = 2 * time.Millisecond, 8 * time.Millisecond
	for _, tt := range []struct {
		name               string
		source, step, sink time.Duration
		call               time.Duration
		want               flow.Bottleneck
	}{
		{"source", long, short, short, short, flow.Bottleneck{Kind: flow.Source, Name: "New", Share: 0.8}},
		{"step", short, long, short, short, flow.Bottleneck{Kind: flow.Step, Name: "slowly", Share: 0.8}},
		{"call", short, short, short, 4 * long, flow.Bottleneck{Kind: flow.Boundary, Name: "MapAsync", Share: 0.89}},
		{"sink", short, short, long, short, flow.Bottleneck{Kind: flow.Sink, Name: "ForEach", Share: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				m := flow.NewMonitor(flow.Options{})
				ctx := flow.With(t.Context(), m)
				steps := flow.Named(op.Map(slow(500, tt.source), wait(tt.step)), "slowly")
				called := op.MapAsync(steps, 3, func(_ context.Context, v int) (int, error) {
					time.Sleep(tt.call)
					return v, nil
				})
				look := make(chan flow.Snapshot, 1)
				go func() {
					time.Sleep(time.Second)
					look <- m.Snapshot()
				}()
				require.NoError(t, called.ForEach(ctx, func(int) error { time.Sleep(tt.sink); return nil }))
				running, ended := (<-look).Runs[0], m.Snapshot().Runs[0]
				require.Equal(t, flow.Running, running.State)
				require.Equal(t, flow.Completed, ended.State)
				for _, r := range []flow.Run{running, ended} {
					require.Equal(t, tt.want.Kind, r.Bottleneck.Kind)
					require.Equal(t, tt.want.Name, r.Bottleneck.Name)
					require.InDelta(t, tt.want.Share, r.Bottleneck.Share, 0.02)
				}
			})
		})
	}
}

func TestBottlenecksHaveTheNamesOfTheTotals(t *testing.T) {
	waits := func(name string, s flow.State, b flow.Bottleneck) flow.Run {
		return flow.Run{Name: name, State: s, Bottleneck: b}
	}
	slow := flow.Bottleneck{Kind: flow.Step, Name: "slow", Share: 0.5}
	unknown := flow.Bottleneck{Kind: flow.Step, Name: "one too many", Share: 0.6}
	more := slow
	more.Share = 0.75
	s := flow.Snapshot{
		Runs: []flow.Run{
			waits("job", flow.Running, slow), waits("job", flow.Running, more), waits("job", flow.Running, slow),
			waits("job", flow.Running, flow.Bottleneck{}), waits("job", flow.Completed, flow.Bottleneck{Kind: flow.Sink, Name: "slow", Share: 1}),
			waits("job", flow.Running, unknown), waits("one too many", flow.Running, slow),
		},
		Pipelines: []flow.Pipeline{
			{Name: "job", Stages: []flow.Stage{{Kind: flow.Sink, Name: "one too many"}, {Kind: flow.Step, Name: "slow"}, {Kind: flow.Step, Name: flow.Others}}},
			{Name: flow.Others, Stages: []flow.Stage{{Kind: flow.Step, Name: "slow"}}},
		},
	}
	require.Equal(t, []flow.PipelineBottleneck{
		{Pipeline: "job", Stage: "slow", Kind: flow.Step, Share: 0.75},
		{Pipeline: "job", Stage: flow.Others, Kind: flow.Step, Share: 0.6},
		{Pipeline: flow.Others, Stage: "slow", Kind: flow.Step, Share: 0.5},
	}, s.Bottlenecks())

	s.Pipelines = s.Pipelines[:1]
	require.Len(t, s.Bottlenecks(), 2, "a run without totals is left out")
	require.Empty(t, flow.Snapshot{}.Bottlenecks())
}
