package operators_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// asynchronous are all operators that have goroutines or wait, over an endless stream.
func asynchronous(stop context.Context) map[string]rx.Observable[int] {
	src := forever(1)
	id := func(_ context.Context, v int) (int, error) { return v, nil }
	return map[string]rx.Observable[int]{
		"Prefetch":          op.Prefetch(src, 2),
		"Merge":             op.Merge(2, src, src, src),
		"FlatMap":           op.FlatMap(src, 3, one),
		"MapAsync":          op.MapAsync(src, 3, id),
		"MapAsyncUnordered": op.MapAsyncUnordered(src, 3, id),
		"BufferBy":          sums(op.BufferBy(src, op.Limit{Count: 3, Within: time.Millisecond})),
		"Throttle":          op.Throttle(src, rate.NewLimiter(rate.Inf, 1)),
		"Timeout":           op.Timeout(src, op.Timeouts{Idle: time.Hour}),
		"Until":             op.Until(src, stop),
		"all":               op.Prefetch(op.Merge(2, op.MapAsync(op.Prefetch(src, 2), 3, id), op.FlatMap(src, 2, one)), 2),
	}
}

func TestRunsThatAreLeftLeaveNoGoroutine(t *testing.T) {
	stop, cancelStop := context.WithCancel(t.Context())
	defer cancelStop()
	for name, src := range asynchronous(stop) {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			for i := range 1000 {
				ctx, cancel := context.WithCancel(t.Context())
				taken := 0
				switch i % 4 {
				case 0: // yield returns false
					require.NoError(t, src(ctx, func(int) bool { taken++; return taken < i%7 }))
				case 1: // a range that is broken
					for _, err := range src.All(ctx) {
						require.NoError(t, err)
						if taken++; taken > i%7 {
							break
						}
					}
				case 2: // the context ends
					err := src(ctx, func(int) bool {
						if taken++; taken > i%7 {
							cancel()
						}
						return true
					})
					require.Equal(t, context.Canceled, err)
				case 3: // a panic
					out := escape(func() { _ = src(ctx, func(int) bool { panic(i) }) })
					require.Equal(t, i, out.value)
				}
				cancel()
			}
			// escape's goroutines end just after they have told how.
			require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+1 }, 5*time.Second, time.Millisecond)
		})
	}
}

func TestCancelWakesAWaitingConsumerAtOnce(t *testing.T) {
	never := rx.Never[int]()
	id := func(_ context.Context, v int) (int, error) { return v, nil }
	for name, src := range map[string]rx.Observable[int]{
		"Prefetch":             op.Prefetch(never, 2),
		"Merge":                op.Merge(2, never, never),
		"FlatMap":              op.FlatMap(never, 2, one),
		"FlatMap, inner":       op.FlatMap(rx.From(1, 2, 3), 2, func(int) rx.Observable[int] { return never }),
		"MapAsync":             op.MapAsync(never, 2, id),
		"MapAsync, call":       op.MapAsync(rx.From(1), 2, func(ctx context.Context, _ int) (int, error) { <-ctx.Done(); return 0, nil }),
		"MapAsyncUnordered":    op.MapAsyncUnordered(never, 2, id),
		"BufferBy":             sums(op.BufferBy(never, op.Limit{Count: 3, Within: time.Second})),
		"BufferBy, half a one": sums(op.BufferBy(op.Concat(rx.From(1), never), op.Limit{Count: 3, Within: time.Hour})),
		"Timeout":              op.Timeout(never, op.Timeouts{First: time.Hour}),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errReason)
				defer cancel()
				at := clock()
				got, err := src.Collect(ctx)
				require.ErrorIs(t, err, errReason)
				require.Empty(t, got)
				require.Equal(t, time.Minute, at())
			})
		})
	}
}

func TestAPanicInARangeBodyOverAMergeCanBeRecovered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gauge
		merged := op.Merge(3, watched(&g, forever(1)), watched(&g, forever(2)), watched(&g, rx.Never[int]()))
		recovered := func() (value any) {
			defer func() {
				value = recover()
				require.Zero(t, g.now.Load(), "all sources have ended before the panic gets here")
			}()
			for range merged.All(t.Context()) {
				panic(errConsumer)
			}
			return nil
		}
		require.Equal(t, errConsumer, recovered())
		require.Equal(t, errConsumer, recovered(), "and the stream can be run again")
	})
}

func TestGoexitInARangeBodyOverAMerge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gauge
		merged := op.Merge(2, watched(&g, forever(1)), watched(&g, rx.Never[int]()))
		out := escape(func() {
			for range merged.All(t.Context()) {
				runtime.Goexit() // as t.FailNow does
			}
		})
		require.True(t, out.exited)
		require.Zero(t, g.now.Load())
	})
}
