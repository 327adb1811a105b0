package operators_test

import (
	"slices"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// transforming are the operators that make other items of what comes in.
var transforming = []operator{
	{
		name: "Reduce",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.Reduce(src, func() int { return 100 }, add)
		},
		model: onlyComplete(func(items []int) []int { return []int{100 + total(items)} }),
	},
	{
		name: "StatefulMap",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.StatefulMap(src, zero, addBoth, func(s int) (int, bool) { return -s, true })
		},
		model: passesOn(func(items []int) []int { return append(partialSums(items), -total(items)) }),
	},
	{
		name: "StatefulMap that flushes nothing",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.StatefulMap(src, zero, addBoth, func(s int) (int, bool) { return -s, false })
		},
		model: passesOn(partialSums),
	},
	{
		name: "StatefulMap without flush",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.StatefulMap(src, zero, addBoth, nil)
		},
		model: passesOn(partialSums),
	},
	{
		name: "Pairwise",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.Map(op.Pairwise(src), func(p [2]int) int { return 100*p[0] + p[1] })
		},
		model: passesOn(func(items []int) []int {
			var out []int
			for i := 1; i < len(items); i++ {
				out = append(out, 100*items[i-1]+items[i])
			}
			return out
		}),
	},
	{
		name: "Unbatch",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.Unbatch(op.Map(src, repeated))
		},
		model: passesOn(func(items []int) []int {
			var out []int
			for _, v := range items {
				out = append(out, repeated(v)...)
			}
			return out
		}),
	},
	{
		name:  "Unbatch of Buffer",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Unbatch(op.Buffer(src, 3)) },
		model: same,
	},
	{
		name:  "StartWith",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.StartWith(src, -1, -2) },
		model: passesOn(func(items []int) []int { return append([]int{-1, -2}, items...) }),
	},
}

// addBoth makes the sum the state and the item.
func addBoth(s, v int) (int, int) { return s + v, s + v }

// repeated is v, as often as v modulo 3 says.
func repeated(v int) []int { return slices.Repeat([]int{v}, v%3) }

func total(items []int) int {
	return slices.Max(append(partialSums(items), 0))
}

// partialSums are the sums up to each item.
func partialSums(items []int) []int {
	s := 0
	return mapped(items, func(v int) int { s += v; return s })
}

// onlyComplete makes the model of an operator that emits what it makes of items only if they are all there are.
func onlyComplete(f func(items []int) []int) func([]int, error) ([]int, error) {
	return func(items []int, err error) ([]int, error) {
		if err != nil {
			return nil, err
		}
		return f(items), nil
	}
}
