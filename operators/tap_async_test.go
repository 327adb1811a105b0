package operators_test

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func TestAnAsyncTapCallsItsHooksInOrder(t *testing.T) {
	var l log
	hooks := l.hooks()
	hooks.AfterNext = func(v int) { l.note("after %d", v) }
	tap := op.NewAsyncTap(100, hooks)
	_, _ = op.Tap(rx.From(1, 2), tap.Hooks()).Collect(t.Context())
	_, _ = op.Tap(failing[int](errSource), tap.Hooks()).Collect(t.Context())
	leave(t, op.Tap(rx.From(3), tap.Hooks()), 1)
	require.NoError(t, tap.Close(t.Context()), "what it holds comes before")
	require.Equal(t, []string{
		"start", "next 1", "after 1", "next 2", "after 2", "complete",
		"start", "error: the source failed",
		"start", "next 3", "after 3", "cancel",
	}, l.events)
	require.Zero(t, tap.Dropped())

	require.NoError(t, tap.Close(t.Context()), "twice does no harm")
	_, err := op.Tap(rx.From(1, 2), tap.Hooks()).Collect(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 2+2, tap.Dropped(), "a closed tap counts what it does not see")
	require.EqualValues(t, 2, tap.Lost())
}

func TestHooksThatAreNotThereCostNothing(t *testing.T) {
	tap := op.NewAsyncTap(1, op.Hooks[int]{OnError: func(error) {}})
	defer tap.Close(t.Context())
	h := tap.Hooks()
	require.Nil(t, h.OnStart)
	require.Nil(t, h.OnNext)
	require.Nil(t, h.AfterNext)
	require.NotNil(t, h.OnError)
	require.Nil(t, h.OnComplete)
	require.Nil(t, h.OnCancel)
}

// A hook that blocks for ever holds up nothing: a million items pass, of which its buffer is held.
func TestATapThatIsStuck(t *testing.T) {
	const items, space = 1_000_000, 100
	type big [1 << 10]byte
	release := make(chan struct{})
	var seen, ends atomic.Int64
	before := runtime.NumGoroutine()
	tap := op.NewAsyncTap(space, op.Hooks[*big]{
		OnNext:     func(*big) { seen.Add(1); <-release },
		OnError:    func(error) { ends.Add(1) },
		OnComplete: func() { ends.Add(1) },
	})
	tapped := op.Tap(op.Map(rx.Range(0, items), func(int) *big { return new(big) }), tap.Hooks())
	heap := live()
	n := 0
	require.NoError(t, tapped.ForEach(t.Context(), func(*big) error { n++; return nil }))
	require.Equal(t, items, n)
	require.LessOrEqual(t, live()-heap, int64(2*space*len(big{})), "the buffer is all that is held")
	require.LessOrEqual(t, runtime.NumGoroutine(), before+1)
	_, err := op.Tap(rx.Fail[*big](errSource), tap.Hooks()).Collect(t.Context())
	require.Equal(t, errSource, err)

	over, cancel := context.WithCancelCause(t.Context())
	cancel(errReason)
	require.ErrorIs(t, tap.Close(over), errReason, "it is not waited for longer than one likes")
	close(release)
	require.NoError(t, tap.Close(t.Context()))
	require.EqualValues(t, 2, ends.Load(), "ends have space of their own")
	require.EqualValues(t, items, seen.Load()+tap.Dropped())
	require.LessOrEqual(t, seen.Load(), int64(space+1))
}

func live() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

func TestATapThatSleeps(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var seen []int
		tap := op.NewAsyncTap(10, op.Hooks[int]{OnNext: func(v int) { time.Sleep(2 * time.Second); seen = append(seen, v) }})
		start := time.Now()
		_, err := op.Tap(paced(100, 500*time.Millisecond), tap.Hooks()).Collect(t.Context())
		require.NoError(t, err)
		require.LessOrEqual(t, time.Since(start), 50*time.Second, "not a moment longer than without it")
		require.NoError(t, tap.Close(t.Context()))
		require.Len(t, seen, 100-int(tap.Dropped()))
		require.IsIncreasing(t, seen)
		require.Greater(t, len(seen), 25)
	})
}

// Panics and exits of the goroutine are counted; the tap goes on.
func TestATapThatPanics(t *testing.T) {
	var seen []int
	tap := op.NewAsyncTap(1000, op.Hooks[int]{
		OnNext: func(v int) {
			switch v % 3 {
			case 0:
				panic(errReason)
			case 1:
				runtime.Goexit()
			}
			seen = append(seen, v)
		},
		OnComplete: func() { panic("the end") },
	})
	got, err := op.Tap(rx.Range(0, 300), tap.Hooks()).Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, got, 300)
	err = tap.Close(t.Context())
	require.ErrorIs(t, err, errReason, "the first is told")
	var p *rx.PanicError
	require.ErrorAs(t, err, &p)
	require.Contains(t, string(p.Stack), "TestATapThatPanics")
	require.Len(t, seen, 100)
	require.EqualValues(t, 201, tap.Panicked())
	require.Zero(t, tap.Dropped())
}

// No lock is held while a hook runs: it may use the tap, and streams that it taps.
func TestAHookMayUseItsTap(t *testing.T) {
	var (
		tap    *op.AsyncTap[int]
		counts op.Counts
		sizes  op.Histogram
		nested int
		depth  atomic.Int64
	)
	ready := make(chan struct{})
	tap = op.NewAsyncTap(1000, op.Hooks[int]{OnNext: func(int) {
		<-ready
		if depth.Add(1) > 10 {
			return
		}
		all := op.HooksOf[int](tap.Hooks(), &counts, op.Sizes(&sizes, func(v int) int {
			return int(sizes.Read().Count + counts.Read().Items + tap.Dropped() + tap.Panicked())
		}))
		err := op.Tap(rx.From(1), all).ForEach(context.Background(), func(int) error { nested++; return nil })
		if err != nil {
			panic(err)
		}
	}})
	close(ready)
	_, err := op.Tap(rx.From(0), tap.Hooks()).Collect(t.Context())
	require.NoError(t, err)
	for depth.Load() < 11 { // each nested run hands on an item
		runtime.Gosched()
	}
	require.NoError(t, tap.Close(t.Context()))
	require.Equal(t, 10, nested)
	require.EqualValues(t, 10, sizes.Read().Count)
}

// Runs at the same time share the buffer and the goroutine.
func TestAnAsyncTapOfManyRuns(t *testing.T) {
	const runs, items, space = 8, 20_000, 64
	seen := 0
	tap := op.NewAsyncTap(space, op.Hooks[int]{OnNext: func(int) { seen++ }})
	tapped := op.Tap(rx.Range(0, items), tap.Hooks())
	var wg sync.WaitGroup
	for range runs {
		wg.Go(func() { _, _ = tapped.Collect(t.Context()) })
	}
	wg.Wait()
	require.NoError(t, tap.Close(t.Context()))
	require.EqualValues(t, runs*items, int64(seen)+tap.Dropped())
}

// Starts and ends that come while a hook hangs take no space from items, nor items from those.
func TestATapThatHungForAMomentGetsItemsAgain(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		items := 0
		tap := op.NewAsyncTap(8, op.Hooks[int]{OnStart: func() { <-release }, OnNext: func(int) { items++ }, OnComplete: func() {}})
		for range 20 {
			require.NoError(t, op.Tap(rx.Empty[int](), tap.Hooks()).ForEach(t.Context(), nil))
		}
		tapped := op.Tap(rx.Range(0, 8), tap.Hooks())
		_, err := tapped.Collect(t.Context())
		require.NoError(t, err)
		require.Zero(t, tap.Dropped())
		require.EqualValues(t, 2*20+2-8, tap.Lost())
		close(release)
		for range 100 {
			time.Sleep(time.Second)
			_, err := tapped.Collect(t.Context())
			require.NoError(t, err)
		}
		require.NoError(t, tap.Close(t.Context()))
		require.Equal(t, 101*8, items)
		require.Zero(t, tap.Dropped())
	})
}

// A lone item is seen at once; of more the rest waits a little, or until they take half of the buffer.
func TestWhenAnAsyncTapSeesItems(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var seen []time.Duration
		start := time.Now()
		tap := op.NewAsyncTap(4, op.Hooks[int]{OnNext: func(int) { seen = append(seen, time.Since(start)) }})
		time.Sleep(time.Minute)
		start = time.Now()
		err := op.Tap(rx.Range(0, 6), tap.Hooks()).ForEach(t.Context(), func(v int) error {
			synctest.Wait()
			if v == 3 {
				time.Sleep(time.Second)
			}
			return nil
		})
		require.NoError(t, err)
		require.NoError(t, tap.Close(t.Context()))
		require.Equal(t, []time.Duration{0, 0, 0, time.Millisecond, time.Second, time.Second}, seen)
	})
}

// Panics take their time, so a hook that always panics is soon not called for each item any more.
func TestATapThatPanicsAgainAndAgainRests(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		var calls atomic.Int64
		tap := op.NewAsyncTap(100, op.Hooks[int]{OnNext: func(int) {
			if calls.Add(1); broken.Load() {
				panic("boom")
			}
		}})
		broken.Store(true)
		tapped := op.Tap(paced(10_000, time.Millisecond), tap.Hooks())
		_, err := tapped.Collect(t.Context())
		require.NoError(t, err)
		require.Greater(t, calls.Load(), int64(20), "it is tried again")
		require.Less(t, calls.Load(), int64(30))
		require.Equal(t, calls.Load(), tap.Panicked())
		require.InDelta(t, 10_000-100-calls.Load(), tap.Dropped(), 2, "the rest is counted")

		broken.Store(false)
		time.Sleep(time.Second)
		before := tap.Dropped()
		_, err = tapped.Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, before, tap.Dropped(), "it is well again")

		broken.Store(true)
		for range 2 {
			_, err = op.Tap(rx.Range(0, 50), tap.Hooks()).Collect(t.Context())
			require.NoError(t, err)
			synctest.Wait()
		}
		begun := time.Now()
		require.Error(t, tap.Close(t.Context()))
		require.Equal(t, begun, time.Now(), "who closes does not wait for a rest")
		require.Equal(t, 100+10_000+10_000-before, calls.Load(), "and nothing of what is held is dropped")
	})
}

// Any number of taps and streams, of any sizes: each item is seen or counted, in order, and no more are held than may be.
func TestAnAsyncTapHoldsNoMoreThanItsBuffer(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		space := rapid.IntRange(1, 200).Draw(rt, "space")
		items := rapid.IntRange(0, 1000).Draw(rt, "items")
		release := make(chan struct{})
		var seen []int
		tap := op.NewAsyncTap(space, op.Hooks[int]{OnNext: func(v int) { <-release; seen = append(seen, v) }})
		_, err := op.Tap(rx.Range(0, items), tap.Hooks()).Collect(t.Context())
		require.NoError(rt, err)
		held := items - int(tap.Dropped())
		require.LessOrEqual(rt, held, space)
		require.GreaterOrEqual(rt, held, min(space, items))
		close(release)
		require.NoError(rt, tap.Close(t.Context()))
		require.Len(rt, seen, held)
		require.True(rt, slices.IsSorted(seen))
	})
}
