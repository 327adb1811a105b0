package operators_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// throughHub sends src through a hub of its own, which ends as src does. It needs virtual time.
func throughHub(src rx.Observable[int]) rx.Observable[int] {
	return func(ctx context.Context, yield func(int) bool) error {
		hub := op.NewHub[int]()
		feed := rx.New(func(ctx context.Context, _ func(int) bool) error {
			time.Sleep(time.Nanosecond) // until the stream is there
			hub.Close(hub.Feed(ctx, src))
			return nil
		})
		return op.Merge(2, hub.Stream(3, op.Block, nil), feed)(ctx, yield)
	}
}

// outcome is what a stream that runs on another goroutine comes to.
type outcome struct {
	items []int
	err   error
	done  bool
}

// start runs src on a goroutine of the bubble, with a consumer that takes busy for each item.
func start(t *testing.T, src rx.Observable[int], busy time.Duration) *outcome {
	o := &outcome{}
	go func() {
		o.err = into(&o.items, busy)(t.Context(), src)
		o.done = true
	}()
	synctest.Wait()
	return o
}

// later lets that time pass, and everybody finish what is due by then.
func later(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestHubStreamsGetWhatIsFedWhileTheyAreThere(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		hub := op.NewHub[int]()
		go func() { _ = hub.Feed(t.Context(), paced(10, time.Second)) }()
		later(2500 * ms)
		early := start(t, hub.Stream(1, op.Block, nil), 0)
		brief := start(t, op.Take(hub.Stream(1, op.Block, nil), 2), 0)
		later(3 * time.Second)
		late := start(t, hub.Stream(1, op.Block, nil), 0)
		later(time.Minute)
		require.Equal(t, []int{2, 3, 4, 5, 6, 7, 8, 9}, early.items)
		require.Equal(t, []int{2, 3}, brief.items)
		require.True(t, brief.done)
		require.Equal(t, []int{5, 6, 7, 8, 9}, late.items)
		require.False(t, early.done || late.done, "the end of a feed is not that of the hub")
		require.EqualValues(t, 2, hub.Unheard())

		require.NoError(t, hub.Feed(t.Context(), rx.From(10)))
		hub.Close(nil)
		synctest.Wait()
		require.True(t, early.done && late.done)
		require.Equal(t, []int{5, 6, 7, 8, 9, 10}, late.items)
		require.NoError(t, late.err)
		require.EqualValues(t, 2, hub.Unheard())
	})
}

func TestHubHasAPolicyForEachStream(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		hub := op.NewHub[int]()
		var dropped op.Dropped
		slow := start(t, hub.Stream(2, op.DropOldest, &dropped), time.Minute)
		fails := start(t, hub.Stream(2, op.FailWhenFull, nil), time.Minute)
		fast := start(t, hub.Stream(2, op.Block, nil), 0)
		at := clock()
		require.NoError(t, hub.Feed(t.Context(), paced(10, time.Second)))
		require.Equal(t, 10*time.Second, at(), "nobody was held up")
		hub.Close(errSource)
		later(time.Hour)
		require.Equal(t, numbers(10), fast.items)
		require.Equal(t, errSource, fast.err)
		require.Equal(t, []int{0, 8, 9}, slow.items, "what was there when the hub was closed came out")
		require.Equal(t, errSource, slow.err)
		require.EqualValues(t, 7, dropped.Count())
		require.Equal(t, []int{0, 1, 2}, fails.items)
		require.ErrorIs(t, fails.err, op.ErrOverflow)
		require.ErrorContains(t, fails.err, "Hub.Stream")
	})
}

func TestHubAStreamThatBlocksHoldsTheFeedsUpUntilItLeaves(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		hub := op.NewHub[int]()
		at := clock()
		slow := start(t, op.Take(hub.Stream(1, op.Block, nil), 3), time.Minute)
		fast := start(t, hub.Stream(1, op.Block, nil), 0)
		require.NoError(t, hub.Feed(t.Context(), rx.Range(0, 100)))
		synctest.Wait()
		require.Equal(t, []int{0, 1, 2}, slow.items)
		require.Greater(t, at(), time.Minute)
		require.LessOrEqual(t, at(), 3*time.Minute)
		hub.Close(nil)
		synctest.Wait()
		require.Equal(t, numbers(100), fast.items)
	})
}

func TestHubAnItemDoesNotWaitWhereItFits(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		hub := op.NewHub[int]()
		slow := start(t, hub.Stream(1, op.Block, nil), time.Minute)
		fast := start(t, hub.Stream(1, op.Block, nil), 0)
		fed := false
		go func() { fed = hub.Feed(t.Context(), paced(3, time.Second)) == nil }()
		later(10 * time.Second)
		require.Equal(t, numbers(3), fast.items)
		require.False(t, fed, "the slow one has an item, and one waits for it")
		hub.Close(nil)
		later(time.Hour)
		require.Equal(t, numbers(2), slow.items)
	})
}

// With space for one item it fits while the consumer has the one before.
func TestHubAConsumerMayFeedIt(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		hub := op.NewHub[int]()
		counter := start(t, op.Take(op.Tap(hub.Stream(1, op.Block, nil), op.Hooks[int]{OnNext: func(v int) {
			require.NoError(t, hub.Feed(t.Context(), rx.From(v+1)))
		}}), 5), 0)
		require.NoError(t, hub.Feed(t.Context(), rx.From(0)))
		synctest.Wait()
		require.Equal(t, numbers(5), counter.items)
	})
}

func TestHubHasSeveralFeeds(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		hub := op.NewHub[int]()
		listeners := []*outcome{start(t, hub.Stream(1, op.Block, nil), 0), start(t, hub.Stream(5, op.Block, nil), time.Millisecond)}
		ends := make(chan error)
		for f := range 4 {
			go func() {
				ends <- hub.Feed(t.Context(), op.Map(rx.Range(0, 100), func(v int) int { return 1000*f + v }))
			}()
		}
		for range 4 {
			require.NoError(t, <-ends)
		}
		hub.Close(nil)
		later(time.Hour)
		for _, l := range listeners {
			require.Len(t, l.items, 400)
			for f := range 4 {
				of := filtered(l.items, func(v int) bool { return v/1000 == f })
				require.True(t, slices.IsSorted(of))
				require.Len(t, of, 100)
			}
		}
	})
}

func TestHubCloseStopsTheFeeds(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		hub := op.NewHub[int]()
		stuck := start(t, hub.Stream(1, op.Block, nil), time.Hour)
		time.AfterFunc(time.Minute, func() { hub.Close(errReason) })
		at := clock()
		ends := make(chan error)
		for _, src := range []rx.Observable[int]{rx.Never[int](), forever(1), tireless(2)} {
			go func() { ends <- hub.Feed(t.Context(), src) }()
		}
		for range 3 {
			require.Equal(t, op.ErrHubClosed, <-ends)
			require.Equal(t, time.Minute, at())
		}
		hub.Close(nil)
		require.Equal(t, op.ErrHubClosed, hub.Feed(t.Context(), rx.From(1)), "and those that come later")
		late, err := hub.Stream(1, op.Block, nil).Collect(t.Context())
		require.Empty(t, late)
		require.Equal(t, errReason, err, "the first Close counts")
		later(24 * time.Hour)
		require.Empty(t, late)
		require.Equal(t, errReason, stuck.err)
	})
}

func TestHubTheEndsOfContexts(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		hub := op.NewHub[int]()
		stuck := start(t, op.Take(hub.Stream(1, op.Block, nil), 1), time.Hour)
		for _, src := range []rx.Observable[int]{rx.Never[int](), forever(1), tireless(1)} {
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errReason)
			require.ErrorIs(t, hub.Feed(ctx, src), errReason)
			cancel()
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errReason)
		defer cancel()
		_, err := hub.Stream(1, op.Block, nil).Collect(ctx)
		require.ErrorIs(t, err, errReason)
		_, err = hub.Stream(1, op.Block, nil).Collect(ctx)
		require.ErrorIs(t, err, errReason, "before it has begun")
		later(time.Hour)
		require.True(t, stuck.done)
	})
}

// tireless emits v without end and never looks at its context.
func tireless(v int) rx.Observable[int] {
	return func(_ context.Context, yield func(int) bool) error {
		for yield(v) {
		}
		return nil
	}
}

func TestHubAFeedThatFails(t *testing.T) {
	hub := op.NewHub[int]()
	require.Equal(t, errSource, hub.Feed(t.Context(), rx.Fail[int](errSource)))
	require.NoError(t, hub.Feed(t.Context(), rx.Empty[int]()), "is not the end of the hub")
}

func TestHubUserCodeMayCallBack(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		hub := op.NewHub[int]()
		var inner []int
		outer := start(t, op.Tap(hub.Stream(8, op.Block, nil), op.Hooks[int]{OnNext: func(v int) {
			switch v {
			case 0:
				time.Sleep(time.Nanosecond) // until the feed of this has ended
				require.NoError(t, hub.Feed(t.Context(), rx.From(1, 2)))
			case 1:
				hub.Close(nil)
				inner, _ = hub.Stream(1, op.Block, nil).Collect(t.Context())
			}
		}}), 0)
		require.NoError(t, hub.Feed(t.Context(), rx.From(0)))
		later(time.Second)
		require.Equal(t, []int{0, 1, 2}, outer.items)
		require.True(t, outer.done)
		require.Empty(t, inner)
	})
}

func TestHubStreamsThatLeaveAreForgotten(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		hub := op.NewHub[int]()
		for i := range 100 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			go func() { _ = hub.Feed(ctx, rx.Interval(time.Millisecond)) }()
			leaveSomehow(t, ctx, cancel, hub.Stream(3, op.Block, nil), i)
			cancel()
			synctest.Wait()
			unheard := hub.Unheard()
			require.NoError(t, hub.Feed(t.Context(), rx.From(1)))
			require.Equal(t, unheard+1, hub.Unheard())
		}
	})
}

func BenchmarkHub(b *testing.B) {
	for _, n := range []int{0, 1, 3} {
		b.Run(fmt.Sprintf("streams=%d", n), func(b *testing.B) {
			hub := op.NewHub[int]()
			joined, ended := make(chan bool, n), make(chan error)
			for range n {
				go func() {
					first := sync.OnceFunc(func() { joined <- true })
					ended <- hub.Stream(1000, op.Block, nil)(context.Background(), func(int) bool { first(); return true })
				}()
			}
			for len(joined) < n {
				_ = hub.Feed(context.Background(), rx.From(0))
			}
			b.ReportAllocs()
			b.ResetTimer()
			if err := hub.Feed(context.Background(), ints(b)); err != nil {
				b.Fatal(err)
			}
			hub.Close(nil)
			for range n {
				<-ended
			}
		})
	}
}

func TestHubAwaitsSoManyStreams(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		hub := op.NewHub[int]()
		defer hub.Close(nil)
		there := make(chan error, 1)
		go func() { there <- hub.Await(t.Context(), 2) }()
		waits := func() {
			t.Helper()
			synctest.Wait()
			require.Empty(t, there)
		}
		waits()
		start(t, op.Timeout(hub.Stream(1, op.Block, nil), op.Timeouts{First: time.Second}), 0)
		waits()
		later(2 * time.Second) // that one has left
		one := start(t, hub.Stream(1, op.Block, nil), 0)
		waits()
		other := start(t, hub.Stream(1, op.Block, nil), 0)
		require.NoError(t, <-there)
		require.NoError(t, hub.Await(t.Context(), 1), "that is enough")

		require.NoError(t, hub.Feed(t.Context(), rx.From(1, 2)))
		synctest.Wait()
		require.Equal(t, []int{1, 2}, one.items)
		require.Equal(t, []int{1, 2}, other.items)
		require.Zero(t, hub.Unheard())
	})
}

func TestHubAwaitEndsWithTheHubOrTheContext(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		hub := op.NewHub[int]()
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errOdd)
		defer cancel()
		err := hub.Await(ctx, 1)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, errOdd)
		start(t, hub.Stream(1, op.Block, nil), 0)
		require.ErrorIs(t, hub.Await(ctx, 1), errOdd, "also if they are there")

		time.AfterFunc(time.Minute, func() { hub.Close(errSource) })
		require.Equal(t, op.ErrHubClosed, hub.Await(t.Context(), 2))
		require.Equal(t, op.ErrHubClosed, hub.Await(t.Context(), 1))
	})
	require.PanicsWithValue(t, "operators.Hub.Await: 0 streams; there must be at least 1 to wait for", func() {
		_ = op.NewHub[int]().Await(t.Context(), 0)
	})
}
