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
	"github.com/rxcql/rxcql/rx/flow"
)

// places is a limiter that lets two calls be under way, and tells of itself.
type places struct{ free chan struct{} }

func (p places) AcquirePermit(ctx context.Context) (permission, error) {
	select {
	case p.free <- struct{}{}:
		return permission(p), nil
	case <-ctx.Done():
		return permission{}, ctx.Err()
	}
}
func (p places) Limit() int    { return cap(p.free) }
func (p places) Inflight() int { return len(p.free) }

type permission struct{ free chan struct{} }

func (p permission) Record() { <-p.free }
func (p permission) Drop()   { <-p.free }

// open is a breaker that stays open.
type open struct{}

func (open) TryAcquirePermit() bool        { return false }
func (open) RemainingDelay() time.Duration { return time.Hour }
func (open) IsHalfOpen() bool              { return false }
func (open) RecordSuccess()                {}
func (open) RecordError(error)             {}
func (open) RecordFailure()                {}

func TestWhoWaitsForALimiterShowsWhileHeDoes(t *testing.T) {
	never := func(ctx context.Context, v int) (int, error) { <-ctx.Done(); return v, ctx.Err() }
	for _, tt := range []struct {
		name  string
		src   func() rx.Observable[int] // made in virtual time
		stage string
		want  map[string]float64
	}{
		{"Limited", func() rx.Observable[int] {
			return op.MapAsync(rx.Range(0, 10), 8, op.Limited(places{make(chan struct{}, 2)}, never))
		}, "MapAsync",
			map[string]float64{"limiter_waiting": 6, "limiter_wait_seconds": 60, "limiter_limit": 2, "limiter_in_flight": 2}},
		{"Guarded", func() rx.Observable[int] { return op.MapAsync(rx.Range(0, 10), 3, op.Guarded(open{}, never)) }, "MapAsync",
			map[string]float64{"breaker_waiting": 3, "breaker_wait_seconds": 30, "breaker_open_share": 1}},
		{"Throttle", func() rx.Observable[int] { return op.Throttle(rx.Range(0, 10), rate.NewLimiter(0, 1)) }, "Throttle",
			map[string]float64{"limiter_waiting": 1, "limiter_wait_seconds": 10, "limiter_rate": 0, "limiter_burst": 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				m := flow.NewMonitor(flow.Options{})
				ctx, cancel := context.WithCancel(flow.With(t.Context(), m))
				defer cancel()
				ended := make(chan error, 1)
				go func() { ended <- tt.src().ForEach(ctx, func(int) error { return nil }) }()
				time.Sleep(10 * time.Second)
				got := make(map[string]float64)
				for _, s := range m.Snapshot().Runs[0].Stages {
					for _, v := range s.Values {
						require.Equal(t, tt.stage, s.Name)
						got[v.Name] = v.Value
					}
				}
				cancel()
				require.ErrorIs(t, <-ended, context.Canceled)
				require.Equal(t, tt.want, got)
				for _, s := range m.Snapshot().Runs[0].Stages {
					for _, v := range s.Values {
						require.False(t, v.Gauge && v.Value != 0, "%+v: none waits any more", v)
					}
				}
			})
		})
	}
}
