package operators_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func listOf(v int) []int              { return []int{v} }
func appended(acc []int, v int) []int { return append(acc, v) }

// busyWith collects what src emits, with a consumer that takes d for each item, and notes when it got each.
func busyWith[T any](t *testing.T, src rx.Observable[T], d time.Duration) (got []T, times []time.Duration) {
	t.Helper()
	at := clock()
	require.NoError(t, src.ForEach(t.Context(), func(v T) error {
		got, times = append(got, v), append(times, at())
		time.Sleep(d)
		return nil
	}))
	return got, times
}

func TestConflateFoldsOnlyWhatComesWhileTheConsumerIsBusy(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		lists := op.Conflate(paced(10, time.Second), listOf, appended)
		got, times := busyWith(t, lists, 3600*ms)
		require.Equal(t, [][]int{{0}, {1, 2, 3}, {4, 5, 6, 7}, {8, 9}}, got)
		require.Equal(t, []time.Duration{1000 * ms, 4600 * ms, 8200 * ms, 11800 * ms}, times)

		got, _ = busyWith(t, lists, 0)
		require.Len(t, got, 10, "an idle consumer gets each by itself")
	})
}

func TestConflateNeverSlowsItsUpstream(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		var ended time.Duration
		src := op.Tap(paced(100, time.Second), op.Hooks[int]{OnComplete: func() { ended = at() }})
		got, _ := busyWith(t, op.Conflate(src, func(v int) int { return v }, add), time.Hour)
		require.Equal(t, []int{0, 99 * 100 / 2}, got)
		require.Equal(t, 100*time.Second, ended)
	})
}

func TestConflateAPanicOfTheUsersFunctions(t *testing.T) {
	boom := func(int, int) int { panic("boom") }
	virtualtime.Test(t, func(t *testing.T) {
		conflated := op.Conflate(rx.From(1, 2, 3), func(v int) int { return v }, boom)
		require.Panics(t, func() {
			_ = conflated(t.Context(), func(int) bool { time.Sleep(time.Second); return true })
		})
	})
}

func TestBatchesGrowOnlyWhileTheConsumerIsBusy(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		var ended time.Duration
		src := op.Tap(paced(10, time.Second), op.Hooks[int]{OnComplete: func() { ended = at() }})
		got, times := busyWith(t, op.Batch(src, 4), 2600*ms)
		require.Equal(t, [][]int{{0}, {1, 2}, {3, 4, 5}, {6, 7}, {8, 9}}, got)
		require.Equal(t, []time.Duration{1000 * ms, 3600 * ms, 6200 * ms, 8800 * ms, 11400 * ms}, times)
		require.Equal(t, 10*time.Second, ended, "upstream never had to wait")

		got, _ = busyWith(t, op.Batch(src, 4), 0)
		require.Len(t, got, 10, "an idle consumer gets each by itself")
	})
}

func TestBatchAFullOneHoldsUpstreamUp(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		runs, made := 0, 0
		src := counted(forever(7), &runs, &made)
		taken := 0
		for batch, err := range op.Take(op.Batch(src, 3), 20).All(t.Context()) {
			require.NoError(t, err)
			synctest.Wait()
			require.LessOrEqual(t, len(batch), 3)
			taken += len(batch)
			require.Equal(t, taken+3, made)
		}
	})
}

func TestBatchNeedsRoom(t *testing.T) {
	require.Panics(t, func() { op.Batch(rx.From(1), 0) })
}

// A source that never waits for its consumer, and does not look at its context either, is stopped.
func TestATirelessSourceIsStoppedWhenTheConsumerLeaves(t *testing.T) {
	src := tireless(1)
	for name, rushed := range map[string]rx.Observable[int]{
		"Conflate":   op.Conflate(src, func(v int) int { return v }, add),
		"OnOverflow": op.OnOverflow(src, 3, op.DropOldest, &op.Dropped{}),
		"Sample":     op.Sample(src, time.Millisecond),
	} {
		t.Run(name, func(t *testing.T) { leave(t, rushed, 2) })
	}
}

// However the work is timed, nothing is lost or reordered, and no batch is larger than it may be.
func TestConflateAndBatchKeepAllItems(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pauses := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 40).Draw(rt, "pauses of the source")
		work := rapid.SliceOfN(rapid.IntRange(0, 20), 1, 10).Draw(rt, "work of the consumer")
		limit := rapid.IntRange(1, 8).Draw(rt, "limit")
		var srcErr error
		if rapid.Bool().Draw(rt, "fails") {
			srcErr = errSource
		}
		src := rx.Observable[int](func(_ context.Context, yield func(int) bool) error {
			for i, d := range pauses {
				time.Sleep(time.Duration(d))
				if !yield(i) {
					return nil
				}
			}
			return srcErr
		})
		want := make([]int, len(pauses))
		for i := range want {
			want[i] = i
		}
		for name, lists := range map[string]rx.Observable[[]int]{
			"Conflate": op.Conflate(src, listOf, appended),
			"Batch":    op.Batch(src, limit),
		} {
			virtualtime.Test(t, func(t *testing.T) {
				var got [][]int
				err := lists(t.Context(), func(list []int) bool {
					require.NotEmpty(rt, list)
					require.True(rt, name == "Conflate" || len(list) <= limit)
					got = append(got, list)
					time.Sleep(time.Duration(work[len(got)%len(work)]))
					return true
				})
				require.Equal(rt, srcErr, err, name)
				require.Equal(rt, want, append([]int{}, slices.Concat(got...)...), name)
			})
		}
	})
}

func BenchmarkConflate(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] {
		return op.Conflate(src, func(v int) int { return v }, add)
	})
}

func BenchmarkBatch(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[[]int] { return op.Batch(src, 1000) })
}
