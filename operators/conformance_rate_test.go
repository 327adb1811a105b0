package operators_test

import (
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

// rated are the operators that let a stream and its consumer go at different rates: what comes out depends on both,
// which tests of their own look at.
var rated = []operator{
	{
		name: "Conflate",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.Conflate(src, func(v int) int { return v }, add)
		},
		traits: rxtest.Loose,
	},
	{
		name:  "Batch of 1",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return sums(op.Batch(src, 1)) },
		model: passesOn(func(items []int) []int { return sumsOf(items, 1) }),
	},
	{
		name:   "Batch",
		apply:  func(src rx.Observable[int]) rx.Observable[int] { return sums(op.Batch(src, 3)) },
		traits: rxtest.Loose,
	},
	{
		name:   "Sample",
		apply:  func(src rx.Observable[int]) rx.Observable[int] { return op.Sample(src, 5*ms) },
		traits: rxtest.Loose,
	},
	{
		name:   "Debounce",
		apply:  func(src rx.Observable[int]) rx.Observable[int] { return op.Debounce(src, 5*ms) },
		traits: rxtest.Loose,
	},
	{
		name:   "ThrottleLast",
		apply:  func(src rx.Observable[int]) rx.Observable[int] { return op.ThrottleLast(src, 5*ms) },
		traits: rxtest.Loose,
	},
	{
		name:   "ThrottleFirst",
		apply:  func(src rx.Observable[int]) rx.Observable[int] { return op.ThrottleFirst(src, 5*ms) },
		traits: rxtest.Loose,
	},
	{
		name: "OnOverflow DropOldest",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.OnOverflow(src, 2, op.DropOldest, &op.Dropped{})
		},
		traits: rxtest.Loose,
	},
	{
		name: "OnOverflow DropNewest",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.OnOverflow(src, 2, op.DropNewest, &op.Dropped{})
		},
		traits: rxtest.Loose,
	},
	{
		name: "OnOverflow Latest",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.OnOverflow(src, 2, op.Latest, &op.Dropped{})
		},
		traits: rxtest.Loose,
	},
	{
		name:  "OnOverflow Block",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.OnOverflow(src, 2, op.Block, nil) },
		model: same,
	},
	{
		name: "OnOverflow Fail", // with space for all
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.OnOverflow(src, 1<<20, op.FailWhenFull, nil)
		},
		model: same,
	},
}
