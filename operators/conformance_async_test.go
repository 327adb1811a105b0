package operators_test

import (
	"context"
	"slices"
	"time"

	"golang.org/x/time/rate"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

func withTime() []operator {
	return []operator{
		{
			name: "BufferBy count",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return sums(op.BufferBy(src, op.Limit{Count: 3}))
			},
			model: passesOn(func(items []int) []int { return sumsOf(items, 3) }),
		},
		{
			name: "BufferBy count within",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return sums(op.BufferBy(src, op.Limit{Count: 3, Within: time.Hour}))
			},
			model: passesOn(func(items []int) []int { return sumsOf(items, 3) }),
		},
		{
			name: "Throttle",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.Throttle(src, rate.NewLimiter(1e6, 2))
			},
			model: same,
		},
		{
			name: "Timeout",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.Timeout(src, op.Timeouts{First: time.Hour, Idle: time.Hour, Total: time.Hour})
			},
			model: same,
		},
		{
			name: "Until",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.Until(src, neverEnding{done: make(chan struct{})})
			},
			model: same,
		},
	}
}

// concurrent are the operators whose concurrency is bounded by a number.
func concurrent(n int) []operator {
	return []operator{
		{
			name:  "Prefetch",
			apply: func(src rx.Observable[int]) rx.Observable[int] { return op.Prefetch(src, n) },
			model: same,
		},
		{
			name:   "Merge",
			apply:  func(src rx.Observable[int]) rx.Observable[int] { return op.Merge(n, src) },
			model:  same,
			traits: rxtest.Unordered,
		},
		{
			name: "FlatMap",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.FlatMap(src, n, func(v int) rx.Observable[int] { return rx.Range(0, v) })
			},
			model: passesOn(func(items []int) []int {
				var out []int
				for _, v := range items {
					for i := range v {
						out = append(out, i)
					}
				}
				return out
			}),
			traits: rxtest.Unordered,
		},
		{
			name: "MapAsync",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.MapAsync(src, n, slowDouble)
			},
			model: passesOn(func(items []int) []int { return mapped(items, double) }),
		},
		{
			name: "MapAsync that fails",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.MapAsync(src, n, failOdd)
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
			name: "MapAsync that resumes",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.MapAsync(src, n, failOdd, resume)
			},
			model: passesOn(func(items []int) []int { return filtered(items, isEven) }),
		},
		{
			name: "MapAsyncUnordered",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.MapAsyncUnordered(src, n, slowDouble)
			},
			model:  passesOn(func(items []int) []int { return mapped(items, double) }),
			traits: rxtest.Unordered,
		},
		{
			name: "MapAsyncUnordered that resumes",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.MapAsyncUnordered(src, n, failOdd, resume)
			},
			model:  passesOn(func(items []int) []int { return filtered(items, isEven) }),
			traits: rxtest.Unordered,
		},
	}
}

// neverEnding is a context that could end but does not, and needs no cancel.
type neverEnding struct {
	context.Context
	done chan struct{}
}

func (c neverEnding) Done() <-chan struct{} { return c.done }
func (c neverEnding) Err() error            { return nil }

// slowDouble takes the longer the smaller v is, so that later calls overtake earlier ones.
func slowDouble(ctx context.Context, v int) (int, error) {
	select {
	case <-time.After(time.Duration(10-v) * time.Millisecond):
		return 2 * v, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// sums adds up each buffer, counting a constant for each, so that how the items were grouped shows.
func sums(src rx.Observable[[]int]) rx.Observable[int] { return op.Map(src, sum) }

func sum(items []int) int {
	total := 1000
	for _, v := range items {
		total += v
	}
	return total
}

func sumsOf(items []int, n int) []int {
	var out []int
	for batch := range slices.Chunk(items, n) {
		out = append(out, sum(batch))
	}
	return out
}
