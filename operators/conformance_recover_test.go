package operators_test

import (
	"context"
	"slices"
	"time"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

// recovering are the operators about how a stream ends, and those that go on after it.
var recovering = []operator{
	{
		name: "ResumeWith",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.ResumeWith(src, failing(errOdd, -1, -2))
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
		name: "ResumeWith as the other",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.ResumeWith(op.Concat(rx.From(-1, -2), rx.Fail[int](errOdd)), src)
		},
		model: func(items []int, err error) ([]int, error) { return append([]int{-1, -2}, items...), err },
	},
	{
		name: "ResumeWith after other errors",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.ResumeWith(src, rx.From(-1), func(err error) bool { return err == errOdd })
		},
		model: same,
	},
	{
		name:  "Repeat",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Repeat(src, 3, time.Second) },
		model: func(items []int, err error) ([]int, error) {
			if err != nil {
				return items, err
			}
			return slices.Repeat(items, 3), nil
		},
	},
	{
		name:  "Repeat without a pause",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Repeat(src, 2, 0) },
		model: func(items []int, err error) ([]int, error) {
			if err != nil {
				return items, err
			}
			return slices.Repeat(items, 2), nil
		},
	},
	{
		name: "Repeat for ever",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.Take(op.Repeat(op.StartWith(src, -1), -1, time.Second), 50)
		},
		model: func(items []int, err error) ([]int, error) {
			out := append([]int{-1}, items...)
			if err != nil {
				return out, err
			}
			return slices.Repeat(out, 50)[:50], nil
		},
	},
	{
		name:  "Repeat 0 times",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Repeat(src, 0, 0) },
		model: func([]int, error) ([]int, error) { return nil, nil },
	},
	{
		name:  "Finally",
		apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Finally(src, func() {}) },
		model: same,
	},
	{
		name: "Using",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.Using(
				func(context.Context) (int, error) { return -1, nil },
				func(first int) rx.Observable[int] { return op.StartWith(src, first) },
				func(int) error { return nil })
		},
		model: func(items []int, err error) ([]int, error) { return append([]int{-1}, items...), err },
	},
	{
		name: "TryMap that retries and skips items",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.TryMap(src, failOdd, op.RetryItem[int](op.Backoff{Attempts: 2}), op.SkipItem)
		},
		model: passesOn(func(items []int) []int { return filtered(items, isEven) }),
	},
}
