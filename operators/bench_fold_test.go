package operators_test

import (
	"math"
	"testing"
	"time"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func BenchmarkReduce(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Reduce(src, zero, add) })
}

func BenchmarkStatefulMap(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.StatefulMap(src, zero, addBoth, nil) })
}

func BenchmarkPairwise(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[[2]int] { return op.Pairwise(src) })
}

// BenchmarkUnbatch gives the same slice of 100 again and again.
func BenchmarkUnbatch(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] {
		batch := make([]int, 100)
		pages := op.FilterMap(src, func(v int) ([]int, bool) { return batch, v%100 == 0 })
		return op.Unbatch(pages)
	})
}

func BenchmarkStartWith(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.StartWith(src, 1) })
}

func BenchmarkLast(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Last(src) })
}

func BenchmarkFind(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Find(src, never) })
}

func BenchmarkTakeLast(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.TakeLast(src, 100) })
}

func BenchmarkSkipLast(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.SkipLast(src, 100) })
}

// BenchmarkDistinct has a new key for each item, which is the most work.
func BenchmarkDistinct(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Distinct(src, 1000, identity) })
}

func BenchmarkDistinct_known(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] {
		return op.Distinct(src, 1000, func(v int) int { return v % 1000 })
	})
}

func BenchmarkDistinctUntilChanged(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.DistinctUntilChanged(src, identity) })
}

func BenchmarkDefaultIfEmpty(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.DefaultIfEmpty(src, 1) })
}

func BenchmarkOrElse(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.OrElse(src, src) })
}

func BenchmarkBufferAdjacent(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[[]int] {
		return op.BufferAdjacent(src, math.MaxInt, func(v int) int { return v / 100 })
	})
}

func BenchmarkSplitWhen(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[[]int] {
		return op.SplitWhen(src, math.MaxInt, func(v int) bool { return v%100 == 0 })
	})
}

func BenchmarkSplitAfter(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[[]int] {
		return op.SplitAfter(src, math.MaxInt, func(v int) bool { return v%100 == 99 })
	})
}

// BenchmarkWindow has a window for every 100 items.
func BenchmarkWindow(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[op.Windowed[int]] {
		return op.Window(src, op.Tumbling(100*time.Second), second, seed, add)
	})
}

// BenchmarkWindow_sliding has each item in 4 windows.
func BenchmarkWindow_sliding(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[op.Windowed[int]] {
		return op.Window(src, op.Sliding(100*time.Second, 25*time.Second), second, seed, add)
	})
}

func BenchmarkWindow_session(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[op.Windowed[int]] {
		return op.Window(src, op.Sessions(2*time.Second), second, seed, add)
	})
}
