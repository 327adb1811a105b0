package operators_test

import (
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// splitting are the operators that emit slices whose ends depend on the items.
var splitting = []operator{
	{
		name: "BufferAdjacent",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return joined(op.BufferAdjacent(src, 3, isOdd))
		},
		model: pieces(3, func(last, v int) bool { return isOdd(last) != isOdd(v) }),
	},
	{
		name: "SplitWhen",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return joined(op.SplitWhen(src, 4, isOdd))
		},
		model: pieces(4, func(_, v int) bool { return isOdd(v) }),
	},
	{
		name: "SplitAfter",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return joined(op.SplitAfter(src, 4, isOdd))
		},
		model: pieces(4, func(last, _ int) bool { return isOdd(last) }),
	},
}

// joined makes a number of each slice.
func joined(src rx.Observable[[]int]) rx.Observable[int] { return op.Map(src, digits) }

func digits(items []int) int {
	n := 1
	for _, v := range items {
		n = 10*n + v
	}
	return n
}

// pieces is the model of an operator that cuts items between two for which between is true, and after limit of them.
func pieces(limit int, between func(last, v int) bool) func([]int, error) ([]int, error) {
	return passesOn(func(items []int) []int {
		var all [][]int
		for i, v := range items {
			if i == 0 || between(items[i-1], v) || len(all[len(all)-1]) == limit {
				all = append(all, nil)
			}
			all[len(all)-1] = append(all[len(all)-1], v)
		}
		out := []int{}
		for _, piece := range all {
			out = append(out, digits(piece))
		}
		return out
	})
}
