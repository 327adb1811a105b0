package operators_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func TestTakeNeverAsksForOneMore(t *testing.T) {
	for n := 1; n <= 5; n++ {
		// The source would fail right after its n-th item: whoever asks for more sees it.
		src := failing(errSource, make([]int, n)...)
		require.Len(t, collect(t, op.Take(src, n)), n)
	}
}

func TestTakeOfMoreThanThereIs(t *testing.T) {
	require.Equal(t, []int{1, 2}, collect(t, op.Take(rx.From(1, 2), 3)))
	got, err := op.Take(failing(errSource, 1, 2), 3).Collect(t.Context())
	require.ErrorIs(t, err, errSource)
	require.Equal(t, []int{1, 2}, got)
}

func TestTakeOfNothingDoesNotRunItsUpstream(t *testing.T) {
	var runs, yielded int
	require.Empty(t, collect(t, op.Take(counted(rx.From(1), &runs, &yielded), 0)))
	require.Zero(t, runs)

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errReason)
	_, err := op.Take(rx.From(1), 0).Collect(ctx)
	require.ErrorIs(t, err, errReason)
}

func TestTakeCountsEachRunAnew(t *testing.T) {
	src := op.Take(rx.Range(0, 10), 3)
	for range 3 {
		require.Equal(t, []int{0, 1, 2}, collect(t, src))
	}
}

func TestTakeWhileStopsAtTheFirstThatFails(t *testing.T) {
	var runs, yielded int
	src := counted(rx.From(2, 4, 5, 6), &runs, &yielded)
	require.Equal(t, []int{2, 4}, collect(t, op.TakeWhile(src, isEven)))
	require.Equal(t, 3, yielded)
}

func TestSkipWhileAsksNoMoreAfterTheFirstNo(t *testing.T) {
	var asked []int
	src := op.SkipWhile(rx.From(2, 4, 5, 6, 8), func(v int) bool {
		asked = append(asked, v)
		return v%2 == 0
	})
	require.Equal(t, []int{5, 6, 8}, collect(t, src))
	require.Equal(t, []int{2, 4, 5}, asked)
}

func TestNegativeNumbersPanicAtConstruction(t *testing.T) {
	require.PanicsWithValue(t, "operators.Take: -1 items; the number must not be negative",
		func() { op.Take(rx.From(1), -1) })
	require.PanicsWithValue(t, "operators.Skip: -2 items; the number must not be negative",
		func() { op.Skip(rx.From(1), -2) })
}
