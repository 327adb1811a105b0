package operators_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func TestBufferSizes(t *testing.T) {
	tests := []struct {
		items, n int
		want     [][]int
	}{
		{0, 3, nil},
		{1, 3, [][]int{{0}}},
		{3, 3, [][]int{{0, 1, 2}}},
		{4, 3, [][]int{{0, 1, 2}, {3}}},
		{6, 3, [][]int{{0, 1, 2}, {3, 4, 5}}},
		{3, 1, [][]int{{0}, {1}, {2}}},
		{2, 1 << 40, [][]int{{0, 1}}}, // allocates for the items, not for n
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, collect(t, op.Buffer(rx.Range(0, tt.items), tt.n)), "%d items by %d", tt.items, tt.n)
	}
}

func TestBufferGivesItsSlicesAway(t *testing.T) {
	var kept [][]int
	err := op.Buffer(rx.Range(0, 1000), 100).ForEach(t.Context(), func(batch []int) error {
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

func TestBufferEmitsWhatItHoldsBeforeAnError(t *testing.T) {
	got, err := op.Buffer(failing(errSource, 1, 2, 3, 4, 5), 3).Collect(t.Context())
	require.Equal(t, [][]int{{1, 2, 3}, {4, 5}}, got)
	require.Equal(t, errSource, err)

	got, err = op.Buffer(failing(errSource, 1, 2, 3), 3).Collect(t.Context())
	require.Equal(t, [][]int{{1, 2, 3}}, got)
	require.Equal(t, errSource, err)
}

func TestBufferRemembersThatTheConsumerStopped(t *testing.T) {
	leave(t, op.Buffer(rude(errSource, 1, 2, 3, 4), 2), 1)
	leave(t, op.Buffer(failing(errSource, 1, 2, 3), 2), 2) // at the flush, which outlives the error
}

func TestBufferDropsWhatItHoldsOnCancel(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	src := func(_ context.Context, yield func(int) bool) error {
		yield(1)
		cancel(errReason)
		return nil // a source that does not look
	}
	got, err := op.Buffer(src, 2).Collect(ctx)
	require.Empty(t, got)
	require.ErrorIs(t, err, errReason)
	require.ErrorIs(t, err, context.Canceled)
}

func TestBufferRefusesSizesBelowOne(t *testing.T) {
	require.PanicsWithValue(t, "operators.Buffer: size 0; a buffer must hold at least 1 item",
		func() { op.Buffer(rx.From(1), 0) })
}
