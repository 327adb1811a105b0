package operators_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/demand"
	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// waits emits an item after each of the given times and completes after the last.
func waits(times ...time.Duration) rx.Observable[int] {
	return func(ctx context.Context, yield func(int) bool) error {
		for i, d := range times {
			select {
			case <-time.After(d):
			case <-ctx.Done():
				return rx.Cause(ctx)
			}
			if i < len(times)-1 && !yield(i) {
				return nil
			}
		}
		return nil
	}
}

func TestTimeout(t *testing.T) {
	s := time.Second
	for name, tt := range map[string]struct {
		limits op.Timeouts
		waits  []time.Duration
		items  int
		which  string // empty if it completes
		at     time.Duration
	}{
		"in time":               {op.Timeouts{First: 5 * s, Idle: 2 * s, Total: 20 * s}, []time.Duration{4 * s, s, s, s}, 3, "", 7 * s},
		"first late":            {op.Timeouts{First: 5 * s}, []time.Duration{6 * s, s}, 0, "First", 5 * s},
		"first on the dot":      {op.Timeouts{First: 5 * s}, []time.Duration{5 * s, s}, 0, "First", 5 * s},
		"only first":            {op.Timeouts{First: 5 * s}, []time.Duration{4 * s, 100 * s, 1000 * s}, 2, "", 1104 * s},
		"no first but end":      {op.Timeouts{First: 5 * s}, []time.Duration{6 * s}, 0, "First", 5 * s},
		"idle late":             {op.Timeouts{Idle: 2 * s}, []time.Duration{s, s, 3 * s, s}, 2, "Idle", 4 * s},
		"idle is not for first": {op.Timeouts{Idle: 2 * s}, []time.Duration{100 * s, s, s}, 2, "", 102 * s},
		"idle before the end":   {op.Timeouts{Idle: 2 * s}, []time.Duration{s, s, 3 * s}, 2, "Idle", 4 * s},
		"idle less than first":  {op.Timeouts{First: 100 * s, Idle: 2 * s}, []time.Duration{s, 3 * s, s}, 1, "Idle", 3 * s},
		"total late":            {op.Timeouts{Total: 5 * s}, []time.Duration{2 * s, 2 * s, 2 * s, s}, 2, "Total", 5 * s},
		"total before the end":  {op.Timeouts{Total: 5 * s}, []time.Duration{2 * s, 2 * s, 2 * s}, 2, "Total", 5 * s},
		"idle and total, idle":  {op.Timeouts{Idle: 3 * s, Total: 10 * s}, []time.Duration{2 * s, 4 * s}, 1, "Idle", 5 * s},
		"idle and total, total": {op.Timeouts{Idle: 3 * s, Total: 5 * s}, []time.Duration{2 * s, 2 * s, 2 * s}, 2, "Total", 5 * s},
		"none":                  {op.Timeouts{}, []time.Duration{100 * s, 100 * s}, 1, "", 200 * s},
	} {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				at := clock()
				got, err := op.Timeout(waits(tt.waits...), tt.limits).Collect(t.Context())
				require.Equal(t, tt.at, at())
				require.Len(t, got, tt.items)
				requireWhich(t, tt.which, err)
			})
		})
	}
}

type tb interface {
	require.TestingT
	Helper()
}

func requireWhich(t tb, which string, err error) {
	t.Helper()
	if which == "" {
		require.NoError(t, err)
		return
	}
	var late *op.TimeoutError
	require.ErrorAs(t, err, &late)
	require.Equal(t, which, late.Which)
}

func TestTimeoutDoesNotCountTheTimeSpentDownstream(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		stream := op.Timeout(waits(time.Second, time.Second, time.Second, time.Second),
			op.Timeouts{First: 1500 * ms, Idle: 1500 * ms, Total: 4500 * ms})
		require.NoError(t, stream.ForEach(t.Context(), func(int) error {
			time.Sleep(time.Hour)
			return nil
		}))
		require.Equal(t, 4*time.Second+3*time.Hour, at())
	})
}

// Who looked again as often as is left, while the consumer is busy, would look 3.6e12 times.
func TestTimeoutSleepsWhileTheConsumerIsBusy(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		stream := op.Timeout(waits(time.Second, 0, 0), op.Timeouts{Total: time.Second + 1})
		require.NoError(t, stream.ForEach(t.Context(), func(int) error {
			time.Sleep(time.Hour)
			return nil
		}))
		require.Equal(t, time.Second+2*time.Hour, at())

		_, err := op.Timeout(waits(time.Second, 2, 0), op.Timeouts{Total: time.Second + 1}).Collect(t.Context())
		requireWhich(t, "Total", err)
	})
}

// The model adds the times up.
func TestTimeoutProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(most int, name string) time.Duration {
			return time.Duration(rapid.IntRange(0, most).Draw(rt, name))
		}
		limits := op.Timeouts{First: draw(20, "first"), Idle: draw(8, "idle"), Total: draw(40, "total")}
		n := rapid.IntRange(1, 12).Draw(rt, "waits")
		times := make([]time.Duration, n)
		for i := range times {
			times[i] = draw(6, "wait")
		}
		slow := draw(10, "slow")

		var waited, now time.Duration
		which, items := "", 0
		for i, d := range times {
			limit, of := limits.Idle, "Idle"
			if i == 0 {
				limit, of = limits.First, "First"
			}
			left := d + 1
			if limit > 0 {
				left = limit
			}
			if limits.Total > 0 && limits.Total-waited < left {
				left, of = limits.Total-waited, "Total"
			}
			if d >= left {
				which = of
				now += left
				break
			}
			waited, now = waited+d, now+d
			if i < n-1 {
				items++
				now += slow
			}
		}

		virtualtime.Test(t, func(t *testing.T) {
			at := clock()
			got := 0
			err := op.Timeout(waits(times...), limits).ForEach(t.Context(), func(int) error {
				got++
				time.Sleep(slow)
				return nil
			})
			requireWhich(rt, which, err)
			require.Equal(rt, now, at())
			require.Equal(rt, items, got)
		})
	})
}

// demanding waits for demand before each item, and for upstream, as a query does.
func demanding(waits ...time.Duration) rx.Observable[int] {
	return func(ctx context.Context, yield func(int) bool) error {
		for i, d := range waits {
			select {
			case <-time.After(d / 2):
			case <-ctx.Done():
				return rx.Cause(ctx)
			}
			if !demand.From(ctx).Wait(ctx) {
				return rx.Cause(ctx)
			}
			select {
			case <-time.After(d - d/2):
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

// pacing requests an item some time after the last one.
type pacing struct {
	rx.Subscription
	pause time.Duration
	items int
}

func (p *pacing) request() { time.AfterFunc(p.pause, func() { p.Request(1) }) }

func (p *pacing) OnSubscribe(s rx.Subscription) { p.Subscription = s; p.request() }
func (p *pacing) OnNext(int)                    { p.items++; p.request() }
func (p *pacing) OnError(error)                 {}
func (p *pacing) OnComplete()                   {}

func TestTimeoutDoesNotCountTheTimeInWhichNothingIsRequested(t *testing.T) {
	s := time.Second
	for name, tt := range map[string]struct {
		limits op.Timeouts
		waits  []time.Duration
		items  int
		which  string
		at     time.Duration
	}{
		"in time":     {op.Timeouts{First: 5 * s, Idle: 5 * s, Total: 13 * s}, []time.Duration{4 * s, 4 * s, 4 * s}, 3, "", (2 + 98 + 2 + 100 + 2 + 100 + 2) * s},
		"first late":  {op.Timeouts{First: 5 * s}, []time.Duration{6 * s}, 0, "First", (100 + 2) * s},
		"first early": {op.Timeouts{First: 5 * s}, []time.Duration{12 * s}, 0, "First", 5 * s},
		"idle late":   {op.Timeouts{Idle: 5 * s}, []time.Duration{100 * s, 6 * s}, 1, "Idle", (100 + 50 + 100 + 2) * s},
		"total late":  {op.Timeouts{Total: 7 * s}, []time.Duration{4 * s, 4 * s}, 1, "Total", (100 + 2 + 100 + 1) * s},
	} {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				at := clock()
				p := &pacing{pause: 100 * s}
				err := op.Timeout(demanding(tt.waits...), tt.limits).Subscribe(t.Context(), p)
				requireWhich(t, tt.which, err)
				require.Equal(t, tt.items, p.items)
				require.Equal(t, tt.at, at())
				time.Sleep(200 * s) // the last request comes too late
			})
		})
	}
}

func TestTimeoutErrorIsATimeoutButNotTheContexts(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		_, err := op.Timeout(rx.Never[int](), op.Timeouts{First: time.Second}).Collect(t.Context())
		require.EqualError(t, err, "operators.Timeout: no first item within 1s")
		var timeout net.Error
		require.False(t, errors.As(err, &timeout), "it is not the network's")
		var late interface{ Timeout() bool }
		require.ErrorAs(t, err, &late)
		require.True(t, late.Timeout())
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, context.Canceled)
	})
	require.EqualError(t, &op.TimeoutError{Which: "Idle", After: time.Second}, "operators.Timeout: no further item within 1s")
	require.EqualError(t, &op.TimeoutError{Which: "Total", After: time.Second}, "operators.Timeout: waited for items for 1s in all")
}

func TestTimeoutCancelsUpstreamWithItsErrorAsTheCause(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var cause error
		src := rx.Observable[int](func(ctx context.Context, _ func(int) bool) error {
			<-ctx.Done()
			cause = context.Cause(ctx)
			return errSource // does not count
		})
		_, err := op.Timeout(src, op.Timeouts{Total: time.Second}).Collect(t.Context())
		requireWhich(t, "Total", err)
		require.Equal(t, err, cause)
	})
}

func TestTimeoutIsAReasonToRetry(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		runs, yielded := 0, 0
		src := op.Timeout(counted(rx.Never[int](), &runs, &yielded), op.Timeouts{First: time.Second})
		_, err := op.Retry(src, op.Backoff{Attempts: 3}).Collect(t.Context())
		requireWhich(t, "First", err)
		require.Equal(t, 3, runs)
	})
}

func BenchmarkTimeout(b *testing.B) {
	b.Run("first", func(b *testing.B) {
		run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Timeout(src, op.Timeouts{First: time.Hour}) })
	})
	b.Run("all", func(b *testing.B) {
		run(b, func(src rx.Observable[int]) rx.Observable[int] {
			return op.Timeout(src, op.Timeouts{First: time.Hour, Idle: time.Hour, Total: time.Hour})
		})
	})
}
