package bridge_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/reactivex/rxgo/v2"

	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func bothHave() []shared {
	return slices.Concat(eachItem, some, batches, combined, failures, whole, grouped)
}

func untyped[T any](src rx.Observable[T]) rx.Observable[any] {
	return operators.Map(src, func(v T) any { return v })
}

// The functions that the operators are given, in both forms.
func (d draw) is(v int) bool        { return v%(d.n+1) == 0 }
func (d draw) predicate(v any) bool { return d.is(v.(int)) }
func (d draw) key(v int) int        { return v % (d.n + 1) }
func (d draw) pair(a, b int) string { return fmt.Sprint(a, "-", b) }
func (d draw) double(v int) int     { return 2 * v }
func (d draw) sum(a, b int) int     { return a + b }
func (d draw) several(v int) []int  { return slices.Repeat([]int{v}, v%(d.n+1)) }
func func1[A, B any](f func(A) B) rxgo.Func {
	return func(_ context.Context, v any) (any, error) { return f(v.(A)), nil }
}

// folding is for operators whose accumulator is nil at first.
func folding(f func(a, b int) int) rxgo.Func2 {
	return func(_ context.Context, a, b any) (any, error) {
		if a == nil {
			return b, nil
		}
		return f(a.(int), b.(int)), nil
	}
}

var eachItem = []shared{
	{
		name:   "Map",
		ours:   func(in rx.Observable[int], d draw) rx.Observable[any] { return untyped(operators.Map(in, d.double)) },
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable { return in.Map(func1(d.double)) },
	},
	{
		name: "TryMap",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.TryMap(in, func(_ context.Context, v int) (int, error) {
				if v > 0 && d.is(v) {
					return 0, errOurs
				}
				return v, nil
			}))
		},
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable {
			return in.Map(func(_ context.Context, v any) (any, error) {
				if v.(int) > 0 && d.predicate(v) {
					return nil, errOurs
				}
				return v, nil
			})
		},
	},
	{
		name: "MapAsync",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.MapAsync(in, d.n+1, func(_ context.Context, v int) (int, error) { return d.double(v), nil }))
		},
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable { return in.Map(func1(d.double)) },
	},
	{
		name: "Scan",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.Scan(in, func() int { return 0 }, d.sum))
		},
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable { return in.Scan(folding(d.sum)) },
	},
	{
		name: "Prefetch", // an operator of rxgo's with a buffered channel
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] { return untyped(operators.Prefetch(in, d.n+1)) },
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable {
			return in.Filter(func(any) bool { return true }, rxgo.WithBufferedChannel(d.n+1))
		},
	},
}

var some = []shared{
	{
		name:   "Filter",
		ours:   func(in rx.Observable[int], d draw) rx.Observable[any] { return untyped(operators.Filter(in, d.is)) },
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable { return in.Filter(d.predicate) },
	},
	{
		name: "IgnoreElements",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.Filter(in, func(int) bool { return false }))
		},
		theirs: func(in rxgo.Observable, _ draw, _ rxgo.Option) rxgo.Iterable { return in.IgnoreElements() },
	},
	{
		name:   "Take",
		ours:   func(in rx.Observable[int], d draw) rx.Observable[any] { return untyped(operators.Take(in, d.n)) },
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable { return in.Take(uint(d.n)) },
	},
	{
		name:   "First",
		ours:   func(in rx.Observable[int], d draw) rx.Observable[any] { return untyped(operators.Take(in, 1)) },
		theirs: func(in rxgo.Observable, _ draw, own rxgo.Option) rxgo.Iterable { return in.First(own) },
	},
	{
		name: "ElementAt",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.Take(operators.Skip(in, d.n), 1))
		},
		theirs: func(in rxgo.Observable, d draw, own rxgo.Option) rxgo.Iterable { return in.ElementAt(uint(d.n), own) },
	},
	{
		name:   "TakeWhile",
		ours:   func(in rx.Observable[int], d draw) rx.Observable[any] { return untyped(operators.TakeWhile(in, d.is)) },
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable { return in.TakeWhile(d.predicate) },
	},
	{
		name: "TakeUntil", // a predicate's; an Observable is a function
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(func(ctx context.Context, yield func(int) bool) error {
				return in(ctx, func(v int) bool { return yield(v) && !d.is(v) })
			})
		},
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable { return in.TakeUntil(d.predicate) },
	},
	{
		name:   "Skip",
		ours:   func(in rx.Observable[int], d draw) rx.Observable[any] { return untyped(operators.Skip(in, d.n)) },
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable { return in.Skip(uint(d.n)) },
	},
	{
		name:   "SkipWhile",
		ours:   func(in rx.Observable[int], d draw) rx.Observable[any] { return untyped(operators.SkipWhile(in, d.is)) },
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable { return in.SkipWhile(d.predicate) },
	},
}

var batches = []shared{
	{
		name:   "BufferWithCount",
		ours:   func(in rx.Observable[int], d draw) rx.Observable[any] { return untyped(operators.Buffer(in, d.n+1)) },
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable { return in.BufferWithCount(d.n + 1) },
	},
	{
		name: "BufferBy",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.BufferBy(in, operators.Limit{Count: d.n + 1, Within: time.Hour}))
		},
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable { return in.BufferWithCount(d.n + 1) },
	},
}

var combined = []shared{
	{
		name: "Concat",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.Concat(in, d.other.ours(), in))
		},
		theirs: func(in rxgo.Observable, d draw, own rxgo.Option) rxgo.Iterable {
			return rxgo.Concat([]rxgo.Observable{in, d.other.rxgos(), in}, own)
		},
	},
	{
		name: "ConcatMap",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.ConcatMap(in, func(v int) rx.Observable[int] { return rx.From(d.several(v)...) }))
		},
		theirs: flatMap,
	},
	{
		name: "FlatMap",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.FlatMap(in, d.n+1, func(v int) rx.Observable[int] { return rx.From(d.several(v)...) }))
		},
		theirs: flatMap,
		asSet:  true,
	},
	{
		name: "Merge",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.Merge(2, in, d.other.ours()))
		},
		theirs: func(in rxgo.Observable, d draw, own rxgo.Option) rxgo.Iterable {
			return rxgo.Merge([]rxgo.Observable{in, d.other.rxgos()}, own)
		},
		asSet: true,
	},
	{
		name: "ZipFromIterable",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.Zip(in, d.other.ours(), d.pair))
		},
		theirs: func(in rxgo.Observable, d draw, own rxgo.Option) rxgo.Iterable {
			return in.ZipFromIterable(d.other.rxgos(), func(_ context.Context, a, b any) (any, error) {
				return d.pair(a.(int), b.(int)), nil
			}, own)
		},
	},
	{
		name: "CombineLatest", // what comes out in the end; the rest depends on timing
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.Last(operators.CombineLatest(in, d.other.ours(), d.pair)))
		},
		theirs: func(in rxgo.Observable, d draw, own rxgo.Option) rxgo.Iterable {
			return rxgo.CombineLatest(func(latest ...any) any {
				if latest[0] == nil || latest[1] == nil { // factory.go:96 counts a stream before :100 has stored its item
					return "nothing"
				}
				return d.pair(latest[0].(int), latest[1].(int))
			}, []rxgo.Observable{in, d.other.rxgos()}, own).Last(own)
		},
	},
}

// flatMap is in order, as rxgo runs one stream at a time.
func flatMap(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable {
	return in.FlatMap(func(i rxgo.Item) rxgo.Observable {
		if i.E != nil {
			return rxgo.Thrown(i.E)
		}
		return finite{items: d.several(i.V.(int))}.rxgos()
	})
}

var failures = []shared{
	{
		name: "Retry",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.Retry(in, operators.Backoff{Attempts: d.n + 1, Base: 1, Max: 1}))
		},
		theirs: func(in rxgo.Observable, d draw, own rxgo.Option) rxgo.Iterable {
			return in.Retry(d.n, func(error) bool { return true }, own)
		},
	},
	{
		name: "OnErrorResumeNext",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.Catch(in, func(error) rx.Observable[int] { return d.other.ours() }))
		},
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable {
			return in.OnErrorResumeNext(func(error) rxgo.Observable { return d.other.rxgos() })
		},
	},
	{
		name: "OnErrorReturn",
		ours: func(in rx.Observable[int], d draw) rx.Observable[any] {
			return untyped(operators.Catch(in, func(error) rx.Observable[int] { return rx.From(d.n) }))
		},
		theirs: func(in rxgo.Observable, d draw, _ rxgo.Option) rxgo.Iterable {
			return in.OnErrorReturn(func(error) any { return d.n })
		},
	},
}
