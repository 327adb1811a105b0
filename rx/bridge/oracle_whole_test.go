package bridge_test

import (
	"github.com/reactivex/rxgo/v2"

	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// whole are the operators that answer when the stream has ended.
var whole = []shared{
	{
		name: "Reduce", // rxgo's has no seed, and gives nothing for nothing
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.Last(operators.Scan(in, func() int { return 0 }, d.sum)))
		},
		theirs: func(in rxgo.Observable, d draw, own rxgo.Option) rxgo.Iterable { return in.Reduce(folding(d.sum), own) },
	},
	{
		name: "SumInt64",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.Reduce(in, func() int { return 0 }, d.sum))
		},
		theirs: func(in rxgo.Observable, _ draw, own rxgo.Option) rxgo.Iterable { return in.SumInt64(own) },
	},
	{
		name: "AverageInt",
		ours: func(in rx.Observable[int], _ draw) rx.Observable[any] {
			type mean struct{ sum, n int }
			sum := operators.Reduce(in, func() mean { return mean{} }, func(m mean, v int) mean { return mean{m.sum + v, m.n + 1} })
			return untyped(operators.Map(sum, func(m mean) int { return m.sum / max(m.n, 1) }))
		},
		theirs: func(in rxgo.Observable, _ draw, own rxgo.Option) rxgo.Iterable { return in.AverageInt(own) },
	},
	{
		name: "Count",
		ours: func(in rx.Observable[int], _ draw) rx.Observable[any] {
			return untyped(operators.Reduce(in, func() int { return 0 }, func(n, _ int) int { return n + 1 }))
		},
		theirs: func(in rxgo.Observable, _ draw, own rxgo.Option) rxgo.Iterable { return in.Count(own) },
	},
	{
		name: "Max",
		ours: func(in rx.Observable[int], _ draw) rx.Observable[any] {
			return untyped(operators.Last(operators.Scan(in, func() int { return -1 }, func(a, b int) int { return max(a, b) })))
		},
		theirs: func(in rxgo.Observable, _ draw, own rxgo.Option) rxgo.Iterable {
			return in.Max(func(a, b any) int { return a.(int) - b.(int) }, own)
		},
	},
	{
		name: "ToMap",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.Reduce(in, func() map[int]int { return map[int]int{} },
				func(m map[int]int, v int) map[int]int { m[d.key(v)] = v; return m }))
		},
		theirs: func(in rxgo.Observable, d draw, own rxgo.Option) rxgo.Iterable { return in.ToMap(func1(d.key), own) },
	},
	{
		name: "Contains",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			found := operators.Map(operators.Find(in, d.is), func(int) bool { return true })
			return untyped(operators.DefaultIfEmpty(found, false))
		},
		theirs: func(in rxgo.Observable, d draw, own rxgo.Option) rxgo.Iterable { return in.Contains(d.predicate, own) },
	},
	{
		name: "All",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			other := operators.Find(in, func(v int) bool { return !d.is(v) })
			return untyped(operators.DefaultIfEmpty(operators.Map(other, func(int) bool { return false }), true))
		},
		theirs: func(in rxgo.Observable, d draw, own rxgo.Option) rxgo.Iterable { return in.All(d.predicate, own) },
	},
	{
		name:   "Find",
		ours:   func(in rx.Observable[int], d draw) rx.Observable[any] { return untyped(operators.Find(in, d.is)) },
		theirs: func(in rxgo.Observable, d draw, own rxgo.Option) rxgo.Iterable { return in.Find(d.predicate, own) },
	},
	{
		name:   "Last",
		ours:   func(in rx.Observable[int], _ draw) rx.Observable[any] { return untyped(operators.Last(in)) },
		theirs: func(in rxgo.Observable, _ draw, own rxgo.Option) rxgo.Iterable { return in.Last(own) },
	},
	{
		name: "LastOrDefault",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.DefaultIfEmpty(operators.Last(in), d.n))
		},
		theirs: func(in rxgo.Observable, d draw, own rxgo.Option) rxgo.Iterable { return in.LastOrDefault(d.n, own) },
	},
	{
		name: "FirstOrDefault",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.DefaultIfEmpty(operators.Take(in, 1), d.n))
		},
		theirs: func(in rxgo.Observable, d draw, own rxgo.Option) rxgo.Iterable { return in.FirstOrDefault(d.n, own) },
	},
	{
		name: "DefaultIfEmpty",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.DefaultIfEmpty(in, d.n))
		},
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable { return in.DefaultIfEmpty(d.n) },
	},
	{
		name:   "TakeLast",
		ours:   func(in rx.Observable[int], d draw) rx.Observable[any] { return untyped(operators.TakeLast(in, d.n)) },
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable { return in.TakeLast(uint(d.n)) },
	},
	{
		name:   "SkipLast",
		ours:   func(in rx.Observable[int], d draw) rx.Observable[any] { return untyped(operators.SkipLast(in, d.n)) },
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable { return in.SkipLast(uint(d.n)) },
	},
	{
		name: "Distinct",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.Distinct(in, 100, d.key))
		},
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable { return in.Distinct(func1(d.key)) },
	},
	{
		name: "DistinctUntilChanged",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.DistinctUntilChanged(in, d.key))
		},
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable {
			return in.DistinctUntilChanged(func1(d.key))
		},
	},
	{
		name: "StartWith",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.StartWith(in, d.other.items...))
		},
		theirs: func(in rxgo.Observable, d draw, own rxgo.Option) rxgo.Iterable {
			return in.StartWith(finite{items: d.other.items}.rxgos(), own)
		},
	},
	{
		name:   "Repeat",
		ours:   func(in rx.Observable[int], d draw) rx.Observable[any] { return untyped(operators.Repeat(in, d.n+1, 0)) },
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable { return in.Repeat(int64(d.n), nil) },
	},
	{
		name: "OnErrorReturnItem",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.ResumeWith(in, rx.From(d.n)))
		},
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable { return in.OnErrorReturnItem(d.n) },
	},
}
