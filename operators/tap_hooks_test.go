package operators_test

import (
	"context"
	"math"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// hooked has all the methods that HooksOf knows.
type hooked struct{ log }

func (h *hooked) OnStart()          { h.note("start") }
func (h *hooked) OnNext(v int)      { h.note("next %d", v) }
func (h *hooked) AfterNext(v int)   { h.note("after %d", v) }
func (h *hooked) OnError(err error) { h.note("error: %v", err) }
func (h *hooked) OnComplete()       { h.note("complete") }
func (h *hooked) OnCancel()         { h.note("cancel") }

func (h *hooked) PerRun(context.Context) op.Hooks[int] {
	n := 0
	return op.Hooks[int]{OnNext: func(int) { n++; h.note("%d of this run", n) }}
}

// itemOnly cares about one thing.
type itemOnly struct{ *log }

func (i itemOnly) OnItem() { i.note("item") }

func TestHooksOfValues(t *testing.T) {
	var h hooked
	tapped := op.Tap(rx.From(5, 6), op.HooksOf[int](&h, itemOnly{&h.log}, op.Hooks[int]{OnComplete: func() { h.note("and hooks") }}))
	for range 2 {
		h.events = nil
		require.NoError(t, tapped.ForEach(t.Context(), func(int) error { h.note("got"); return nil }))
		require.Equal(t, []string{
			"start",
			"next 5", "item", "1 of this run", "got", "after 5",
			"next 6", "item", "2 of this run", "got", "after 6",
			"complete", "and hooks",
		}, h.events)
	}
	h.events = nil
	leave(t, tapped, 1)
	require.Equal(t, []string{"start", "next 5", "item", "1 of this run", "after 5", "cancel"}, h.events, "the last item is done with, too")

	h.events = nil
	_, err := op.Tap(failing[int](errSource), op.HooksOf[int](&h)).Collect(t.Context())
	require.Equal(t, errSource, err)
	require.Equal(t, []string{"start", "error: the source failed"}, h.events)

	require.PanicsWithValue(t, "operators.HooksOf: a time.Time has no hook for items of type int", func() { op.HooksOf[int](time.Time{}) })
	require.Panics(t, func() { op.HooksOf[int](nil) })
	require.Panics(t, func() { op.HooksOf[string](nextOfInt{}) }, "of another type")
}

type nextOfInt struct{}

func (nextOfInt) OnNext(int) {}

func TestSeveralRunHooks(t *testing.T) {
	type key struct{}
	var l log
	per := func(name string) op.Hooks[int] {
		return op.Hooks[int]{PerRun: func(ctx context.Context) op.Hooks[int] {
			return op.Hooks[int]{OnStart: func() { l.note("%s %v", name, ctx.Value(key{})) }, PerRun: func(context.Context) op.Hooks[int] { panic("not called") }}
		}}
	}
	tapped := op.Tap(rx.Empty[int](), op.HooksOf[int](per("a"), per("b")))
	_, err := tapped.Collect(context.WithValue(t.Context(), key{}, 7))
	require.NoError(t, err)
	require.Equal(t, []string{"a 7", "b 7"}, l.events)
}

func TestAPanicInAfterNextIsSeen(t *testing.T) {
	var l log
	hooks := l.hooks()
	hooks.AfterNext = func(int) { panic("boom") }
	require.PanicsWithValue(t, "boom", func() { _, _ = op.Tap(rx.From(1), hooks).Collect(t.Context()) })
	require.Equal(t, []string{"start", "next 1", "cancel"}, l.events)
}

// Whoever is told of a start is told of one end, whatever becomes of the other hooks.
func TestAPanickingNeighbourTakesNoEndsAway(t *testing.T) {
	boom := func() { panic("boom") }
	for name, bad := range map[string]op.Hooks[int]{
		"start":    {OnStart: boom},
		"next":     {OnNext: func(int) { boom() }},
		"after":    {AfterNext: func(int) { boom() }},
		"complete": {OnComplete: boom},
		"cancel":   {OnNext: func(int) { boom() }, OnCancel: boom},
		"error":    {OnError: func(error) { boom() }},
		"run":      {PerRun: func(context.Context) op.Hooks[int] { panic("boom") }},
		"of a run": {PerRun: func(context.Context) op.Hooks[int] { return op.Hooks[int]{OnStart: boom, OnCancel: boom} }},
		"exits":    {OnComplete: runtime.Goexit, OnError: func(error) { runtime.Goexit() }},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after op.Counts
			hooks := op.HooksOf[int](&before, bad, &after)
			for _, src := range []rx.Observable[int]{rx.From(1, 2), failing(errSource, 1)} {
				exited := make(chan struct{})
				go func() {
					defer close(exited)
					defer func() { recover() }()
					_ = op.Tap(src, hooks).ForEach(context.Background(), func(int) error { return nil })
				}()
				<-exited
			}
			for _, c := range []*op.Counts{&before, &after} {
				tally := c.Read()
				require.Zero(t, tally.InFlight(), "%+v", tally)
				require.Equal(t, tally.Runs, tally.Completed+tally.Failed+tally.Canceled)
			}
			require.Equal(t, before.Read().Runs, after.Read().Runs)
		})
	}
}

func TestHooksOfAnAsyncTap(t *testing.T) {
	seen := 0
	tap := op.NewAsyncTap(10, op.Hooks[int]{OnNext: func(int) { seen++ }})
	_, err := op.Tap(rx.From(1, 2), op.HooksOf[int](tap)).Collect(t.Context())
	require.NoError(t, err)
	require.NoError(t, tap.Close(t.Context()))
	require.Equal(t, 2, seen)
	require.Panics(t, func() { op.HooksOf[string](tap) }, "of another type")
}

func TestCounts(t *testing.T) {
	var counts op.Counts
	hooks := op.HooksOf[int](&counts)
	_, _ = op.Tap(rx.From(1, 2, 3), hooks).Collect(t.Context())
	_, _ = op.Tap(failing(errSource, 1), hooks).Collect(t.Context())
	leave(t, op.Tap(rx.From(1, 2, 3), hooks), 2)
	require.Equal(t, op.Tally{Runs: 3, Items: 6, Failed: 1, Completed: 1, Canceled: 1}, counts.Read())

	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			_ = op.Tap(rx.Range(0, 1000), hooks)(t.Context(), func(int) bool {
				if counts.Read().InFlight() < 1 {
					t.Error("this run is under way")
				}
				return true
			})
		})
	}
	wg.Wait()
	require.Equal(t, op.Tally{Runs: 13, Items: 10_006, Failed: 1, Completed: 11, Canceled: 1}, counts.Read())
	require.Zero(t, counts.Read().InFlight())
}

func TestAHistogramInBuckets(t *testing.T) {
	var h op.Histogram
	counts, d := h.AtMost(1, 10)
	require.Equal(t, []int64{0, 0}, counts)
	require.Zero(t, d)
	rapid.Check(t, func(t *rapid.T) {
		var h op.Histogram
		values := rapid.SliceOfN(rapid.Int64Range(0, 100), 1, 50).Draw(t, "values") // which are told apart exactly
		bounds := rapid.SliceOf(rapid.Int64Range(-1, 101)).Draw(t, "bounds")
		want := make([]int64, len(bounds))
		for _, v := range values {
			h.Record(v)
			for i, bound := range bounds {
				if v <= bound {
					want[i]++
				}
			}
		}
		counts, d := h.AtMost(bounds...)
		require.Equal(t, want, counts)
		require.Equal(t, h.Read(), d)
	})
}

func TestAHistogram(t *testing.T) {
	var h op.Histogram
	require.Equal(t, op.Distribution{}, h.Read())
	_, err := op.Tap(rx.Range(1, 1000), op.Sizes(&h, func(v int) int { return v })).Collect(t.Context())
	require.NoError(t, err)
	d := h.Read()
	require.EqualValues(t, 1000, d.Count)
	require.InEpsilon(t, 500.5, d.Mean, 0.01)
	for want, got := range map[int64]int64{1: d.Min, 500: d.P50, 950: d.P95, 990: d.P99, 999: d.P999, 1000: d.Max} {
		require.InEpsilon(t, want, got, 0.01)
	}

	var edges op.Histogram
	for _, v := range []int64{math.MinInt64, -1, 0, math.MaxInt64} {
		edges.Record(v)
	}
	require.EqualValues(t, 4, edges.Read().Count)
	require.Zero(t, edges.Read().Min)
	require.InEpsilon(t, 1<<42, edges.Read().Max, 0.01)
}

func TestLatencies(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var up, down op.Histogram
		tapped := op.Tap(paced(10, time.Second), op.HooksOf[int](op.UpstreamLatency[int](&up), op.DownstreamLatency[int](&down)))
		for range 2 {
			require.NoError(t, tapped.ForEach(t.Context(), func(int) error { time.Sleep(300 * time.Millisecond); return nil }))
			time.Sleep(time.Hour) // between runs nothing is measured
		}
		require.EqualValues(t, 20, up.Read().Count)
		require.EqualValues(t, 20, down.Read().Count)
		require.InEpsilon(t, 300*time.Millisecond, down.Read().Min, 0.01)
		require.InEpsilon(t, 300*time.Millisecond, down.Read().Max, 0.01)
		require.LessOrEqual(t, up.Read().Max, int64(1010*time.Millisecond))
		require.InEpsilon(t, time.Second, up.Read().P50, 0.01)
	})
}

func TestNonsenseTaps(t *testing.T) {
	require.Panics(t, func() { op.Sizes(nil, func(int) int { return 0 }) })
	require.Panics(t, func() { op.Sizes[int](new(op.Histogram), nil) })
	require.Panics(t, func() { op.UpstreamLatency[int](nil) })
	require.Panics(t, func() { op.DownstreamLatency[int](nil) })
	require.Panics(t, func() { op.NewAsyncTap(0, op.Hooks[int]{}) })
	require.Panics(t, func() { op.NewAsyncTap(1, op.UpstreamLatency[int](new(op.Histogram))) })
}
