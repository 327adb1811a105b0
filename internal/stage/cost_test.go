package stage_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/stage"
)

// TestWithoutAHostNothingIsDone, and nothing allocated.
func TestWithoutAHostNothingIsDone(t *testing.T) {
	ctx, src := t.Context(), upTo(3)
	own, signal := error(nil), make(chan struct{})
	close(signal)
	sink := func(ctx context.Context, src func(context.Context, func(int) bool) error) error { return src(ctx, all) }
	for name, do := range map[string]func(){
		"Begin": func() {
			same, p := stage.Begin(ctx, stage.Sink, "s")
			if same != ctx || p != nil || stage.On(ctx) || stage.From(ctx) != nil {
				t.Error("there is a stage")
			}
		},
		"BeginRun": func() {
			if same, p := stage.BeginRun(ctx, "r"); same != ctx || p != nil {
				t.Error("there is a run")
			}
		},
		"WithName": func() {
			if stage.WithName(ctx, "r") != ctx {
				t.Error("there is a name")
			}
		},
		"Observe": func() { _ = stage.Observe(ctx, stage.Step, "s", src, all) },
		"Drain":   func() { _ = stage.Drain(ctx, "s", src, &own, all) },
		"Consume": func() { _ = stage.Consume(ctx, "s", src, sink) },
		"Counted": func() { _ = stage.Counted(ctx, nil, src, func(int) int { return 1 }, all) },
		"Metered": func() { _ = stage.Metered(ctx, nil, src, all) },
		"a nil Probe": func() {
			var p *stage.Probe
			p.Stop(stage.Calls, p.Start(stage.Calls))
			if !p.Await(stage.Full, signal, nil) {
				t.Error("there was a signal")
			}
			p.In(1)
			p.Out(1)
			p.Failed(1)
			p.Retried(1)
			p.Dropped(1)
			p.Concurrency(1)
			p.Count("pages", 1)
			p.Gauge("window", nil)
			p.GaugeOf("window", stage.Max, nil)
			p.Aside(nil)
			if p.Within(ctx) != ctx || p.Outside(ctx) != ctx {
				t.Error("there is a context")
			}
			p.End(nil, false)
		},
	} {
		require.Zero(t, testing.AllocsPerRun(100, do), name)
	}
}

// TestItemsAllocateNothing has a run of many items allocate what one of few does.
func TestItemsAllocateNothing(t *testing.T) {
	_, ctx := watched(t)
	_, p := stage.Begin(ctx, stage.Sink, "s")
	defer p.End(nil, false)
	allocations := func(n int) float64 {
		src := upTo(n)
		return testing.AllocsPerRun(20, func() { _ = stage.Observe(ctx, stage.Step, "s", src, all) })
	}
	few, many := allocations(1), allocations(20_000)
	require.Less(t, many-few, 20.0) // a ticker may begin
}

func BenchmarkObserve(b *testing.B) {
	for name, ctx := range map[string]context.Context{
		"without": context.Background(), "monitored": stage.With(context.Background(), &host{}),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			_ = stage.Observe(ctx, stage.Step, "s", upTo(b.N), all)
		})
	}
}
