package operators_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func TestReduceByKeyProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		items := rapid.SliceOfN(rapid.IntRange(0, 100), 0, 200).Draw(rt, "items")
		keys := rapid.IntRange(1, 10).Draw(rt, "keys")
		init := func() []int { return nil }
		stream := op.ReduceByKey(rx.From(items...), keys, mod(keys), init, func(of []int, v int) []int { return append(of, v) })
		var order []int
		for _, v := range items {
			if k := v % keys; !slices.Contains(order, k) {
				order = append(order, k)
			}
		}
		of := byKey(items, keys)
		for range 2 {
			got, err := stream.Collect(t.Context())
			require.NoError(rt, err)
			require.Len(rt, got, len(order))
			for i, total := range got {
				require.Equal(rt, op.KeyValue[int, []int]{Key: order[i], Value: of[order[i]]}, total)
			}
		}
	})
}

func TestReduceByKeyTooManyKeys(t *testing.T) {
	runs, yielded := 0, 0
	got, err := op.ReduceByKey(counted(rx.From(1, 2, 1, 3, 4), &runs, &yielded), 2, mod(10), zero, add).Collect(t.Context())
	require.ErrorIs(t, err, op.ErrTooManyKeys)
	require.EqualError(t, err, "operators.ReduceByKey: one key more than 2: the stream has more keys than allowed")
	require.Empty(t, got)
	require.Equal(t, 4, yielded)
	require.PanicsWithValue(t, "operators.ReduceByKey: 0 keys; it must be allowed to hold at least 1", func() {
		op.ReduceByKey(rx.From(1), 0, mod(2), zero, add)
	})
}

func BenchmarkReduceByKey(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[op.KeyValue[int, int]] {
		return op.ReduceByKey(src, 1000, mod(1000), zero, add)
	})
}
