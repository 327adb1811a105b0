package operators_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// paced emits n integers from 0, each after waiting for d.
func paced(n int, d time.Duration) rx.Observable[int] {
	return func(ctx context.Context, yield func(int) bool) error {
		for i := range n {
			select {
			case <-time.After(d):
			case <-ctx.Done():
				return rx.Cause(ctx)
			}
			if !yield(i) {
				return nil
			}
		}
		return nil
	}
}

// clock tells the virtual time since it was made.
func clock() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// TestNoItemIsHeldBack sends an item a second through every asynchronous operator and looks when it comes out.
func TestNoItemIsHeldBack(t *testing.T) {
	id := func(_ context.Context, v int) (int, error) { return v, nil }
	for name, build := range map[string]func(rx.Observable[int]) rx.Observable[int]{
		"Prefetch 1":        func(src rx.Observable[int]) rx.Observable[int] { return op.Prefetch(src, 1) },
		"Prefetch":          func(src rx.Observable[int]) rx.Observable[int] { return op.Prefetch(src, 1000) },
		"Merge":             func(src rx.Observable[int]) rx.Observable[int] { return op.Merge(3, src) },
		"FlatMap":           func(src rx.Observable[int]) rx.Observable[int] { return op.FlatMap(src, 3, one) },
		"MapAsync":          func(src rx.Observable[int]) rx.Observable[int] { return op.MapAsync(src, 100, id) },
		"MapAsyncUnordered": func(src rx.Observable[int]) rx.Observable[int] { return op.MapAsyncUnordered(src, 100, id) },
		"BufferBy": func(src rx.Observable[int]) rx.Observable[int] {
			return op.Map(op.BufferBy(src, op.Limit{Count: 1, Within: time.Hour}), func(b []int) int { return b[0] })
		},
		"Timeout": func(src rx.Observable[int]) rx.Observable[int] {
			return op.Timeout(src, op.Timeouts{First: time.Hour, Idle: time.Hour, Total: time.Hour})
		},
		"Until": func(src rx.Observable[int]) rx.Observable[int] {
			return op.Until(src, neverEnding{done: make(chan struct{})})
		},
		"all of them": func(src rx.Observable[int]) rx.Observable[int] {
			return op.Prefetch(op.FlatMap(op.MapAsync(op.Merge(2, op.Prefetch(src, 9)), 9, id), 9, one), 9)
		},
	} {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				at := clock()
				next := 0
				require.NoError(t, build(paced(20, time.Second)).ForEach(t.Context(), func(v int) error {
					require.Equal(t, next, v)
					next++
					require.Equal(t, time.Duration(next)*time.Second, at())
					return nil
				}))
				require.Equal(t, 20, next)
			})
		})
	}
}

func one(v int) rx.Observable[int] { return rx.From(v) }

func TestPrefetchWorksWhileTheConsumerDoes(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		err := op.Prefetch(paced(10, time.Second), 1).ForEach(t.Context(), func(int) error {
			time.Sleep(time.Second)
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, 11*time.Second, at(), "20 s in turns")
	})
}

func TestPrefetchIsNoFurtherAheadThanItMayBe(t *testing.T) {
	for _, n := range []int{1, 2, 10} {
		virtualtime.Test(t, func(t *testing.T) {
			made, furthest := 0, 0
			src := op.Tap(rx.Range(1, 100), op.Hooks[int]{OnNext: func(int) { made++ }})
			require.NoError(t, op.Prefetch(src, n).ForEach(t.Context(), func(v int) error {
				synctest.Wait()
				furthest = max(furthest, made-v)
				return nil
			}))
			require.Equal(t, n, furthest)
		})
	}
}

func TestAsynchronousOperatorsRefuseNumbersBelowOne(t *testing.T) {
	src := rx.From(1)
	id := func(_ context.Context, v int) (int, error) { return v, nil }
	for want, build := range map[string]func(){
		"operators.Prefetch: 0 items; upstream must be allowed at least 1 item ahead": func() { op.Prefetch(src, 0) },
		"operators.Merge: -1 at a time; at least 1 stream must run":                   func() { op.Merge(-1, src) },
		"operators.FlatMap: 0 at a time; at least 1 stream must run":                  func() { op.FlatMap(src, 0, one) },
		"operators.MapAsync: 0 calls at a time; there must be at least 1":             func() { op.MapAsync(src, 0, id) },
		"operators.MapAsyncUnordered: 0 calls at a time; there must be at least 1":    func() { op.MapAsyncUnordered(src, 0, id) },
		"operators.BufferBy: no limit; set Count, Weight or Within":                   func() { op.BufferBy(src, op.Limit{}) },
		"operators.BufferBy: Weight needs one function that weighs an item":           func() { op.BufferBy(src, op.Limit{Weight: 1}) },
		"operators.BufferBy: a function that weighs an item without a Weight that limits the sum": func() {
			op.BufferBy(src, op.Limit{Count: 1}, func(int) int { return 1 })
		},
		"operators.BufferBy: negative limit in {Count:-1 Weight:0 Within:0s}": func() { op.BufferBy(src, op.Limit{Count: -1}) },
		"operators.Throttle: nil limiter; make one with rate.NewLimiter":      func() { op.Throttle(src, nil) },
		"operators.Timeout: negative limit in {First:0s Idle:-1s Total:0s}":   func() { op.Timeout(src, op.Timeouts{Idle: -time.Second}) },
		"operators.Until: nil context":                                        func() { op.Until(src, nil) }, //nolint:staticcheck // that is what is tested
	} {
		require.PanicsWithValue(t, want, build)
	}
}

func BenchmarkPrefetch(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Prefetch(src, 1024) })
}
