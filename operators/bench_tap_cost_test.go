//go:build unix

package operators_test

import (
	"context"
	"hash/fnv"
	"math"
	"syscall"
	"testing"
	"time"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// BenchmarkTapBesideNone tells what a tap adds to a stream, in percent: by 48 pairs of runs of 10,000 items with and
// without it, in alternating order, the mean of their differences and half the width of its 95% interval. Each item is some work,
// 768 bytes hashed, which takes about what decoding a row of a query does; it is reported as ns/item. All of a run counts,
// as time that passed, which other programs disturb, and as time that the process had of the processors, with what the
// tap's goroutine takes. dropped is the share of the items that hooks did not get.
//
//	go test -run XXX -bench TapBesideNone -benchtime 1x ./operators
func BenchmarkTapBesideNone(b *testing.B) {
	hooks := map[string]op.Hooks[int]{
		"counts": op.HooksOf[int](new(op.Counts)), "sizes": op.Sizes(new(op.Histogram), func(v int) int { return v }),
		"latency": op.UpstreamLatency[int](new(op.Histogram)),
	}
	for name, h := range hooks {
		b.Run(name, func(b *testing.B) { beside(b, h) })
	}
	var taps []*op.AsyncTap[int]
	release := make(chan struct{})
	for name, onNext := range badTaps(release) {
		b.Run("async "+name, func(b *testing.B) {
			tap := op.NewAsyncTap(1024, op.Hooks[int]{OnNext: onNext})
			items := beside(b, tap.Hooks())
			b.ReportMetric(100*float64(tap.Dropped())/float64(items), "%dropped")
			taps = append(taps, tap)
		})
	}
	close(release)
	for _, tap := range taps {
		_ = tap.Close(context.Background())
	}
}

// beside reports what hooks cost, and gives how many items they were for.
func beside(b *testing.B, h op.Hooks[int]) (tapped int) {
	const pairs, items = 48, 10_000
	row := make([]byte, 768)
	none := op.Map(rx.Range(0, items), func(v int) int {
		h := fnv.New64a()
		_, _ = h.Write(row)
		return v + int(h.Sum64()&1)
	})
	with := op.Tap(none, h)
	var wall, cpu []float64 // differences
	var alone cost          // of all runs without it
	for b.Loop() {
		for i := range pairs {
			var a, z cost // with and without
			if i%2 == 0 {
				a, z = costOf(with), costOf(none)
			} else {
				z, a = costOf(none), costOf(with)
			}
			wall, cpu = append(wall, a.wall-z.wall), append(cpu, a.cpu-z.cpu)
			alone = cost{alone.wall + z.wall, alone.cpu + z.cpu}
			tapped += items
		}
	}
	report := func(differences []float64, of float64, unit string) {
		mean, half := confidence(differences)
		percent := 100 * float64(len(differences)) / of
		b.ReportMetric(mean*percent, "%"+unit)
		b.ReportMetric(half*percent, "±%"+unit)
	}
	report(wall, alone.wall, "wall")
	report(cpu, alone.cpu, "cpu")
	b.ReportMetric(alone.cpu/float64(tapped), "ns/item")
	return tapped
}

// cost is what a run took, in nanoseconds.
type cost struct{ wall, cpu float64 }

func costOf(src rx.Observable[int]) cost {
	start, cpu := time.Now(), processors()
	_ = src.ForEach(context.Background(), func(int) error { return nil })
	return cost{float64(time.Since(start)), float64(processors() - cpu)}
}

// processors is the time that this process has had of all processors.
func processors() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // cannot fail for that
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// confidence gives the mean and half the width of its 95% interval, by the normal distribution with a correction for few
// values that is right to 1% from 20 on.
func confidence(values []float64) (mean, half float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	variance := 0.0
	for _, v := range values {
		variance += (v - mean) * (v - mean) / (n - 1)
	}
	return mean, (1.96 + 2.4/(n-1)) * math.Sqrt(variance/n)
}
