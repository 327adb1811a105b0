package operators_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func TestUntilCompletesAndBuffersDownstreamAreEmitted(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		stop, cancel := context.WithTimeout(context.Background(), 5500*ms)
		defer cancel()
		at := clock()
		ticks := op.Until(rx.Interval(time.Second), stop)
		tripled := op.MapAsync(ticks, 2, func(_ context.Context, v int) (int, error) {
			time.Sleep(time.Second)
			return 3 * v, nil
		})
		got := collect(t, op.Buffer(op.Prefetch(tripled, 10), 3))
		require.Equal(t, [][]int{{0, 3, 6}, {9, 12}}, got)
		require.Equal(t, 6*time.Second, at(), "the call under way is waited for")
	})
}

func TestUntilLosesNothingThatWasHandedOver(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		stop, cancel := context.WithCancel(context.Background())
		made := 0
		src := rx.Observable[int](func(_ context.Context, yield func(int) bool) error {
			for {
				made++
				if made == 10 {
					cancel() // while an item is on its way, in an upstream that does not look
				}
				if !yield(made) {
					return errSource // does not count
				}
			}
		})
		require.Len(t, collect(t, op.Until(src, stop)), 10)
		require.Equal(t, 10, made)
	})
}

func TestUntilAStopBeforeTheStart(t *testing.T) {
	stop, cancel := context.WithCancel(context.Background())
	cancel()
	runs, yielded := 0, 0
	require.Empty(t, collect(t, op.Until(counted(rx.From(1), &runs, &yielded), stop)))
	require.Zero(t, runs)
}

func TestUntilAStopThatNeverComes(t *testing.T) {
	got, err := op.Until(failing(errSource, 1, 2), context.Background()).Collect(t.Context())
	require.Equal(t, []int{1, 2}, got)
	require.Equal(t, errSource, err)
}

func TestUntilAnErrorBeforeTheStopIsTheStreams(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		stop, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		got, err := op.Until(op.Concat(paced(2, time.Second), rx.Fail[int](errSource)), stop).Collect(t.Context())
		require.Equal(t, []int{0, 1}, got)
		require.Equal(t, errSource, err)
	})
}

func TestUntilCancelsABlockedUpstream(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		stop, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		at := clock()
		require.Empty(t, collect(t, op.Until(rx.Never[int](), stop)))
		require.Equal(t, time.Second, at())
	})
}

func TestUntilTheRunsOwnEndOutranksTheStop(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		stop, cancelStop := context.WithCancel(context.Background())
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errReason); cancelStop() })
		_, err := op.Until(rx.Never[int](), stop).Collect(ctx)
		require.ErrorIs(t, err, errReason)
	})
}

func BenchmarkUntil(b *testing.B) {
	stop, cancel := context.WithCancel(context.Background())
	defer cancel()
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Until(src, stop) })
}
