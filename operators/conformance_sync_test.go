package operators_test

import (
	"context"
	"slices"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

var synchronous = []operator{
	{
		name:  "Map",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Map(src, double) },
		model: passesOn(func(items []int) []int { return mapped(items, double) }),
	},
	{
		name: "TryMap",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.TryMap(src, failOdd)
		},
		model: func(items []int, err error) ([]int, error) {
			if i := slices.IndexFunc(items, isOdd); i >= 0 {
				return items[:i], errOdd
			}
			return items, err
		},
		in: []int{0, 2, 4, 6, 8},
	},
	{
		name: "TryMap that resumes",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.TryMap(src, failOdd, resume)
		},
		model: passesOn(func(items []int) []int { return filtered(items, isEven) }),
	},
	{
		name:  "Filter",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Filter(src, isEven) },
		model: passesOn(func(items []int) []int { return filtered(items, isEven) }),
	},
	{
		name: "FilterMap",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.FilterMap(src, func(v int) (int, bool) { return double(v), isOdd(v) })
		},
		model: passesOn(func(items []int) []int { return mapped(filtered(items, isOdd), double) }),
	},
	{
		name:  "Take",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Take(src, 5) },
		model: func(items []int, err error) ([]int, error) {
			if len(items) >= 5 {
				return items[:5], nil
			}
			return items, err
		},
	},
	{
		name:  "Take of 0",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Take(src, 0) },
		model: func([]int, error) ([]int, error) { return nil, nil },
	},
	{
		name:  "TakeWhile",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.TakeWhile(src, isEven) },
		model: func(items []int, err error) ([]int, error) {
			if i := slices.IndexFunc(items, isOdd); i >= 0 {
				return items[:i], nil
			}
			return items, err
		},
	},
	{
		name:  "Skip",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Skip(src, 5) },
		model: passesOn(func(items []int) []int { return items[min(5, len(items)):] }),
	},
	{
		name:  "SkipWhile",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.SkipWhile(src, isEven) },
		model: passesOn(func(items []int) []int {
			if i := slices.IndexFunc(items, isOdd); i >= 0 {
				return items[i:]
			}
			return nil
		}),
	},
	{
		name:  "Scan",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Scan(src, zero, add) },
		model: passesOn(func(items []int) []int {
			sum := 0
			return mapped(items, func(v int) int { sum += v; return sum })
		}),
	},
	{
		name: "Buffer",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.Map(op.Buffer(src, 3), func(batch []int) int { return 1000*len(batch) + slices.Max(batch) })
		},
		model: passesOn(func(items []int) []int {
			var out []int
			for batch := range slices.Chunk(items, 3) {
				out = append(out, 1000*len(batch)+slices.Max(batch))
			}
			return out
		}),
	},
	{
		name: "Concat",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.Concat(rx.From(1, 2), src, rx.From(3))
		},
		model: func(items []int, err error) ([]int, error) {
			out := append([]int{1, 2}, items...)
			if err == nil {
				out = append(out, 3)
			}
			return out, err
		},
	},
	{
		name: "ConcatMap",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.ConcatMap(src, func(v int) rx.Observable[int] {
				if v == 9 {
					return failing(errOdd, v)
				}
				return rx.Range(v, v%3)
			})
		},
		model: func(items []int, err error) ([]int, error) {
			var out []int
			for _, v := range items {
				if v == 9 {
					return append(out, 9), errOdd
				}
				for i := range v % 3 {
					out = append(out, v+i)
				}
			}
			return out, err
		},
		in: []int{2, 4, 5, 7, 8},
	},
	{
		name: "Retry",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.Retry(src, op.Backoff{Attempts: 3})
		},
		model: func(items []int, err error) ([]int, error) {
			if err != nil {
				items = slices.Repeat(items, 3)
			}
			return items, err
		},
		traits: rxtest.Recovers,
	},
	{
		name: "Retry of other errors",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.Retry(src, op.Backoff{}, func(err error) bool { return err == errOdd })
		},
		model: same,
	},
	{
		name: "Catch",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.Catch(src, func(error) rx.Observable[int] { return failing(errOdd, -1, -2) })
		},
		model: func(items []int, err error) ([]int, error) {
			if err != nil {
				return append(slices.Clone(items), -1, -2), errOdd
			}
			return items, nil
		},
		traits: rxtest.Recovers,
	},
	{
		name: "Tap",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.Tap(src, op.Hooks[int]{
				OnStart:    func() {},
				OnNext:     func(int) {},
				OnError:    func(error) {},
				OnComplete: func() {},
				OnCancel:   func() {},
			})
		},
		model: same,
	},
	{
		name: "Tap for each run",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.Tap(src, op.HooksOf[int](op.UpstreamLatency[int](new(op.Histogram)), op.DownstreamLatency[int](new(op.Histogram))))
		},
		model: same,
	},
	{
		name: "Tap with an AsyncTap",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return rx.Defer(func(context.Context) (rx.Observable[int], error) {
				tap := op.NewAsyncTap(2, op.Hooks[int]{OnNext: func(int) {}, OnComplete: func() { panic(errOdd) }})
				return op.Finally(op.Tap(src, tap.Hooks()), func() { _ = tap.Close(context.Background()) }), nil
			})
		},
		model: same,
	},
}

// Functions for operators under test and for their models.

func double(v int) int  { return 2 * v }
func isEven(v int) bool { return v%2 == 0 }
func isOdd(v int) bool  { return v%2 != 0 }
func zero() int         { return 0 }
func add(a, v int) int  { return a + v }

func failOdd(_ context.Context, v int) (int, error) {
	if isOdd(v) {
		return 0, errOdd
	}
	return v, nil
}

func resume(context.Context, *op.Failure[int]) op.Decision { return op.Resume }

func mapped(items []int, f func(int) int) []int {
	out := make([]int, len(items))
	for i, v := range items {
		out[i] = f(v)
	}
	return out
}

func filtered(items []int, pred func(int) bool) []int {
	return slices.DeleteFunc(slices.Clone(items), func(v int) bool { return !pred(v) })
}
