package failsafe_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/failsafe-go/failsafe-go/adaptivelimiter"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	errDown    = errors.New("the other side is down")
	errInvalid = errors.New("the item is invalid")
)

// server answers at once to so many calls as it has places, and makes the others wait.
type server struct {
	places    chan struct{}
	now, most atomic.Int32
}

func (s *server) call(_ context.Context, v int) (int, error) {
	now := s.now.Add(1)
	defer s.now.Add(-1)
	for most := s.most.Load(); now > most && !s.most.CompareAndSwap(most, now); {
		most = s.most.Load()
	}
	s.places <- struct{}{}
	time.Sleep(10 * time.Millisecond)
	<-s.places
	return v, nil
}

func TestAnAdaptiveLimiterFindsHowMuchTheServerCanDo(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		s := &server{places: make(chan struct{}, 100)}
		limiter := adaptivelimiter.NewBuilder[any]().WithLimits(1, 60, 20).Build()
		stream := op.MapAsync(rx.Range(0, 200_000), 60, op.Limited(limiter, s.call))
		n := 0
		free, lowest := 0, 60
		require.NoError(t, stream.ForEach(t.Context(), func(v int) error {
			require.Equal(t, n, v)
			n++
			switch {
			case n == 50_000:
				free = limiter.Limit()
				for range 95 { // from now on the server is busy with something else
					s.places <- struct{}{}
				}
			case n > 50_000 && n%1000 == 0:
				lowest = min(lowest, limiter.Limit())
			}
			return nil
		}))
		require.Equal(t, 200_000, n)
		require.Greater(t, free, 20, "the server could do with more")
		require.Less(t, lowest, free/2, "it has 5 places left")
		require.LessOrEqual(t, s.most.Load(), int32(60), "n is the upper bound, whatever the limiter says")
		require.Zero(t, limiter.Inflight())
	})
}

func TestALimiterGetsItsPermitsBack(t *testing.T) {
	limiter := adaptivelimiter.NewBuilder[any]().WithLimits(1, 10, 2).Build()
	fails := func(_ context.Context, v int) (int, error) { return 0, errInvalid }
	for range 10 {
		_, err := op.MapAsync(rx.Range(0, 100), 8, op.Limited(limiter, fails)).Collect(t.Context())
		require.Equal(t, errInvalid, err)
		_, err = op.Take(op.MapAsync(rx.Range(0, 100), 8, op.Limited(limiter, (&server{places: make(chan struct{}, 9)}).call)), 3).Collect(t.Context())
		require.NoError(t, err)
	}
	require.Zero(t, limiter.Inflight())
	require.Zero(t, limiter.Queued())
}

func TestALimiterThatRefusesToLetCallsWait(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		s := &server{places: make(chan struct{}, 1)}
		limiter := adaptivelimiter.NewBuilder[any]().WithLimits(1, 1, 1).WithQueueing(1, 1).Build()
		_, err := op.MapAsync(rx.Range(0, 100), 50, op.Limited(limiter, s.call)).Collect(t.Context())
		require.ErrorIs(t, err, adaptivelimiter.ErrExceeded)
	})
}

func TestACircuitBreakerHoldsTheStreamUp(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		start := time.Now()
		breaker := circuitbreaker.NewBuilder[any]().
			HandleErrors(errDown).
			WithFailureThreshold(5).
			WithSuccessThreshold(3).
			WithDelay(10 * time.Second).
			Build()
		var wasted atomic.Int32
		call := func(_ context.Context, v int) (int, error) {
			time.Sleep(100 * time.Millisecond)
			switch at := time.Since(start); {
			case at > time.Minute && at < 2*time.Minute:
				wasted.Add(1)
				return 0, errDown
			case v%10 == 7:
				return 0, errInvalid
			}
			return v, nil
		}
		n := 0
		stream := op.MapAsync(rx.Range(0, 20_000), 16, op.Guarded(breaker, call),
			op.RetryItem[int](op.Backoff{Attempts: -1}, op.Is(errDown)), op.SkipItem)
		require.NoError(t, stream.ForEach(t.Context(), func(v int) error {
			n++
			require.NotEqual(t, 7, v%10)
			return nil
		}))
		require.Equal(t, 18_000, n, "none was lost but those that are invalid")
		require.Greater(t, time.Since(start), 2*time.Minute+20_000/16*100*time.Millisecond-time.Minute)
		require.Less(t, wasted.Load(), int32(50), "the server had its peace; it would have been 9600")
		require.True(t, breaker.IsClosed())
	})
}

func TestACircuitBreakerIsNotOpenedByACancel(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		breaker := circuitbreaker.NewBuilder[any]().WithFailureThreshold(1).Build()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		hangs := func(ctx context.Context, _ int) (int, error) { <-ctx.Done(); return 0, ctx.Err() }
		_, err := op.MapAsync(rx.Range(0, 100), 8, op.Guarded(breaker, hangs)).Collect(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.True(t, breaker.IsClosed())

		breaker.HalfOpen()
		for range 10 { // no permit is lost
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err = op.TryMap(rx.From(1), op.Guarded(breaker, hangs)).Collect(ctx)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			cancel()
			breaker.HalfOpen()
		}
		ok := func(context.Context, int) (int, error) { return 1, nil }
		got, err := op.TryMap(rx.From(1), op.Guarded(breaker, ok)).First(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, got)
		require.True(t, breaker.IsClosed())
	})
}
