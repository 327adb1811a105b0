package operators_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func timeItself(t time.Time) time.Time { return t }
func count(n int, _ time.Time) int     { return n + 1 }
func stamp(t *testing.T, s string) (at time.Time) {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	require.NoError(t, err)
	return at
}

func TestWindowsBeginAtMidnightAndOnMondays(t *testing.T) {
	at := stamp(t, "2026-03-05T13:14:15.678Z") // a Thursday
	tests := []struct {
		w          op.Windows
		start, end string
	}{
		{op.Tumbling(time.Hour), "2026-03-05T13:00:00Z", "2026-03-05T14:00:00Z"},
		{op.Tumbling(24 * time.Hour), "2026-03-05T00:00:00Z", "2026-03-06T00:00:00Z"},
		{op.Tumbling(24 * time.Hour).Offset(-2 * time.Hour), "2026-03-04T22:00:00Z", "2026-03-05T22:00:00Z"},
		{op.Tumbling(7 * 24 * time.Hour), "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"},
		{op.Sessions(time.Minute), "2026-03-05T13:14:15.678Z", "2026-03-05T13:15:15.678Z"},
	}
	for _, tt := range tests {
		want := []op.Windowed[int]{{Start: stamp(t, tt.start), End: stamp(t, tt.end), Value: 1}}
		require.Equal(t, want, collect(t, op.Window(rx.From(at), tt.w, timeItself, zero, count)))
		require.Equal(t, want, collect(t, op.Window(rx.From(at), tt.w.Descending(), timeItself, zero, count)))
	}
}

func TestWindowsOfAnySize(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.IntRange(1, 15).Draw(rt, "size")
		every := rapid.IntRange(1, 15).Draw(rt, "every")
		offset := rapid.IntRange(-15, 15).Draw(rt, "offset")
		seconds := func(n int) time.Duration { return time.Duration(n) * time.Second }
		w := op.Sliding(seconds(size), seconds(every)).Offset(seconds(offset))
		for _, o := range windows("of any size", w, aligned(size, every, offset)) {
			o.checkModel(t, rt)
		}
	})
}

func TestWindowTimesAreInTheItemsLocation(t *testing.T) {
	east := time.FixedZone("east", 2*60*60)
	at := stamp(t, "2026-03-05T23:30:00Z").In(east)
	got := collect(t, op.Window(rx.From(at), op.Tumbling(time.Hour), timeItself, zero, count))
	require.Equal(t, time.Date(2026, 3, 6, 1, 0, 0, 0, east), got[0].Start)
}

func TestWindowRefusesAnItemThatGoesBack(t *testing.T) {
	first := stamp(t, "2026-03-05T13:00:00Z")
	second := first.Add(time.Nanosecond)
	tests := []struct {
		name  string
		w     op.Windows
		times []time.Time
		want  string
	}{
		{"ascending", op.Tumbling(time.Hour), []time.Time{first, second, second, first}, "operators.Window: item 4 is at " +
			"2026-03-05T13:00:00Z, after one at 2026-03-05T13:00:00.000000001Z, though the windows are not Descending: " +
			"the stream is not sorted"},
		{"descending", op.Sessions(time.Hour).Descending(), []time.Time{first, second}, "operators.Window: item 2 is at " +
			"2026-03-05T13:00:00.000000001Z, after one at 2026-03-05T13:00:00Z, though the windows are Descending: " +
			"the stream is not sorted"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := rude(errSource, tt.times...) // its own error outranks upstream's
			got, err := op.Window(src, tt.w, timeItself, zero, count).Collect(t.Context())
			require.ErrorIs(t, err, op.ErrUnsorted)
			require.EqualError(t, err, tt.want)
			require.Empty(t, got, "the window is not complete")
		})
	}
}

func TestWindowComparesTheTimeOfDay(t *testing.T) {
	// What time.Now gives has a reading of a second clock, too, which would be compared instead.
	now := time.Now()
	later := now.Add(time.Second)
	got := collect(t, op.Window(rx.From(now, later, later.Round(0)), op.Sessions(time.Nanosecond), timeItself, zero, count))
	require.Len(t, got, 2)
	require.Equal(t, 2, got[1].Value)
	require.Equal(t, later.Round(0), got[1].Start)
}

func TestWindowEmitsAsSoonAsAnItemIsPast(t *testing.T) {
	var runs, yielded int
	src := counted(rx.Range(0, 100), &runs, &yielded)
	leave(t, op.Window(src, op.Tumbling(10*time.Second), func(v int) time.Time { return second(v) }, seed, fold), 1)
	require.Equal(t, 11, yielded)
}

func TestSlidingWindowsHaveAccumulatorsOfTheirOwn(t *testing.T) {
	list := op.Window(rx.Range(0, 6), op.Sliding(4*time.Second, 2*time.Second), second,
		func() []int { return nil },
		func(items []int, v int) []int { return append(items, v) })
	values := op.Map(list, func(w op.Windowed[[]int]) []int { return w.Value })
	for range 2 {
		require.Equal(t, [][]int{{0, 1}, {0, 1, 2, 3}, {2, 3, 4, 5}, {4, 5}}, collect(t, values))
	}
}

func TestWindowHoldsNoItemAndAFewWindows(t *testing.T) {
	open, most := 0, 0
	opened := func() int {
		open++
		most = max(most, open)
		return 1
	}
	slides := op.Window(rx.Range(0, 1000), op.Sliding(7*time.Second, 2*time.Second), second, opened, fold)
	require.NoError(t, slides.ForEach(t.Context(), func(op.Windowed[int]) error { open--; return nil }))
	require.Zero(t, open)
	require.Equal(t, 4, most, "7/2, rounded up")
}

func TestWindowLooksAtTheContextBetweenTheWindowsThatEndTogether(t *testing.T) {
	for _, src := range []rx.Observable[int]{rx.From(0), rx.From(0, 1000)} {
		ctx, cancel := context.WithCancelCause(t.Context())
		got := 0
		err := op.Window(src, op.Sliding(8*time.Second, time.Second), second, seed, fold)(ctx, func(op.Windowed[int]) bool {
			if got++; got == 3 {
				cancel(errReason)
			}
			return true
		})
		require.ErrorIs(t, err, errReason)
		require.Equal(t, 3, got)
	}
}

func TestWindowsThatMakeNoSense(t *testing.T) {
	require.PanicsWithValue(t, "operators.Tumbling: size 0s; a window must last for some time", func() { op.Tumbling(0) })
	require.PanicsWithValue(t, "operators.Sliding: size 1s every -1s; both must be positive",
		func() { op.Sliding(time.Second, -time.Second) })
	op.Sliding(time.Second, 100*time.Microsecond)
	require.PanicsWithValue(t, "operators.Sliding: size 1s every 99.999µs; an item would be in 10001 windows, and at most 10000 may be open",
		func() { op.Sliding(time.Second, 99999) })
	require.PanicsWithValue(t, "operators.Sessions: gap 0s; it must be positive", func() { op.Sessions(0) })
	require.PanicsWithValue(t, "operators.Window: no windows; make them with Tumbling, Sliding or Sessions",
		func() { op.Window(rx.From(1), op.Windows{}, second, seed, fold) })
}
