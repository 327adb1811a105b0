package operators_test

import (
	"context"
	"testing"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// ints emits b.N integers without looking at the context, so that what is measured is the stage above it.
func ints(b *testing.B) rx.Observable[int] {
	return func(_ context.Context, yield func(int) bool) error {
		for i := range b.N {
			if !yield(i) {
				return nil
			}
		}
		return nil
	}
}

// run measures one item through the stage that build puts on a stream of b.N items.
func run[U any](b *testing.B, build func(rx.Observable[int]) rx.Observable[U]) {
	b.Helper()
	b.ReportAllocs()
	stream := build(ints(b))
	if err := stream(context.Background(), func(U) bool { return true }); err != nil {
		b.Fatal(err)
	}
}

func always(int) bool { return true }
func never(int) bool  { return false }

func even(v int) (int, bool) { return v, v%2 == 0 }

func tryDouble(_ context.Context, v int) (int, error) { return 2 * v, nil }

func BenchmarkSource(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return src })
}

func BenchmarkMap(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Map(src, double) })
}

func BenchmarkMapFive(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] {
		for range 5 {
			src = op.Map(src, double)
		}
		return src
	})
}

func BenchmarkTryMap(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.TryMap(src, tryDouble) })
}

func BenchmarkTryMapResume(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.TryMap(src, failOdd, resume) })
}

func BenchmarkFilter(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Filter(src, isEven) })
}

func BenchmarkFilterMap(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.FilterMap(src, even) })
}

func BenchmarkTake(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Take(src, b.N) })
}

func BenchmarkTakeWhile(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.TakeWhile(src, always) })
}

func BenchmarkSkip(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Skip(src, 1) })
}

func BenchmarkSkipWhile(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.SkipWhile(src, never) })
}

func BenchmarkScan(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Scan(src, zero, add) })
}

func BenchmarkBuffer(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[[]int] { return op.Buffer(src, 100) })
}

func BenchmarkConcat(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Concat(src) })
}

func BenchmarkConcatMap(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] {
		return op.ConcatMap(src, func(v int) rx.Observable[int] { return rx.From(v) })
	})
}

func BenchmarkRetry(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Retry(src, op.Backoff{}) })
}

func BenchmarkCatch(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Catch(src, rx.Fail[int]) })
}
