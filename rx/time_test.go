package rx_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

func TestTimerConforms(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		rxtest.Source(t, rxtest.Case[int]{
			New:  func() rx.Observable[int] { return once(rx.Timer(time.Hour)) },
			Want: []int{1},
		})
	})
}

// once makes an item that can be compared of the time.
func once(src rx.Observable[time.Time]) rx.Observable[int] {
	return func(ctx context.Context, yield func(int) bool) error {
		return src(ctx, func(time.Time) bool { return yield(1) })
	}
}

func TestTimerFiresOnTime(t *testing.T) {
	for _, d := range []time.Duration{-time.Hour, 0, 1, time.Second, 1000 * time.Hour} {
		virtualtime.Test(t, func(t *testing.T) {
			due := time.Now().Add(max(d, 0))
			items, err := rx.Timer(d).Collect(t.Context())
			require.NoError(t, err)
			require.Len(t, items, 1)
			require.True(t, due.Equal(items[0]), "want %v, got %v", due, items[0])
			require.True(t, due.Equal(time.Now()))
		})
	}
}

func TestTimerStartsWithTheRun(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		timer := rx.Timer(time.Second)
		time.Sleep(time.Hour)
		for range 2 {
			start := time.Now()
			_, err := timer.First(t.Context())
			require.NoError(t, err)
			require.Equal(t, time.Second, time.Since(start))
		}
	})
}

func TestTimerIsCanceledWhileItWaits(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		items, err := rx.Timer(time.Hour).Collect(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Empty(t, items)
		require.Equal(t, time.Minute, time.Since(start))
	})
}

func TestTimerThatIsDueInAnEndedContext(t *testing.T) {
	for range 50 { // a select would take the tick half of the time
		virtualtime.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			items, err := rx.Timer(0).Collect(ctx)
			require.ErrorIs(t, err, context.Canceled)
			require.Empty(t, items)
		})
	}
}

// TestTimerAtTheDeadline ends the context in the instant in which the timer fires: either happens, never both.
func TestTimerAtTheDeadline(t *testing.T) {
	for range 50 {
		virtualtime.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			items, err := rx.Timer(time.Second).Collect(ctx)
			if err == nil {
				require.Len(t, items, 1)
				return
			}
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Empty(t, items)
		})
	}
}

func TestIntervalConforms(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		rxtest.Source(t, rxtest.Case[int]{
			New:     func() rx.Observable[int] { return rx.Interval(time.Hour) },
			Want:    []int{0, 1, 2, 3},
			Endless: true,
		})
	})
}

func TestIntervalRefusesWhatIsNotPositive(t *testing.T) {
	for _, d := range []time.Duration{0, -time.Second} {
		require.PanicsWithValue(t, "rx.Interval: the period must be positive", func() { rx.Interval(d) })
	}
}

// ticks runs Interval(1s) for as many ticks as there are delays, which is what the consumer takes for each, and
// returns when they came.
func ticks(t *testing.T, delays ...time.Duration) (at []time.Duration) {
	start := time.Now()
	next := 0
	for i, err := range rx.Interval(time.Second).All(t.Context()) {
		require.NoError(t, err)
		require.Equal(t, next, i, "no number is left out")
		at = append(at, time.Since(start))
		time.Sleep(delays[i])
		if next++; next == len(delays) {
			break
		}
	}
	return at
}

func TestIntervalTicks(t *testing.T) {
	const s, ms = time.Second, time.Millisecond
	for name, c := range map[string]struct{ delays, want []time.Duration }{
		"fast consumer": {
			delays: []time.Duration{0, 0, 0, 0},
			want:   []time.Duration{1 * s, 2 * s, 3 * s, 4 * s},
		},
		"as long as the period": {
			delays: []time.Duration{s, s, s},
			want:   []time.Duration{1 * s, 2 * s, 3 * s},
		},
		"slow once: one tick waits, the others are missed": {
			delays: []time.Duration{3500 * ms, 0, 0, 0},
			want:   []time.Duration{1 * s, 4500 * ms, 5 * s, 6 * s},
		},
		"slow for a little": {
			delays: []time.Duration{1500 * ms, 0, 0},
			want:   []time.Duration{1 * s, 2500 * ms, 3 * s},
		},
		"always slow": {
			delays: []time.Duration{2 * s, 2 * s, 2 * s},
			want:   []time.Duration{1 * s, 3 * s, 5 * s},
		},
	} {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) { require.Equal(t, c.want, ticks(t, c.delays...)) })
		})
	}
}

func TestIntervalEndsWithItsContext(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 2500*time.Millisecond, errBoom)
		defer cancel()
		start := time.Now()
		items, err := rx.Interval(time.Second).Collect(ctx)
		require.Equal(t, []int{0, 1}, items)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, errBoom)
		require.Equal(t, 2500*time.Millisecond, time.Since(start))
	})
}

// TestIntervalWithATickWaiting cancels while a tick waits for the slow consumer: it is not emitted any more.
func TestIntervalWithATickWaiting(t *testing.T) {
	for range 50 {
		virtualtime.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			var items []int
			err := rx.Interval(time.Second)(ctx, func(i int) bool {
				items = append(items, i)
				time.Sleep(time.Minute)
				cancel()
				return true
			})
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, []int{0}, items)
		})
	}
}

func TestNeverEndsWithItsContext(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1000*time.Hour)
		defer cancel()
		start := time.Now()
		items, err := rx.Never[string]().Collect(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Empty(t, items)
		require.Equal(t, 1000*time.Hour, time.Since(start))
	})
}
