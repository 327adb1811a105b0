package flow_test

import (
	"context"
	"testing"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
)

// counted gives n items, each in about a nanosecond, and is no stage.
func counted(n int) rx.Observable[int] {
	return func(_ context.Context, yield func(int) bool) error {
		for i := 0; i < n && yield(i); i++ {
		}
		return nil
	}
}

// BenchmarkNamed tells what a name costs an item.
func BenchmarkNamed(b *testing.B) {
	watched := flow.With(context.Background(), flow.NewMonitor(flow.Options{}))
	for _, bb := range []struct {
		name string
		ctx  context.Context
		wrap func(rx.Observable[int]) rx.Observable[int]
	}{
		{"without", context.Background(), func(src rx.Observable[int]) rx.Observable[int] { return src }},
		{"named", context.Background(), func(src rx.Observable[int]) rx.Observable[int] { return flow.Named(src, "a") }},
		{"named,monitored", watched, func(src rx.Observable[int]) rx.Observable[int] { return flow.Named(src, "a") }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			sum := 0
			_ = bb.wrap(counted(b.N))(bb.ctx, func(v int) bool { sum += v; return true })
		})
	}
}

// BenchmarkRun tells what a run of three stages costs that has one item.
func BenchmarkRun(b *testing.B) {
	watched := flow.With(context.Background(), flow.NewMonitor(flow.Options{}))
	for _, bb := range []struct {
		name string
		ctx  context.Context
	}{{"without", context.Background()}, {"monitored", watched}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			src := flow.Named(rx.From(1), "a")
			for b.Loop() {
				_ = src.ForEach(bb.ctx, func(int) error { return nil })
			}
		})
	}
}
