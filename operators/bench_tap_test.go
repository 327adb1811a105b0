package operators_test

import (
	"context"
	"hash/fnv"
	"math"
	"slices"
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

// BenchmarkTapBesideNone tells what a tap adds to the time of a stream whose items take as long as a row of a query does,
// about 0.7 µs, in percent: by 24 alternating pairs with and without it, of the fastest of 40 short runs each, as other
// programs disturb the rest; and half the width of the 95% interval.
//
//	go test -run XXX -bench TapBesideNone -benchtime 1x ./operators
func BenchmarkTapBesideNone(b *testing.B) {
	const pairs, items = 24, 500
	row := make([]byte, 768)
	rows := op.Map(rx.Range(0, items), func(v int) int {
		h := fnv.New64a()
		_, _ = h.Write(row)
		return v + int(h.Sum64()&1)
	})
	measure := func(src rx.Observable[int]) float64 {
		fastest := math.Inf(1)
		for range 40 {
			start := time.Now()
			_ = src.ForEach(context.Background(), func(int) error { return nil })
			fastest = min(fastest, float64(time.Since(start)))
		}
		return fastest
	}
	hooks := map[string]op.Hooks[int]{
		"counts": op.HooksOf[int](new(op.Counts)), "sizes": op.Sizes(new(op.Histogram), func(v int) int { return v }),
		"latency": op.UpstreamLatency[int](new(op.Histogram)),
	}
	var taps []*op.AsyncTap[int]
	release := make(chan struct{})
	for name, onNext := range badTaps(release) {
		tap := op.NewAsyncTap(1024, op.Hooks[int]{OnNext: onNext})
		taps = append(taps, tap)
		hooks[name] = tap.Hooks()
	}
	for name, h := range hooks {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				var costs []float64
				tapped := op.Tap(rows, h)
				for i := range pairs {
					var with, without float64
					if i%2 == 0 {
						with, without = measure(tapped), measure(rows)
					} else {
						without, with = measure(rows), measure(tapped)
					}
					costs = append(costs, 100*(with/without-1))
				}
				mean, half := confidence(costs)
				slices.Sort(costs)
				b.ReportMetric(mean, "%cost")
				b.ReportMetric(half, "%±")
				b.ReportMetric(costs[len(costs)/2], "%median")
			}
		})
	}
	close(release)
	for _, tap := range taps {
		_ = tap.Close(context.Background())
	}
}

// confidence gives the mean and half the width of its 95% interval, by Student's t for 24 values.
func confidence(values []float64) (mean, half float64) {
	const t23 = 2.069
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	variance := 0.0
	for _, v := range values {
		variance += (v - mean) * (v - mean) / (n - 1)
	}
	return mean, t23 * math.Sqrt(variance/n)
}
