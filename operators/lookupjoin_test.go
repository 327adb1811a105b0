package operators_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// squares finds the squares of even numbers.
func squares(_ context.Context, keys []int) (map[int]int, error) {
	found := make(map[int]int)
	for _, k := range filtered(keys, isEven) {
		found[k] = k * k
	}
	return found, nil
}

func TestLookupJoinProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		items := rapid.SliceOfN(rapid.IntRange(0, 100), 0, 100).Draw(rt, "items")
		count := rapid.IntRange(1, 20).Draw(rt, "count")
		n := rapid.IntRange(1, 4).Draw(rt, "n")
		virtualtime.Test(t, func(t *testing.T) {
			lookup := func(ctx context.Context, keys []int) (map[int]int, error) {
				time.Sleep(time.Duration(100 - keys[0])) // later lookups overtake earlier ones
				require.NotEmpty(rt, keys)
				require.LessOrEqual(rt, len(keys), count)
				for i, k := range keys {
					require.False(rt, slices.Contains(keys[:i], k), "the keys are different")
				}
				return squares(ctx, keys)
			}
			var want []op.Match[int, int]
			for _, v := range items {
				looked := op.Match[int, int]{Item: v, Found: isEven(v % 7)}
				if looked.Found {
					looked.Value = (v % 7) * (v % 7)
				}
				want = append(want, looked)
			}
			got, err := op.LookupJoin(failing(errSource, items...), n, op.Limit{Count: count}, mod(7), lookup).Collect(t.Context())
			require.Equal(rt, errSource, err)
			require.Equal(rt, want, got)
		})
	})
}

func TestLookupJoinWaitsForABatchNoLongerThanAllowed(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		var lookups []time.Duration
		lookup := func(ctx context.Context, keys []int) (map[int]int, error) {
			lookups = append(lookups, at())
			return squares(ctx, keys)
		}
		limit := op.Limit{Count: 100, Within: 2500 * ms}
		require.Len(t, collect(t, op.LookupJoin(paced(6, time.Second), 1, limit, mod(7), lookup)), 6)
		require.Equal(t, []time.Duration{3500 * ms, 6 * time.Second}, lookups)
	})
}

func TestLookupJoinABatchThatFails(t *testing.T) {
	lookup := func(ctx context.Context, keys []int) (map[int]int, error) {
		if slices.Contains(keys, 3) {
			return nil, errOdd
		}
		return squares(ctx, keys)
	}
	items := func(looked []op.Match[int, int]) (items []int) {
		for _, l := range looked {
			items = append(items, l.Item)
		}
		return items
	}
	got, err := op.LookupJoin(rx.Range(0, 7), 2, op.Limit{Count: 2}, mod(10), lookup).Collect(t.Context())
	require.Equal(t, errOdd, err)
	require.Equal(t, []int{0, 1}, items(got))

	var dropped []int
	skip := func(_ context.Context, f *op.Failure[[]int]) op.Decision {
		dropped = f.Item
		return op.Resume
	}
	got = collect(t, op.LookupJoin(rx.Range(0, 7), 2, op.Limit{Count: 2}, mod(10), lookup, skip))
	require.Equal(t, []int{0, 1, 4, 5, 6}, items(got))
	require.Equal(t, []int{2, 3}, dropped)
}

func TestLookupJoinAPanicOfTheLookupReachesTheConsumer(t *testing.T) {
	require.PanicsWithError(t, errOdd.Error(), func() {
		defer unwrapPanic(t)
		lookup := func(context.Context, []int) (map[int]int, error) { panic(errOdd) }
		_, _ = op.LookupJoin(rx.From(1), 1, op.Limit{Count: 1}, mod(2), lookup).Collect(t.Context())
	})
}

func TestLookupJoinRefusesWhatMakesNoSense(t *testing.T) {
	src := rx.From(1)
	require.PanicsWithValue(t, "operators.LookupJoin: 0 lookups at a time; there must be at least 1", func() {
		op.LookupJoin(src, 0, op.Limit{Count: 1}, mod(2), squares)
	})
	require.PanicsWithValue(t, "operators.LookupJoin: items have no weight; set Count or Within", func() {
		op.LookupJoin(src, 1, op.Limit{Count: 1, Weight: 1}, mod(2), squares)
	})
}

func BenchmarkLookupJoin(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[op.Match[int, int]] {
		return op.LookupJoin(src, 4, op.Limit{Count: 100}, mod(50), squares)
	})
}
