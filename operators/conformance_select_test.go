package operators_test

import (
	"slices"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// selecting are the operators that choose items, by what came before them or by their place.
var selecting = []operator{
	{
		name:  "Last",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Last(src) },
		model: onlyComplete(func(items []int) []int { return items[max(0, len(items)-1):] }),
	},
	{
		name:  "Find",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Find(src, isOdd) },
		model: func(items []int, err error) ([]int, error) {
			if i := slices.IndexFunc(items, isOdd); i >= 0 {
				return items[i : i+1], nil
			}
			return nil, err
		},
	},
	{
		name:  "TakeLast",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.TakeLast(src, 4) },
		model: onlyComplete(func(items []int) []int { return items[max(0, len(items)-4):] }),
	},
	{
		name:  "TakeLast of 0",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.TakeLast(src, 0) },
		model: passesOn(func([]int) []int { return nil }),
	},
	{
		name:  "SkipLast",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.SkipLast(src, 4) },
		model: passesOn(func(items []int) []int { return items[:max(0, len(items)-4)] }),
	},
	{
		name:  "SkipLast of 0",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.SkipLast(src, 0) },
		model: same,
	},
	{
		name:  "Distinct of all",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Distinct(src, 10, identity) },
		model: passesOn(func(items []int) []int { return distinct(items, 10) }),
	},
	{
		name:  "Distinct that forgets",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Distinct(src, 3, identity) },
		model: passesOn(func(items []int) []int { return distinct(items, 3) }),
	},
	{
		name:  "Distinct that remembers one",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Distinct(src, 1, identity) },
		model: passesOn(func(items []int) []int { return slices.Compact(slices.Clone(items)) }),
	},
	{
		name:  "DistinctUntilChanged",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.DistinctUntilChanged(src, isOdd) },
		model: passesOn(func(items []int) []int {
			return slices.CompactFunc(slices.Clone(items), func(a, b int) bool { return isOdd(a) == isOdd(b) })
		}),
	},
	{
		name: "DefaultIfEmpty",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.DefaultIfEmpty(op.Filter(src, isOdd), -1)
		},
		model: func(items []int, err error) ([]int, error) {
			if odd := filtered(items, isOdd); len(odd) > 0 || err != nil {
				return odd, err
			}
			return []int{-1}, nil
		},
	},
	{
		name: "OrElse",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.OrElse(op.Filter(src, isOdd), src)
		},
		model: func(items []int, err error) ([]int, error) {
			if odd := filtered(items, isOdd); len(odd) > 0 || err != nil {
				return odd, err
			}
			return items, nil
		},
	},
	{
		name:  "OrElse as the other",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.OrElse(rx.Empty[int](), src) },
		model: same,
	},
}

func identity(v int) int { return v }

// distinct drops the items that are among the remembered last different ones.
func distinct(items []int, remembered int) []int {
	var out, last []int
	for _, v := range items {
		i := slices.Index(last, v)
		if i < 0 {
			out = append(out, v)
		} else {
			last = slices.Delete(last, i, i+1)
		}
		last = append(last, v)
		last = last[max(0, len(last)-remembered):]
	}
	return out
}
