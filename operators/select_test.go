package operators_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func TestTakeLastDropsTheRestOnCancel(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	var got []int
	err := op.TakeLast(rx.Range(0, 10), 5)(ctx, func(v int) bool {
		if got = append(got, v); v == 6 {
			cancel(errReason)
		}
		return true
	})
	require.Equal(t, []int{5, 6}, got)
	require.ErrorIs(t, err, errReason)
}

func TestTheLastItemsAreHeldAsTheyCome(t *testing.T) {
	require.Equal(t, []int{0, 1}, collect(t, op.TakeLast(rx.Range(0, 2), math.MaxInt))) // allocates for the items, not for n
	require.Empty(t, collect(t, op.SkipLast(rx.Range(0, 2), math.MaxInt)))
}

func TestSkipLastEmitsAnItemAsSoonAsItMay(t *testing.T) {
	var runs, yielded int
	leave(t, op.SkipLast(counted(rx.Range(0, 100), &runs, &yielded), 3), 1)
	require.Equal(t, 4, yielded)
}

func TestFindStopsItsUpstreamAtOnce(t *testing.T) {
	// The source would fail right after the item: whoever asks for more sees it.
	require.Equal(t, []int{3}, collect(t, op.Find(failing(errSource, 2, 3), isOdd)))
}

func TestDistinctForgetsTheKeySeenLongestAgo(t *testing.T) {
	// 1 is seen again, and so is remembered longer than 2.
	require.Equal(t, []int{1, 2, 3, 2}, collect(t, op.Distinct(rx.From(1, 2, 1, 3, 1, 2), 2, identity)))
}

func TestDistinctTakesWhatDoesNotEqualItselfForNew(t *testing.T) {
	nan := math.NaN()
	src := rx.From(nan, 1, nan, 2, nan, 1)
	require.Len(t, collect(t, op.Distinct(src, 2, func(v float64) float64 { return v })), 5, "and does not forget 1 for it")
	require.Len(t, collect(t, op.Distinct(src, 2, func(v float64) any { return v })), 5)
	require.Len(t, collect(t, op.DistinctUntilChanged(rx.From(nan, nan), func(v float64) float64 { return v })), 2)
}

func TestDistinctAllocatesNothingOnceFull(t *testing.T) {
	const keys, items = 1000, 200_000
	run := func(n int) float64 {
		return testing.AllocsPerRun(3, func() {
			v := 0
			src := func(_ context.Context, yield func(int) bool) error {
				for range n {
					v += 7919
					yield(v)
				}
				return nil
			}
			require.NoError(t, op.Distinct(src, keys, identity)(context.Background(), func(int) bool { return true }))
		})
	}
	few, many := run(2*keys), run(items)
	require.Less(t, many-few, 64.0, "for %d items more, all of them new", items-2*keys)
}

func TestOrElseRunsTheOtherOnlyIfThereIsNoItem(t *testing.T) {
	var runs, yielded int
	other := counted(rx.From(9), &runs, &yielded)
	require.Equal(t, []int{1}, collect(t, op.OrElse(rx.From(1), other)))
	leave(t, op.OrElse(rx.From(1, 2), other), 1)
	_, err := op.OrElse(rx.Fail[int](errSource), other).Collect(t.Context())
	require.Equal(t, errSource, err)
	require.Zero(t, runs)

	require.Equal(t, []int{9}, collect(t, op.OrElse(rx.Empty[int](), other)))
	require.Equal(t, 1, runs)
}

func TestStartWithKeepsItsItems(t *testing.T) {
	items := []int{1, 2}
	src := op.StartWith(rx.From(3), items...)
	items[0] = 9
	require.Equal(t, []int{1, 2, 3}, collect(t, src))
}

func TestSelectingRefusesSenselessNumbers(t *testing.T) {
	require.PanicsWithValue(t, "operators.TakeLast: -1 items; the number must not be negative",
		func() { op.TakeLast(rx.From(1), -1) })
	require.PanicsWithValue(t, "operators.SkipLast: -2 items; the number must not be negative",
		func() { op.SkipLast(rx.From(1), -2) })
	require.PanicsWithValue(t, "operators.Distinct: 0 keys; it must remember at least 1",
		func() { op.Distinct(rx.From(1), 0, identity) })
}
