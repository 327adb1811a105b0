package operators_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// into is a sink that appends to a slice and takes a time for each item.
func into(got *[]int, busy time.Duration) rx.Sink[int] {
	return func(ctx context.Context, src rx.Observable[int]) error {
		return src.ForEach(ctx, func(v int) error {
			*got = append(*got, v)
			time.Sleep(busy)
			return nil
		})
	}
}

// blocked is a sink that works until it is cancelled, and notes why it was.
func blocked(why *error) rx.Sink[int] {
	return func(ctx context.Context, _ rx.Observable[int]) error {
		<-ctx.Done()
		time.Sleep(time.Second) // it is waited for
		*why = rx.Cause(ctx)
		return errOdd // does not count
	}
}

func numbers(n int) []int {
	var items []int
	for i := range n {
		items = append(items, i)
	}
	return items
}

func TestBroadcastRunsItsSourceOnceAtThePaceOfTheSlowest(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		var fast, slow []int
		var ended time.Duration
		runs, yielded := 0, 0
		src := op.Tap(counted(rx.Range(0, 1000), &runs, &yielded), op.Hooks[int]{OnComplete: func() { ended = at() }})
		require.NoError(t, op.Broadcast(t.Context(), src, into(&fast, 0), into(&slow, time.Second)))
		require.Equal(t, numbers(1000), fast)
		require.Equal(t, numbers(1000), slow)
		require.Equal(t, 1, runs)
		require.Equal(t, 1000*time.Second, at())
		require.GreaterOrEqual(t, ended, (1000-64-1)*time.Second, "it was not further ahead than the buffer")
	})
}

func TestBroadcastAnItemDoesNotWaitWhereItFits(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		var slow []int
		fast := 0
		require.NoError(t, op.Broadcast(t.Context(), paced(66, time.Millisecond), into(&slow, time.Hour),
			func(ctx context.Context, src rx.Observable[int]) error {
				return src.ForEach(ctx, func(int) error {
					fast++
					require.Equal(t, time.Duration(fast)*time.Millisecond, at(), "the other has one, 64 wait for it, and one more")
					return nil
				})
			}))
		require.Equal(t, 66, fast)
		require.Equal(t, numbers(66), slow)
	})
}

func TestBroadcastHoldsAsMuchAsItSays(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		other := make(chan struct{})
		var late, early []int
		require.NoError(t, op.Broadcast(t.Context(), rx.Range(0, 64),
			func(ctx context.Context, src rx.Observable[int]) error {
				<-other
				return into(&late, 0)(ctx, src)
			},
			func(ctx context.Context, src rx.Observable[int]) error {
				defer close(other)
				return into(&early, 0)(ctx, src)
			}))
		require.Equal(t, numbers(64), early)
		require.Equal(t, numbers(64), late)
	})
}

func TestBroadcastASinkThatLeaves(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var all []int
		first := func(ctx context.Context, src rx.Observable[int]) error {
			_, err := src.First(ctx)
			time.Sleep(time.Hour) // the others do not wait for it
			return err
		}
		never := func(context.Context, rx.Observable[int]) error { return nil }
		at := clock()
		src := op.Tap(paced(1000, time.Second), op.Hooks[int]{OnComplete: func() { require.Equal(t, 1000*time.Second, at()) }})
		require.NoError(t, op.Broadcast(t.Context(), src, first, into(&all, 0), never))
		require.Equal(t, numbers(1000), all)
		require.Equal(t, time.Second+time.Hour, at())
	})
}

func TestBroadcastStopsItsSourceWhenAllHaveLeft(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		take := func(n int) rx.Sink[int] {
			return func(ctx context.Context, src rx.Observable[int]) error {
				_, err := op.Take(src, n).Collect(ctx)
				return err
			}
		}
		at := clock()
		src := op.Concat(rx.Range(0, 5), rx.Never[int]())
		require.NoError(t, op.Broadcast(t.Context(), src, take(2), take(5)))
		require.NoError(t, op.Broadcast(t.Context(), forever(1), take(2), take(5)))
		require.NoError(t, op.Broadcast(t.Context(), rx.Interval(time.Hour), take(0)))
		require.Zero(t, at())
		require.NoError(t, op.Broadcast(t.Context(), rude(errSource, 1, 2, 3), take(1)), "what the source says then does not count")
	})
}

func TestBroadcastASinkThatFailsFailsAll(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var why error
		var srcWhy error
		fails := func(ctx context.Context, src rx.Observable[int]) error {
			return src.ForEach(ctx, func(v int) error {
				if v == 3 {
					return errConsumer
				}
				return nil
			})
		}
		at := clock()
		src := rx.Observable[int](func(ctx context.Context, yield func(int) bool) error {
			err := op.Concat(rx.Range(0, 4), rx.Never[int]())(ctx, yield)
			srcWhy = err
			return err
		})
		err := op.Broadcast(t.Context(), src, blocked(&why), fails)
		require.Equal(t, errConsumer, err)
		require.ErrorIs(t, why, errConsumer)
		require.ErrorIs(t, why, context.Canceled)
		require.ErrorIs(t, srcWhy, errConsumer)
		require.Equal(t, time.Second, at(), "the other was waited for")
	})
}

func TestBroadcastTheSourcesErrorComesAfterAllItems(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var fast, slow []int
		swallows := func(ctx context.Context, src rx.Observable[int]) error { _, _ = src.Collect(ctx); return nil }
		wraps := func(ctx context.Context, src rx.Observable[int]) error {
			return fmt.Errorf("archive: %w", into(&fast, 0)(ctx, src))
		}
		err := op.Broadcast(t.Context(), failing(errSource, numbers(50)...), wraps, into(&slow, time.Second), swallows)
		require.Equal(t, errSource, err)
		require.Equal(t, numbers(50), fast)
		require.Equal(t, numbers(50), slow, "a sink that passes the error on does not cancel those that still work")

		require.Equal(t, errSource, op.Broadcast(t.Context(), rx.Fail[int](errSource), swallows))
	})
}

func TestBroadcastASinkThatFailsAtTheEnd(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		for _, srcErr := range []error{nil, errSource} {
			flush := func(ctx context.Context, src rx.Observable[int]) error {
				_, _ = src.Collect(ctx)
				return errConsumer
			}
			var why error
			err := op.Broadcast(t.Context(), failing(srcErr, 1, 2), flush, blocked(&why))
			require.Equal(t, errConsumer, err)
			require.ErrorIs(t, why, errConsumer)
		}
	})
}

func TestBroadcastTheEndOfItsContext(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		for _, src := range []rx.Observable[int]{rx.Never[int](), forever(1), rx.Interval(time.Second)} {
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errReason)
			var got []int
			var why error
			err := op.Broadcast(ctx, src, into(&got, time.Second), blocked(&why))
			require.ErrorIs(t, err, errReason)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorIs(t, why, errReason)
			cancel()
		}
	})
}

func TestBroadcastASinkThatDetachedItselfIsNotToldThatTheStreamIsComplete(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errReason)
		defer cancel()
		var err error
		detached := func(ctx context.Context, src rx.Observable[int]) error {
			_, err = src.Collect(context.WithoutCancel(ctx))
			return nil
		}
		require.ErrorIs(t, op.Broadcast(ctx, rx.Never[int](), detached), errReason)
		require.ErrorIs(t, err, errReason)
	})
}

func TestBroadcastPanics(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var why error
		boom := func(context.Context, rx.Observable[int]) error { panic("boom") }
		defer func() {
			var p *rx.PanicError
			require.ErrorAs(t, recover().(error), &p)
			require.Equal(t, "boom", p.Value)
			require.ErrorIs(t, why, context.Canceled, "the others were cancelled and waited for")
		}()
		_ = op.Broadcast(t.Context(), rx.Never[int](), boom, blocked(&why))
	})
	virtualtime.Test(t, func(t *testing.T) {
		var why error
		src := rx.Observable[int](func(context.Context, func(int) bool) error { panic("boom") })
		require.PanicsWithValue(t, "boom", func() { _ = op.Broadcast(t.Context(), src, blocked(&why)) })
		require.ErrorIs(t, why, context.Canceled)
	})
	virtualtime.Test(t, func(t *testing.T) {
		out := escape(func() {
			exit := func(context.Context, rx.Observable[int]) error { runtime.Goexit(); return nil }
			_ = op.Broadcast(t.Context(), rx.Never[int](), exit)
		})
		require.True(t, out.exited)
	})
}

func TestBroadcastAStreamOfASinkRunsOnce(t *testing.T) {
	twice := func(ctx context.Context, src rx.Observable[int]) error {
		_, err := src.Collect(ctx)
		return errors.Join(err, src.ForEach(ctx, func(int) error { return errOdd }))
	}
	require.ErrorIs(t, op.Broadcast(t.Context(), rx.From(1), twice), rx.ErrConsumed)
}

func TestBroadcastNeedsSinks(t *testing.T) {
	require.Panics(t, func() { _ = op.Broadcast(t.Context(), rx.From(1)) })
	require.Panics(t, func() { _ = op.Broadcast(t.Context(), rx.From(1), nil) })
}

// Each branch gets what it asks for, and obeys the contract as a stream of its own.
func TestBroadcastProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(rt, "items")
		takes := rapid.SliceOfN(rapid.IntRange(1, 250), 1, 4).Draw(rt, "sinks leave at")
		busy := rapid.SliceOfN(rapid.IntRange(0, 3), len(takes), len(takes)).Draw(rt, "sinks are busy for")
		var srcErr error
		if rapid.Bool().Draw(rt, "fails") {
			srcErr = errSource
		}
		virtualtime.Test(t, func(t *testing.T) {
			got := make([][]int, len(takes))
			var sinks []rx.Sink[int]
			for i, k := range takes {
				sinks = append(sinks, func(ctx context.Context, src rx.Observable[int]) error {
					return into(&got[i], time.Duration(busy[i]))(ctx, op.Take(src, k))
				})
			}
			err := op.Broadcast(t.Context(), failing(srcErr, numbers(n)...), sinks...)
			for i, k := range takes {
				require.Equal(rt, numbers(min(n, k)), got[i])
			}
			if slices.Max(takes) > n {
				require.Equal(rt, srcErr, err)
			} else {
				require.NoError(rt, err, "all had left before the end")
			}
		})
	})
}

func BenchmarkBroadcast(b *testing.B) {
	for _, n := range []int{1, 3} {
		b.Run(fmt.Sprintf("sinks=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			sink := func(ctx context.Context, src rx.Observable[int]) error {
				return src(ctx, func(int) bool { return true })
			}
			if err := op.Broadcast(context.Background(), ints(b), slices.Repeat([]rx.Sink[int]{sink}, n)...); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// Where src has ended and a sink has read it all, the cancelled work of another is still not a success.
func TestBroadcastIsCancelledAfterItsSourceHasEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	reads := func(ctx context.Context, src rx.Observable[int]) error {
		return src.ForEach(ctx, func(int) error { return nil })
	}
	writes := func(ctx context.Context, src rx.Observable[int]) error {
		if err := reads(ctx, src); err != nil {
			return err
		}
		cancel()
		<-ctx.Done()
		return errOdd // what it was about when it was cancelled
	}
	require.Equal(t, context.Canceled, op.Broadcast(ctx, rx.From(1), reads, writes))
}
