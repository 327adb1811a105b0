package operators_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// semaphore is a limiter with a fixed limit that counts how its permits come back.
type semaphore struct {
	places            chan struct{}
	refuse            error
	recorded, dropped atomic.Int32
}

func newSemaphore(n int) *semaphore { return &semaphore{places: make(chan struct{}, n)} }

func (s *semaphore) AcquirePermit(ctx context.Context) (*place, error) {
	if s.refuse != nil {
		return nil, s.refuse
	}
	select {
	case s.places <- struct{}{}:
		return &place{s}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type place struct{ s *semaphore }

func (p *place) Record() { p.s.recorded.Add(1); <-p.s.places }
func (p *place) Drop()   { p.s.dropped.Add(1); <-p.s.places }

func TestLimitedHasAsManyCallsUnderWayAsTheLimiterAllows(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		limiter := newSemaphore(3)
		at := clock()
		stream := op.MapAsync(rx.Range(0, 12), 100, op.Limited(limiter, func(_ context.Context, v int) (int, error) {
			time.Sleep(time.Second)
			return v, nil
		}))
		require.Equal(t, numbers(12), collect(t, stream))
		require.Equal(t, 4*time.Second, at())
		require.EqualValues(t, 12, limiter.recorded.Load())
	})
}

func TestLimitedGivesEveryPermitBack(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	limiter := newSemaphore(1)
	call := func(ctx context.Context, f func() error) error {
		_, err := op.Limited(limiter, func(context.Context, int) (int, error) { return 0, f() })(ctx, 1)
		return err
	}
	require.NoError(t, call(ctx, func() error { return nil }))
	require.Equal(t, errOdd, call(ctx, func() error { return errOdd }))
	require.Equal(t, [2]int32{2, 0}, [2]int32{limiter.recorded.Load(), limiter.dropped.Load()}, "an error is an answer, too")

	require.PanicsWithValue(t, "boom", func() { _ = call(ctx, func() error { panic("boom") }) })
	require.True(t, escape(func() { _ = call(ctx, func() error { runtime.Goexit(); return nil }) }).exited)
	require.Equal(t, errOdd, call(ctx, func() error { cancel(); return errOdd }))
	require.Equal(t, [2]int32{2, 3}, [2]int32{limiter.recorded.Load(), limiter.dropped.Load()})
	require.Empty(t, limiter.places)
}

func TestLimitedTheLimiterRefuses(t *testing.T) {
	limiter := newSemaphore(1)
	limiter.refuse = errReason
	stream := op.TryMap(rx.From(1), op.Limited(limiter, tryDouble))
	_, err := stream.Collect(t.Context())
	require.ErrorIs(t, err, errReason)
	require.EqualError(t, err, "operators.Limited: no permit to begin the call: the reason for cancelling")
}

func TestLimitedTheEndOfTheContextEndsTheWait(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		limiter := newSemaphore(1)
		limiter.places <- struct{}{}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errReason)
		defer cancel()
		_, err := op.MapAsync(rx.Range(0, 12), 4, op.Limited(limiter, tryDouble)).Collect(ctx)
		require.ErrorIs(t, err, errReason)
	})
}

func TestLimitedAndGuardedRefuseNonsense(t *testing.T) {
	require.Panics(t, func() { op.Limited[int, int, *place](nil, tryDouble) })
	require.Panics(t, func() { op.Limited[int, int](newSemaphore(1), nil) })
	require.Panics(t, func() { op.Guarded(nil, tryDouble) })
	require.Panics(t, func() { op.Guarded[int, int](&breaker{}, nil) })
}

// breaker opens at the first failure, for a minute, and lets one call try when that is over.
type breaker struct {
	mu                           sync.Mutex
	until                        time.Time // zero when closed
	trying                       bool
	successes, failures, ignored int
}

func (b *breaker) TryAcquirePermit() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.until.IsZero():
		return true
	case time.Until(b.until) > 0 || b.trying:
		return false
	}
	b.trying = true
	return true
}

func (b *breaker) RemainingDelay() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(0, time.Until(b.until))
}

func (b *breaker) IsHalfOpen() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.trying
}

func (b *breaker) RecordSuccess() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.successes++
	b.until, b.trying = time.Time{}, false
}

func (b *breaker) RecordFailure() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures++
	b.until, b.trying = time.Now().Add(time.Minute), false
}

func (b *breaker) RecordError(err error) {
	if errors.Is(err, errOdd) {
		b.ignored++
		b.RecordSuccess()
		return
	}
	b.RecordFailure()
}

func TestGuardedHoldsTheStreamUpSoThatNoItemIsLost(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		b := &breaker{}
		at := clock()
		calls := 0
		down := func(_ context.Context, v int) (int, error) { // for 150 s from the second call on
			calls++
			if v > 0 && at() < 150*time.Second {
				return 0, errSource
			}
			return v, nil
		}
		again := op.RetryItem[int](op.Backoff{Attempts: -1}, op.Is(errSource))
		require.Equal(t, numbers(10), collect(t, op.TryMap(rx.Range(0, 10), op.Guarded(b, down), again)))
		require.Equal(t, 180*time.Second, at(), "tries at 0, 60, 120 and 180 s")
		require.Equal(t, 10+3, calls)
		require.Equal(t, 3, b.failures)
	})
}

func TestGuardedAFailureIsTheItems(t *testing.T) {
	b := &breaker{}
	_, err := op.TryMap(rx.From(1), op.Guarded(b, func(context.Context, int) (int, error) { return 0, errSource })).Collect(t.Context())
	require.Equal(t, errSource, err)
}

func TestGuardedOnlyOneTriesAHalfOpenBreaker(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		b := &breaker{}
		b.RecordFailure()
		at := clock()
		var begun []time.Duration
		slow := func(_ context.Context, v int) (int, error) {
			begun = append(begun, at())
			time.Sleep(time.Second)
			return v, nil
		}
		guarded := op.Guarded(b, slow)
		done := make(chan error)
		for v := range 2 {
			go func() {
				_, err := guarded(t.Context(), v)
				done <- err
			}()
		}
		require.NoError(t, <-done)
		require.NoError(t, <-done)
		require.Equal(t, time.Minute, begun[0])
		require.GreaterOrEqual(t, begun[1], time.Minute+time.Second)
		require.Less(t, begun[1], time.Minute+time.Second+20*ms)
	})
}

func TestGuardedRecordsWhatTellsOfTheOtherSide(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var b breaker
	call := func(ctx context.Context, f func() error) {
		_, _ = op.Guarded(&b, func(context.Context, int) (int, error) { return 0, f() })(ctx, 1)
	}
	seen := func() [3]int { return [3]int{b.successes, b.failures, b.ignored} }
	call(ctx, func() error { return nil })
	require.Equal(t, [3]int{1, 0, 0}, seen())
	call(ctx, func() error { return errOdd })
	require.Equal(t, [3]int{2, 0, 1}, seen(), "the breaker judges errors")
	require.Panics(t, func() { call(ctx, func() error { panic("boom") }) })
	require.Equal(t, [3]int{2, 1, 1}, seen())
	b.until = time.Time{}
	call(ctx, func() error { cancel(); return errSource })
	require.Equal(t, [3]int{2, 1, 1}, seen(), "a call that was cancelled tells nothing")
	b.trying = true
	call(ctx, func() error { return errSource })
	require.Equal(t, [3]int{2, 2, 1}, seen(), "but a permit of a half-open breaker must go back")
}

func TestGuardedTheEndOfTheContextEndsTheWait(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		b := &breaker{until: time.Now().Add(time.Hour)}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errReason)
		defer cancel()
		at := clock()
		_, err := op.TryMap(rx.From(1), op.Guarded(b, tryDouble)).Collect(ctx)
		require.ErrorIs(t, err, errReason)
		require.Equal(t, time.Minute, at())
	})
}

func BenchmarkLimited(b *testing.B) {
	limiter := newSemaphore(1)
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.TryMap(src, op.Limited(limiter, tryDouble)) })
}

func BenchmarkGuarded(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] {
		return op.TryMap(src, op.Guarded(&breaker{}, tryDouble))
	})
}
