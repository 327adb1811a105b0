package operators_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func TestSplitGivesItsSlicesAway(t *testing.T) {
	var kept [][]int
	tens := op.BufferAdjacent(rx.Range(0, 1000), 7, func(v int) int { return v / 10 })
	err := tens.ForEach(t.Context(), func(batch []int) error {
		kept = append(kept, append(batch, -1)[:len(batch)]) // appending must not reach into the next
		return nil
	})
	require.NoError(t, err)
	next := 0
	for _, batch := range kept {
		for _, v := range batch {
			require.Equal(t, next, v)
			next++
		}
	}
	require.Equal(t, 1000, next)
}

func TestSplitAsksOnceAboutEachItem(t *testing.T) {
	var asked []int
	ask := func(v int) bool { asked = append(asked, v); return isOdd(v) }
	require.Equal(t, [][]int{{0}, {1, 2}, {3, 4}}, collect(t, op.SplitWhen(rx.Range(0, 5), 9, ask)))
	require.Equal(t, [][]int{{0, 1}, {2, 3}, {4}}, collect(t, op.SplitAfter(rx.Range(0, 5), 9, ask)))
	require.Equal(t, []int{0, 1, 2, 3, 4, 0, 1, 2, 3, 4}, asked)
}

func TestSplitByKeysThatDoNotEqualThemselves(t *testing.T) {
	nan := math.NaN()
	require.Len(t, collect(t, op.BufferAdjacent(rx.From(1, 1, nan, nan), 9, func(v float64) float64 { return v })), 3)
}

func TestSplitRefusesSizesBelowOne(t *testing.T) {
	src := rx.From(1)
	require.PanicsWithValue(t, "operators.BufferAdjacent: at most 0 items; a slice must hold at least 1",
		func() { op.BufferAdjacent(src, 0, identity) })
	require.PanicsWithValue(t, "operators.SplitWhen: at most 0 items; a slice must hold at least 1",
		func() { op.SplitWhen(src, 0, always) })
	require.PanicsWithValue(t, "operators.SplitAfter: at most -1 items; a slice must hold at least 1",
		func() { op.SplitAfter(src, -1, always) })
}
