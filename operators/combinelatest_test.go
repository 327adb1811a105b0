package operators_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func TestCombineLatestEmitsWheneverOneOfTheTwoDoes(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		a := paced(4, 2*time.Second)                                                           // 0 at 2 s, 1 at 4 s, 2 at 6 s, 3 at 8 s
		b := op.Concat(delayed(rx.From(7)), paced(1, 5*time.Second), delayed(rx.Empty[int]())) // 7 at 1 ms, 0 at 5 s
		at := clock()
		var got []any
		require.NoError(t, op.CombineLatest(a, b, pairOf).ForEach(t.Context(), func(v [2]int) error {
			got = append(got, at().Round(time.Second), v)
			return nil
		}))
		s := time.Second
		require.Equal(t, []any{
			2 * s, [2]int{0, 7}, 4 * s, [2]int{1, 7}, 5 * s, [2]int{1, 0}, 6 * s, [2]int{2, 0}, 8 * s, [2]int{3, 0},
		}, got)
		require.Equal(t, 8*s, at())
	})
}

func TestCombineLatestCompletesAtOnceWhenNothingCanCome(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		canceled := false
		at := clock()
		require.Empty(t, collect(t, op.CombineLatest(delayed(rx.Empty[int]()), op.Concat(rx.Range(0, 1000), ending(&canceled)), pairOf)))
		require.True(t, canceled)
		require.Equal(t, time.Millisecond, at())
	})
}

func TestCombineLatestAnErrorComesAfterTheItemsBeforeIt(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		canceled := false
		got, err := op.CombineLatest(op.Concat(rx.From(1), ending(&canceled)), delayed(failing(errSource, 7, 8)), pairOf).Collect(t.Context())
		require.Equal(t, errSource, err)
		require.Equal(t, [][2]int{{1, 7}, {1, 8}}, got)
		require.True(t, canceled)
	})
}

func TestCombineLatestASlowConsumerMissesNothing(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		next := 0
		require.NoError(t, op.CombineLatest(rx.From(7), delayed(rx.Range(0, 500)), pairOf).ForEach(t.Context(), func(v [2]int) error {
			require.Equal(t, [2]int{7, next}, v)
			next++
			time.Sleep(time.Second)
			return nil
		}))
		require.Equal(t, 500, next)
	})
}

func BenchmarkCombineLatest(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.CombineLatest(rx.From(1), src, add) })
}
