package operators_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// emitted returns when each item was emitted.
func emitted[T any](t *testing.T, src rx.Observable[T]) []time.Duration {
	t.Helper()
	at := clock()
	var times []time.Duration
	require.NoError(t, src.ForEach(t.Context(), func(T) error {
		times = append(times, at())
		return nil
	}))
	return times
}

const ms = time.Millisecond

func TestThrottleItemsWaitBeforeTheyAreEmitted(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		l := rate.NewLimiter(10, 2)
		require.Equal(t, []time.Duration{0, 0, 100 * ms, 200 * ms, 300 * ms}, emitted(t, op.Throttle(rx.Range(0, 5), l)))
	})
}

func TestThrottleSlowsItsUpstreamAndDropsNothing(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		var asked []time.Duration
		src := op.Tap(rx.Range(0, 5), op.Hooks[int]{OnNext: func(int) { asked = append(asked, at()) }})
		require.Equal(t, []int{0, 1, 2, 3, 4}, collect(t, op.Throttle(src, rate.NewLimiter(1, 1))))
		s := time.Second
		require.Equal(t, []time.Duration{0, 0, s, 2 * s, 3 * s}, asked)
	})
}

func TestThrottleByCost(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		l := rate.NewLimiter(10, 10)
		cost := func(v int) int { return v }
		// 100 is ten times the burst: it waits for ten bursts, the first of which is there.
		got := emitted(t, op.Throttle(rx.From(0, -5, 10, 5, 100, 10), l, cost))
		require.Equal(t, []time.Duration{0, 0, 0, 500 * ms, 10500 * ms, 11500 * ms}, got)
	})
}

func TestThrottleSharesALimiter(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		l := rate.NewLimiter(10, 1)
		stream := op.Merge(3, op.Throttle(rx.Range(0, 10), l), op.Throttle(rx.Range(0, 10), l), op.Throttle(rx.Range(0, 10), l))
		times := emitted(t, stream)
		require.Len(t, times, 30)
		require.Equal(t, 2900*ms, times[29])
	})
}

func TestThrottleFollowsAChangedLimiter(t *testing.T) {
	for name, tt := range map[string]struct {
		limiter *rate.Limiter
		change  func(*rate.Limiter)
	}{
		"rate from almost 0":      {rate.NewLimiter(0.0001, 1), func(l *rate.Limiter) { l.SetLimit(rate.Inf) }},
		"rate from 0":             {rate.NewLimiter(0, 1), func(l *rate.Limiter) { l.SetLimit(1000) }},
		"burst from 0":            {rate.NewLimiter(1000, 0), func(l *rate.Limiter) { l.SetBurst(1) }},
		"burst to more than left": {rate.NewLimiter(0.0001, 1), func(l *rate.Limiter) { l.SetBurst(2); l.SetLimit(1000) }},
	} {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				time.AfterFunc(time.Minute, func() { tt.change(tt.limiter) })
				times := emitted(t, op.Throttle(rx.Range(0, 10), tt.limiter))
				require.Len(t, times, 10)
				require.GreaterOrEqual(t, times[9], time.Minute)
				require.Less(t, times[9], time.Minute+150*ms)
			})
		})
	}
}

func TestThrottleAShrinkingBurstIsObeyed(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		l := rate.NewLimiter(1, 100)
		time.AfterFunc(time.Second, func() { l.SetBurst(10) })
		times := emitted(t, op.Throttle(rx.From(100, 100), l, func(v int) int { return v }))
		require.Len(t, times, 2)
		require.InDelta(t, 101, times[1].Seconds(), 2)
	})
}

func TestThrottleTheWaitEndsWithTheContext(t *testing.T) {
	for _, l := range []*rate.Limiter{rate.NewLimiter(0.001, 1), rate.NewLimiter(0, 1), rate.NewLimiter(1, 0)} {
		virtualtime.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeoutCause(t.Context(), 1234*ms, errReason)
			defer cancel()
			at := clock()
			_, err := op.Throttle(rx.Range(0, 5), l).Collect(ctx)
			require.ErrorIs(t, err, errReason)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Equal(t, 1234*ms, at())
		})
	}
}

func TestThrottleACancelledWaitGivesItsTokensBack(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		l := rate.NewLimiter(1, 10)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := op.Throttle(rx.From(10, 10), l, func(v int) int { return v }).Collect(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.InDelta(t, 1, l.Tokens(), 0.001)
	})
}

func TestThrottleRefusesTwoCosts(t *testing.T) {
	cost := func(int) int { return 1 }
	require.PanicsWithValue(t, "operators.Throttle: more than one cost function",
		func() { op.Throttle(rx.From(1), rate.NewLimiter(1, 1), cost, cost) })
}

func BenchmarkThrottle(b *testing.B) {
	b.Run("fast enough", func(b *testing.B) {
		run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Throttle(src, rate.NewLimiter(1e12, 1e9)) })
	})
	b.Run("unlimited", func(b *testing.B) {
		run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Throttle(src, rate.NewLimiter(rate.Inf, 1)) })
	})
}
