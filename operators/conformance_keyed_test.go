package operators_test

import (
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
				return op.MapAsyncPartitioned(src, n, 2, mod(3), slowDouble)
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
	}
}
