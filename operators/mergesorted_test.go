package operators_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func TestMergeSortedIsAStableSort(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		type item struct{ key, stream, at int }
		byKey := func(a, b item) int { return cmp.Compare(a.key, b.key) }
		var (
			srcs []rx.Observable[item]
			want = []item{}
		)
		for s := range rapid.IntRange(0, 9).Draw(rt, "streams") {
			keys := rapid.SliceOfN(rapid.IntRange(0, 20), 0, 150).Draw(rt, "keys")
			slices.Sort(keys)
			var items []item
			for i, key := range keys {
				items = append(items, item{key, s, i})
			}
			srcs = append(srcs, rx.From(items...))
			want = append(want, items...)
		}
		slices.SortStableFunc(want, byKey)
		got, err := op.MergeSorted(byKey, srcs...).Collect(t.Context())
		require.NoError(rt, err)
		require.Equal(rt, want, append([]item{}, got...))
	})
}

func TestMergeSortedTellsWhichStreamIsNotSortedAndWhere(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		canceled := false
		got, err := op.MergeSorted(cmp.Compare[int], rx.From(1, 4), op.Concat(rx.From(2, 3, 3, 1), ending(&canceled))).Collect(t.Context())
		require.ErrorIs(t, err, op.ErrUnsorted)
		require.EqualError(t, err, "operators.MergeSorted: srcs[1]: item 4, counted from 1, belongs before item 3: the stream is not sorted")
		require.Equal(t, []int{1, 2, 3, 3}, got, "what came before is in order")
		require.True(t, canceled)
	})
}

func TestMergeSortedAFailureBeforeTheFirstItemIsToldAtOnce(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		canceled := false
		_, err := op.MergeSorted(cmp.Compare[int], ending(&canceled), rx.From(1), rx.Fail[int](errSource)).Collect(t.Context())
		require.Equal(t, errSource, err)
		require.True(t, canceled)
	})
}

func TestMergeSortedAPanicInCompareIsOnTheRunsGoroutine(t *testing.T) {
	require.PanicsWithValue(t, errOdd, func() {
		_, _ = op.MergeSorted(func(int, int) int { panic(errOdd) }, rx.From(1), rx.From(2)).Collect(t.Context())
	})
}

func BenchmarkMergeSorted(b *testing.B) {
	for _, n := range []int{2, 16} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			run(b, func(rx.Observable[int]) rx.Observable[int] {
				srcs := make([]rx.Observable[int], n)
				for i := range srcs {
					srcs[i] = rx.Range(i, 1<<40)
				}
				return op.Take(op.MergeSorted(cmp.Compare[int], srcs...), b.N)
			})
		})
	}
}
