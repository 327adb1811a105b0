package rxtest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

// both runs a check with real time and in a bubble.
func both(t *testing.T, check func(t *testing.T)) {
	t.Run("real", check)
	t.Run("virtual", func(t *testing.T) { virtualtime.Test(t, check) })
}

func double(src rx.Observable[int]) rx.Observable[int] {
	return func(ctx context.Context, yield func(int) bool) error {
		return src(ctx, func(v int) bool { return yield(2 * v) })
	}
}

func take(n int) func(rx.Observable[int]) rx.Observable[int] {
	return func(src rx.Observable[int]) rx.Observable[int] {
		return func(ctx context.Context, yield func(int) bool) error {
			i, done := 0, n == 0
			if done {
				return nil
			}
			err := src(ctx, func(v int) bool {
				i++
				done = i == n || done
				ok := yield(v)
				done = done || !ok
				return !done
			})
			if done {
				return nil
			}
			return err
		}
	}
}

func sum(src rx.Observable[int]) rx.Observable[int] {
	return func(ctx context.Context, yield func(int) bool) error {
		total := 0
		if err := src(ctx, func(v int) bool { total += v; return true }); err != nil {
			return err
		}
		yield(total)
		return nil
	}
}

func buffered(src rx.Observable[int]) rx.Observable[int] {
	return func(ctx context.Context, yield func(int) bool) error {
		return async.Run(ctx, func(g *async.Group) error {
			return async.Start(g, src, 2).Drain(ctx, g, yield)
		})
	}
}

func pairs(src rx.Observable[int]) rx.Observable[[]int] {
	return func(ctx context.Context, yield func([]int) bool) error {
		var pair []int
		left := false
		err := src(ctx, func(v int) bool {
			if pair = append(pair, v); len(pair) < 2 {
				return true
			}
			left = !yield(pair)
			pair = nil
			return !left
		})
		if left {
			return nil
		}
		if rx.Cause(ctx) == nil && pair != nil && !yield(pair) {
			return nil
		}
		return err
	}
}

func TestGoodSources(t *testing.T) {
	both(t, func(t *testing.T) {
		rxtest.Source(t, rxtest.Case[int]{
			New:  func() rx.Observable[int] { return rx.Range(1, 5) },
			Want: []int{1, 2, 3, 4, 5},
		})
		rxtest.Source(t, rxtest.Case[int]{
			New: func() rx.Observable[int] {
				ch := make(chan int, 3)
				ch <- 1
				ch <- 2
				ch <- 3
				close(ch)
				return rx.FromChan(ch)
			},
			Want: []int{1, 2, 3},
			Mode: rxtest.Once,
		})
		boom := errors.New("boom")
		rxtest.Source(t, rxtest.Case[int]{
			New: func() rx.Observable[int] { return rx.Fail[int](boom) },
			Err: boom,
		})
		rxtest.Source(t, rxtest.Case[int]{New: rx.Never[int], Endless: true})
	})
	virtualtime.Test(t, func(t *testing.T) {
		rxtest.Source(t, rxtest.Case[int]{
			New:     func() rx.Observable[int] { return rx.Interval(time.Hour) },
			Want:    []int{0, 1, 2},
			Endless: true,
		})
	})
}

func TestGoodOperators(t *testing.T) {
	both(t, func(t *testing.T) {
		in := []int{1, 2, 3, 4, 5}
		rxtest.Operator(t, in, double)
		rxtest.Operator(t, in, take(0))
		rxtest.Operator(t, in, take(3))
		rxtest.Operator(t, in, sum)
		rxtest.Operator(t, in, pairs)
		rxtest.Operator(t, in, buffered)
		rxtest.Operator(t, in, func(src rx.Observable[int]) rx.Observable[int] {
			return double(buffered(double(buffered(src))))
		})
	})
}
