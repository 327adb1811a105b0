package operators_test

import (
	"context"
	"slices"
	"time"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

// keyed are the operators that work by key.
func keyed(n int) []operator {
	return []operator{
		{
			name: "MapAsyncPartitioned",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.MapAsyncPartitioned(src, n, min(n, 2), mod(3), slowDouble)
			},
			model:  passesOn(func(items []int) []int { return mapped(items, double) }),
			traits: rxtest.Unordered,
		},
		{
			name: "MapAsyncPartitioned of one key",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.MapAsyncPartitioned(src, n, n, mod(1), slowDouble)
			},
			model: passesOn(func(items []int) []int { return mapped(items, double) }),
		},
		{
			name: "MapAsyncPartitioned that resumes",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.MapAsyncPartitioned(src, n, 1, mod(3), failOdd, resume)
			},
			model:  passesOn(func(items []int) []int { return filtered(items, isEven) }),
			traits: rxtest.Unordered,
		},
		{
			name: "LookupJoin",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.Map(op.LookupJoin(src, n, op.Limit{Count: 3}, mod(7), slowSquares), lookedInt)
			},
			model: lookedUp,
		},
		{
			name: "LookupJoin within",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.Map(op.LookupJoin(src, n, op.Limit{Count: 3, Within: time.Millisecond}, mod(7), slowSquares), lookedInt)
			},
			model: lookedUp,
		},
	}
}

// grouping are the operators that share items out.
var grouping = []operator{
	{
		name:   "GroupBy",
		apply:  func(src rx.Observable[int]) rx.Observable[int] { return op.GroupBy(src, 3, mod(3), asItIs) },
		model:  same,
		traits: rxtest.Unordered,
	},
	{
		name:  "GroupBy of one key",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.GroupBy(src, 1, mod(1), asItIs) },
		model: same,
	},
	{
		name: "GroupBy that leaves",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.GroupBy(src, 3, mod(3), func(k int, of rx.Observable[int]) rx.Observable[int] { return op.Take(of, k) })
		},
		model: passesOn(func(items []int) (out []int) {
			for k, of := range byKey(items, 3) {
				out = append(out, of[:min(k, len(of))]...)
			}
			return out
		}),
		traits: rxtest.Unordered,
	},
	{
		name: "ReduceByKey",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.Map(op.ReduceByKey(src, 3, mod(3), zero, add), func(total op.KeyValue[int, int]) int {
				return 1000*total.Key + total.Value
			})
		},
		model: func(items []int, err error) ([]int, error) {
			if err != nil {
				return nil, err
			}
			var out, keys []int
			for _, v := range items {
				i := slices.Index(keys, v%3)
				if i < 0 {
					i = len(keys)
					keys = append(keys, v%3)
					out = append(out, 1000*(v%3))
				}
				out[i] += v
			}
			return out, nil
		},
	},
	{
		name:  "Divert",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Divert(src, isOdd, drain) },
		model: passesOn(func(items []int) []int { return filtered(items, isEven) }),
	},
	{
		name:  "Divert of nothing",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Divert(src, never, drain) },
		model: same,
	},
}

// slowSquares takes the longer the less is asked for.
func slowSquares(ctx context.Context, keys []int) (map[int]int, error) {
	if _, err := slowDouble(ctx, len(keys)); err != nil {
		return nil, err
	}
	return squares(ctx, keys)
}

func lookedInt(l op.Match[int, int]) int {
	v := 1000*l.Item + 10*l.Value
	if l.Found {
		v++
	}
	return v
}

var lookedUp = passesOn(func(items []int) []int {
	return mapped(items, func(v int) int {
		if k := v % 7; isEven(k) {
			return lookedInt(op.Match[int, int]{Item: v, Value: k * k, Found: true})
		}
		return lookedInt(op.Match[int, int]{Item: v})
	})
})
