package operators_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func mod(n int) func(int) int { return func(v int) int { return v % n } }

func TestMapAsyncPartitionedProperties(t *testing.T) {
	for _, n := range []int{1, 2, 5, 100} {
		for _, perKey := range slices.Compact([]int{1, min(n, 2), n}) {
			t.Run(fmt.Sprintf("n=%d,perKey=%d", n, perKey), func(t *testing.T) {
				rapid.Check(t, func(rt *rapid.T) {
					items := rapid.SliceOfN(rapid.IntRange(0, 50), 0, 60).Draw(rt, "items")
					keys := rapid.IntRange(1, 7).Draw(rt, "keys")
					seed := rapid.Uint64().Draw(rt, "seed")
					virtualtime.Test(t, func(t *testing.T) {
						var (
							mu    sync.Mutex
							calls int
							busy  = map[int]int{}
						)
						f := func(_ context.Context, v int) (int, error) {
							mu.Lock()
							calls++
							busy[v%keys]++
							require.LessOrEqual(rt, calls, n)
							require.LessOrEqual(rt, busy[v%keys], perKey)
							mu.Unlock()
							time.Sleep(time.Duration(rand.New(rand.NewPCG(seed, uint64(v))).IntN(5)))
							mu.Lock()
							calls--
							busy[v%keys]--
							mu.Unlock()
							if v%11 == 3 {
								return 0, errOdd
							}
							return v, nil
						}
						want := byKey(filtered(items, func(v int) bool { return v%11 != 3 }), keys)
						got, err := op.MapAsyncPartitioned(failing(errSource, items...), n, perKey, mod(keys), f, resume).Collect(t.Context())
						require.Equal(rt, errSource, err)
						require.Equal(rt, want, byKey(got, keys))
					})
				})
			})
		}
	}
}

// byKey are the items of each key in their order.
func byKey(items []int, keys int) [][]int {
	out := make([][]int, keys)
	for _, v := range items {
		out[v%keys] = append(out[v%keys], v)
	}
	return out
}

func TestMapAsyncPartitionedASlowKeyHoldsUpNoOtherUntilItFillsThePlaces(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		f := func(_ context.Context, v int) (int, error) {
			if v%10 == 0 {
				time.Sleep(time.Hour)
			}
			return v, nil
		}
		early := 0
		// 0, 10 and 20 have places, one busy and two waiting, and 30 does not come in.
		require.NoError(t, op.MapAsyncPartitioned(rx.Range(0, 40), 4, 1, mod(10), f).ForEach(t.Context(), func(v int) error {
			if at() == 0 {
				early++
				require.NotZero(t, v%10)
			}
			return nil
		}))
		require.Equal(t, 27, early)
		require.Equal(t, 4*time.Hour, at(), "one call of the slow key at a time")
	})
}

func TestMapAsyncPartitionedAnErrorComesAfterTheEarlierResultsOfItsKey(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		f := func(ctx context.Context, v int) (int, error) {
			switch v {
			case 0, 2: // of the key of the item that fails, and later than that
				time.Sleep(time.Second)
			case 4:
				return 0, errSource
			case 6:
				t.Error("no call begins after the failure was seen")
			default:
				<-ctx.Done()
				return 0, ctx.Err()
			}
			return v, nil
		}
		got, err := op.MapAsyncPartitioned(rx.Range(0, 8), 10, 3, mod(2), f).Collect(t.Context())
		require.Equal(t, errSource, err)
		require.Equal(t, []int{0, 2}, got)
	})
}

func TestMapAsyncPartitionedAnItemThatIsTriedAgainHoldsUpThoseOfItsKey(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		failed := 0
		f := func(_ context.Context, v int) (int, error) {
			if v == 0 && failed < 3 {
				failed++
				return 0, errSource
			}
			return v, nil
		}
		again := func(context.Context, *op.Failure[int]) op.Decision {
			time.Sleep(time.Minute)
			return op.Again
		}
		require.Equal(t, []int{1, 3, 0, 2}, collect(t, op.MapAsyncPartitioned(rx.Range(0, 4), 4, 1, mod(2), f, again)))
	})
}

func TestMapAsyncPartitionedAPanicOfTheKeyFunctionReachesTheConsumer(t *testing.T) {
	require.PanicsWithError(t, errOdd.Error(), func() {
		defer unwrapPanic(t)
		key := func(int) int { panic(errOdd) }
		_, _ = op.MapAsyncPartitioned(rx.From(1), 2, 1, key, tryDouble).Collect(t.Context())
	})
	require.PanicsWithError(t, errOdd.Error(), func() {
		defer unwrapPanic(t)
		f := func(context.Context, int) (int, error) { panic(errOdd) }
		_, _ = op.MapAsyncPartitioned(rx.From(1), 2, 1, mod(2), f).Collect(t.Context())
	})
}

func TestMapAsyncPartitionedRefusesNumbersBelowOne(t *testing.T) {
	require.PanicsWithValue(t, "operators.MapAsyncPartitioned: 0 calls at a time; there must be at least 1", func() {
		op.MapAsyncPartitioned(rx.From(1), 0, 1, mod(2), tryDouble)
	})
	require.PanicsWithValue(t, "operators.MapAsyncPartitioned: 3 calls at a time of one key, of 2 in all", func() {
		op.MapAsyncPartitioned(rx.From(1), 2, 3, mod(2), tryDouble)
	})
	require.PanicsWithValue(t, "operators.MapAsyncPartitioned: -1 calls at a time of one key; there must be at least 1", func() {
		op.MapAsyncPartitioned(rx.From(1), 1, -1, mod(2), tryDouble)
	})
}

func BenchmarkMapAsyncPartitioned(b *testing.B) {
	for _, n := range []int{1, 8, 64} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			run(b, func(src rx.Observable[int]) rx.Observable[int] {
				return op.MapAsyncPartitioned(src, n, 1, mod(1000), tryDouble)
			})
		})
	}
}
