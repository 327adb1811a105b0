package operators_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// joinInts joins streams of integers that are their own keys.
func joinInts(left, right rx.Observable[int], kind op.Join, max int) rx.Observable[op.Joined[int, int]] {
	id := func(v int) int { return v }
	return op.JoinSorted(left, right, kind, max, id, id, cmp.Compare[int])
}

func TestJoinSortedFindsWhatLookingAtEveryPairDoes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(name string) []int {
			items := rapid.SliceOfN(rapid.IntRange(0, 40), 0, 200).Draw(rt, name)
			slices.Sort(items)
			return items
		}
		left, right := draw("left"), draw("right")
		for _, kind := range []op.Join{op.InnerJoin, op.LeftJoin, op.FullJoin} {
			got, err := joinInts(rx.From(left...), rx.From(right...), kind, 200).Collect(t.Context())
			require.NoError(rt, err)
			require.Equal(rt, nestedLoopJoin(kind, left, right), got)
		}
	})
}

func TestJoinSortedFailsWhereItWouldHaveToHoldMoreThanItMay(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(name string) (items []int, count [10]int) {
			for _, v := range rapid.SliceOfN(rapid.IntRange(0, 9), 0, 30).Draw(rt, name) {
				count[v]++
			}
			for v, n := range count {
				items = append(items, slices.Repeat([]int{v}, n)...)
			}
			return items, count
		}
		left, lefts := draw("left")
		right, rights := draw("right")
		max := rapid.IntRange(1, 5).Draw(rt, "max")
		tooMany := -1
		for v := range lefts {
			if tooMany < 0 && lefts[v] > 1 && rights[v] > max {
				tooMany = v
			}
		}
		want := nestedLoopJoin(op.FullJoin, left, right)
		got, err := joinInts(rx.From(left...), rx.From(right...), op.FullJoin, max).Collect(t.Context())
		if tooMany < 0 {
			require.NoError(rt, err)
			require.Equal(rt, want, got)
			return
		}
		require.ErrorIs(rt, err, op.ErrTooManyItems)
		before := slices.IndexFunc(want, func(j op.Joined[int, int]) bool { return j.HasLeft && j.Left == tooMany })
		require.Equal(rt, want[:before+rights[tooMany]], got, "all before the second of the left")
	})
}

func TestJoinSortedThePairsOfAKeyComeInTheOrderOfTheLeftAndThenOfTheRight(t *testing.T) {
	type row struct{ key, n int }
	rows := rx.From(row{1, 1}, row{1, 2}, row{2, 3})
	key := func(r row) int { return r.key }
	got := collect(t, op.JoinSorted(rows, rows, op.InnerJoin, 2, key, key, cmp.Compare[int]))
	var pairs [][2]int
	for _, j := range got {
		pairs = append(pairs, [2]int{j.Left.n, j.Right.n})
	}
	require.Equal(t, [][2]int{{1, 1}, {1, 2}, {2, 1}, {2, 2}, {3, 3}}, pairs)
}

func TestJoinSortedHoldsOnlySoManyItems(t *testing.T) {
	const key = 7
	many := func(n int) rx.Observable[int] { return rx.From(slices.Repeat([]int{key}, n)...) }

	require.Len(t, collect(t, joinInts(many(5), many(3), op.FullJoin, 3)), 15)
	require.Len(t, collect(t, joinInts(many(1), many(1000), op.FullJoin, 3)), 1000, "one of the left may be joined by any number")
	require.Len(t, collect(t, joinInts(many(1000), many(1), op.FullJoin, 3)), 1000)
	one := op.Concat(many(1), rx.From(8))
	require.Len(t, collect(t, joinInts(one, many(1000), op.LeftJoin, 3)), 1001)

	got, err := joinInts(many(2), many(4), op.InnerJoin, 3).Collect(t.Context())
	require.ErrorIs(t, err, op.ErrTooManyItems)
	require.ErrorContains(t, err, "operators.JoinSorted: item 2 of the left stream and the one before it have the same key, and more than 3 items of the right one have it")
	require.Len(t, got, 4)
}

func TestJoinSortedAPairDoesNotWaitForWhatComesAfterIt(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		left := op.Concat(rx.From(0), op.Map(rx.Timer(time.Hour), func(time.Time) int { return 1 }))
		n := 0
		for _, err := range joinInts(left, rx.From(0, 0, 0, 0), op.InnerJoin, 2).All(t.Context()) {
			require.NoError(t, err)
			require.Zero(t, at())
			n++
		}
		require.Equal(t, 4, n)
	})
}

func TestJoinSortedTellsWhichStreamIsNotSortedAndWhere(t *testing.T) {
	_, err := joinInts(rx.From(1, 2, 3), rx.From(2, 2, 1, 5), op.InnerJoin, 3).Collect(t.Context())
	require.ErrorIs(t, err, op.ErrUnsorted)
	require.ErrorContains(t, err, "operators.JoinSorted: right: item 3, counted from 1, belongs before item 2")
	_, err = joinInts(rx.From(2, 1), rx.From(2), op.LeftJoin, 3).Collect(t.Context())
	require.ErrorIs(t, err, op.ErrUnsorted)
	require.ErrorContains(t, err, "operators.JoinSorted: left: item 2")
}

func TestJoinSortedAFailureAmidTheItemsOfAKeyIsNotLost(t *testing.T) {
	for _, kind := range []op.Join{op.InnerJoin, op.LeftJoin, op.FullJoin} {
		got, err := joinInts(rx.From(1, 2), failing(errSource, 2), kind, 3).Collect(t.Context())
		require.Equal(t, errSource, err, "there may have been another 2")
		require.Equal(t, nestedLoopJoin(kind, []int{1, 2}, []int{2}), got)
	}
}

func TestJoinSortedDoesNotReadWhatItDoesNotNeed(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			kind        op.Join
			left, right bool // is without end
		}{{op.InnerJoin, true, false}, {op.InnerJoin, false, true}, {op.LeftJoin, false, true}} {
			canceled := false
			left, right := rx.From(1), rx.From(1)
			if test.left {
				left = op.Concat(rx.From(1, 2), ending(&canceled))
			}
			if test.right {
				right = op.Concat(rx.From(1, 2), ending(&canceled))
			}
			require.Len(t, collect(t, joinInts(left, right, test.kind, 3)), 1)
			require.True(t, canceled)
		}
	})
}

func TestJoinSortedRefusesWhatMakesNoSense(t *testing.T) {
	require.PanicsWithValue(t, "operators.JoinSorted: Join(3) is no kind of join", func() { joinInts(rx.From(1), rx.From(1), 3, 1) })
	require.PanicsWithValue(t, "operators.JoinSorted: 0 items; it must be allowed to hold at least 1", func() {
		joinInts(rx.From(1), rx.From(1), op.InnerJoin, 0)
	})
}

func BenchmarkJoinSorted(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[op.Joined[int, int]] {
		return joinInts(src, rx.Range(0, 1<<40), op.InnerJoin, 10)
	})
}
