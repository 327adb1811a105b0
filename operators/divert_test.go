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

func TestDivertSharesOutEveryItem(t *testing.T) {
	var aside []int
	stream := op.Divert(rx.Range(0, 1000), isOdd, into(&aside, 0))
	all := collect(t, rx.Range(0, 1000))
	for range 2 { // every run has its own run of the sink
		aside = nil
		require.Equal(t, filtered(all, isEven), collect(t, stream))
		require.Equal(t, filtered(all, isOdd), aside)
	}
}

func TestDivertEndsWhenTheSinkHas(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		slow := func(ctx context.Context, src rx.Observable[int]) error {
			return src.ForEach(ctx, func(int) error {
				time.Sleep(time.Minute)
				return nil
			})
		}
		require.Equal(t, []int{0, 2}, collect(t, op.Divert(rx.Range(0, 4), isOdd, slow)))
		require.Equal(t, 2*time.Minute, at())
	})
}

func TestDivertASinkThatFailsEndsTheStream(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		canceled := false
		broken := func(ctx context.Context, src rx.Observable[int]) error {
			return src.ForEach(ctx, func(int) error { return errOdd })
		}
		got, err := op.Divert(op.Concat(rx.From(0, 1, 2), ending(&canceled)), isOdd, broken).Collect(t.Context())
		require.Equal(t, errOdd, err)
		require.True(t, canceled, "upstream, which waits")
		require.Equal(t, []int{0, 2}, got)
	})
}

func TestDivertASinkThatLeavesItemsBehindIsAnError(t *testing.T) {
	take := func(n int) rx.Sink[int] {
		return func(ctx context.Context, src rx.Observable[int]) error {
			_, err := op.Take(src, n).Collect(ctx)
			return err
		}
	}
	none := func(context.Context, rx.Observable[int]) error { return nil }
	for n, items := range map[int]rx.Observable[int]{
		1: rx.Range(0, 1000), // some wait for it, and more come
		2: op.Concat(rx.Range(0, 5), delayed(rx.From(7))),
	} {
		virtualtime.Test(t, func(t *testing.T) {
			for _, to := range []rx.Sink[int]{take(n), none} {
				_, err := op.Divert(items, isOdd, to).Collect(t.Context())
				require.ErrorIs(t, err, op.ErrSinkLeft)
				require.EqualError(t, err, "operators.Divert: a sink has left before the end of its stream, and there were items for it")
			}
		})
	}
	require.Equal(t, []int{0, 2, 4}, collect(t, op.Divert(rx.Range(0, 5), isOdd, take(2))), "there were no others")
	require.Equal(t, []int{0, 2}, collect(t, op.Divert(rx.From(0, 2), isOdd, none)))
}

func TestDivertASinkThatLeavesAndThenFailsHasFailed(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		to := func(ctx context.Context, src rx.Observable[int]) error {
			_, err := src.First(ctx)
			require.NoError(t, err)
			time.Sleep(time.Second)
			return errOdd
		}
		_, err := op.Divert(rx.Range(0, 1000), isOdd, to).Collect(t.Context())
		require.Equal(t, errOdd, err)
	})
}

func TestDivertTheSinkGetsUpstreamsErrorAfterItsItems(t *testing.T) {
	src := failing(errSource, 0, 1, 2, 3)
	for _, test := range []struct {
		sink func(error) error
		want []error
	}{
		{func(err error) error { return err }, []error{errSource}},
		{func(error) error { return nil }, []error{errSource}},
		{func(error) error { return errOdd }, []error{errSource, errOdd}},
	} {
		var aside []int
		got, err := op.Divert(src, isOdd, func(ctx context.Context, src rx.Observable[int]) error {
			err := into(&aside, 0)(ctx, src)
			require.Equal(t, errSource, err)
			return test.sink(err)
		}).Collect(t.Context())
		for _, want := range test.want {
			require.ErrorIs(t, err, want)
		}
		require.Equal(t, []int{0, 2}, got)
		require.Equal(t, []int{1, 3}, aside)
	}
}

func TestDivertWhatWasDivertedIsNotLostWhenTheConsumerLeaves(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var aside []int
		completed := false
		to := func(ctx context.Context, src rx.Observable[int]) error {
			err := into(&aside, 0)(ctx, op.TryMap(src, func(_ context.Context, v int) (int, error) {
				time.Sleep(time.Second)
				return v, nil
			}))
			completed = err == nil
			return errOdd // only the sink knows
		}
		require.Equal(t, []int{0, 2, 4}, leave(t, op.Divert(rx.Range(0, 1000), isOdd, to), 3))
		require.Equal(t, []int{1, 3}, aside)
		require.True(t, completed)
	})
}

func TestDivertASlowSinkHoldsUpUpstream(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		made, furthest := 0, 0
		src := op.Tap(rx.Range(0, 500), op.Hooks[int]{OnNext: func(int) { made++ }})
		to := func(ctx context.Context, src rx.Observable[int]) error {
			return src.ForEach(ctx, func(v int) error {
				time.Sleep(time.Second)
				synctest.Wait()
				furthest = max(furthest, made-1-v)
				return nil
			})
		}
		require.Empty(t, collect(t, op.Divert(src, always, to)))
		require.Equal(t, 64+1, furthest, "and the one that has no place")
	})
}

func TestDivertCancelReachesTheSink(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errReason)
		defer cancel()
		at := clock()
		canceled := false
		to := func(ctx context.Context, _ rx.Observable[int]) error { // returns nil, having taken nothing
			<-ctx.Done()
			canceled = true
			return nil
		}
		_, err := op.Divert(rx.Range(0, 10), isOdd, to).Collect(ctx)
		require.ErrorIs(t, err, errReason)
		require.True(t, canceled)
		require.Equal(t, time.Minute, at())
	})
}

func TestDivertAPanicOfTheSinkReachesTheConsumer(t *testing.T) {
	require.PanicsWithError(t, errOdd.Error(), func() {
		defer unwrapPanic(t)
		to := func(context.Context, rx.Observable[int]) error { panic(errOdd) }
		_, _ = op.Divert(rx.Range(0, 10), isOdd, to).Collect(t.Context())
	})
	require.PanicsWithValue(t, "operators.Divert: nil func(context.Context, rx.Observable[int]) error", func() { op.Divert(rx.From(1), isOdd, nil) })
}

func TestDivertTheSinksStreamRunsOnce(t *testing.T) {
	to := func(ctx context.Context, src rx.Observable[int]) error {
		require.NoError(t, src.ForEach(ctx, func(int) error { return nil }))
		_, err := src.Collect(ctx)
		return err
	}
	_, err := op.Divert(rx.Range(0, 10), isOdd, to).Collect(t.Context())
	require.ErrorIs(t, err, rx.ErrConsumed)
}

func drain(ctx context.Context, src rx.Observable[int]) error {
	return src(ctx, func(int) bool { return true })
}

func BenchmarkDivert(b *testing.B) {
	b.Run("half", func(b *testing.B) {
		run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Divert(src, isOdd, drain) })
	})
	b.Run("nothing", func(b *testing.B) {
		run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Divert(src, never, drain) })
	})
}
