package operators_test

import (
	"context"
	"testing"
	"time"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func BenchmarkTapNothing(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Tap(src, op.Hooks[int]{}) })
}

func BenchmarkTap(b *testing.B) {
	n := 0
	benchmarkTap(b, op.Hooks[int]{OnNext: func(int) { n++ }})
}

func BenchmarkTapCounts(b *testing.B) { benchmarkTap(b, op.HooksOf[int](new(op.Counts))) }

func BenchmarkTapSizes(b *testing.B) {
	benchmarkTap(b, op.Sizes(new(op.Histogram), func(v int) int { return v }))
}

func BenchmarkTapLatency(b *testing.B) { benchmarkTap(b, op.UpstreamLatency[int](new(op.Histogram))) }

func benchmarkTap(b *testing.B, hooks op.Hooks[int]) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Tap(src, hooks) })
}

// BenchmarkAsyncTap tells what taps that do not bear being waited for cost an item. "quick" does nothing, and keeps up
// or not as the processors are free.
func BenchmarkAsyncTap(b *testing.B) {
	for name := range badTaps(nil) {
		b.Run(name, func(b *testing.B) {
			release := make(chan struct{})
			tap := op.NewAsyncTap(1024, op.Hooks[int]{OnNext: badTaps(release)[name]})
			benchmarkTap(b, tap.Hooks())
			b.StopTimer()
			close(release)
			_ = tap.Close(context.Background())
		})
	}
}

// badTaps are hooks that no stream should wait for, until they are released.
func badTaps(release <-chan struct{}) map[string]func(int) {
	return map[string]func(int){
		"quick":     func(int) {},
		"panicking": func(int) { panic("the tap's") },
		"sleeping": func(int) {
			select {
			case <-time.After(2 * time.Second):
			case <-release:
			}
		},
		"stuck": func(int) { <-release },
	}
}
