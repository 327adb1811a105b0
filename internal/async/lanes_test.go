package async

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
)

type keyedCall = Call[Keyed[int, int], int]

// throughLanes runs a window over items, which are their own keys modulo keys.
func throughLanes(
	ctx context.Context, w *Window[Keyed[int, int], int], items rx.Observable[int], keys int, yield func(int) bool,
) error {
	src := func(ctx context.Context, yield func(Keyed[int, int]) bool) error {
		return items(ctx, func(v int) bool { return yield(Keyed[int, int]{v % keys, v}) })
	}
	return Run(ctx, func(g *Group) error { return w.Run(ctx, g, src, yield) })
}

func TestLanesProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limit := rapid.IntRange(1, 12).Draw(rt, "limit")
		perKey := rapid.IntRange(1, 4).Draw(rt, "perKey")
		keys := rapid.IntRange(1, 5).Draw(rt, "keys")
		items := rapid.IntRange(0, 60).Draw(rt, "items")
		seed := rapid.Uint64().Draw(rt, "seed")
		virtualtime.Test(t, func(t *testing.T) {
			var (
				mu    sync.Mutex
				all   int
				busy  = map[int]int{}
				begun = map[int]int{}
			)
			w := NewKeyedWindow(limit, perKey, func(_ context.Context, c *keyedCall) {
				key := c.Item.Key
				mu.Lock()
				all++
				busy[key]++
				require.LessOrEqual(rt, all, limit)
				require.LessOrEqual(rt, busy[key], perKey)
				if perKey == 1 {
					require.Equal(rt, begun[key]*keys+key, c.Item.Item, "begun in the order of the items")
				}
				begun[key]++
				mu.Unlock()
				pause(rand.New(rand.NewPCG(seed, uint64(c.Item.Item))))
				mu.Lock()
				all--
				busy[key]--
				mu.Unlock()
				c.Result, c.OK = c.Item.Item, true
			})
			got, next := 0, map[int]int{}
			random := rand.New(rand.NewPCG(seed, 1000))
			require.NoError(rt, throughLanes(t.Context(), w, rx.Range(0, items), keys, func(v int) bool {
				pause(random)
				require.Equal(rt, next[v%keys]*keys+v%keys, v, "delivered in the order of the items of a key")
				next[v%keys]++
				got++
				require.LessOrEqual(rt, w.held(), limit)
				return true
			}))
			require.Equal(rt, items, got)
			o := w.order.(*lanes[int, int, int])
			require.Empty(rt, o.byKey)
			require.LessOrEqual(rt, len(o.free), min(keys, limit))
		})
	})
}

func TestLanesASlowKeyHoldsUpNoOther(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		w := NewKeyedWindow(4, 1, func(_ context.Context, c *keyedCall) {
			if c.Item.Item == 0 {
				time.Sleep(time.Hour)
			}
			c.Result, c.OK = c.Item.Item, true
		})
		start := time.Now()
		var early []int
		require.NoError(t, throughLanes(t.Context(), w, rx.Range(0, 9), 5, func(v int) bool {
			if time.Since(start) == 0 {
				early = append(early, v)
			}
			return true
		}))
		require.ElementsMatch(t, []int{1, 2, 3, 4, 6, 7, 8}, early, "all but those of key 0, which are 0 and 5")
	})
}

func TestLanesAFailureComesAfterTheEarlierResultsOfItsKey(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		w := NewKeyedWindow(10, 2, func(_ context.Context, c *keyedCall) {
			switch c.Item.Item {
			case 0:
				time.Sleep(time.Second)
				c.OK = true
			case 2:
				c.Err = errTest
			default:
				require.Equal(t, 1, c.Item.Item, "no call begins after one has failed")
				c.Result, c.OK = 1, true
			}
		})
		var got []int
		src := func(_ context.Context, yield func(int) bool) error {
			for v := 0; yield(v); v++ {
				synctest.Wait()
			}
			return nil
		}
		err := throughLanes(t.Context(), w, src, 2, func(v int) bool {
			got = append(got, v)
			return true
		})
		require.Equal(t, errTest, err)
		require.Equal(t, []int{1, 0}, got)
	})
}

func TestLanesAKeyThatDoesNotEqualItself(t *testing.T) {
	w := NewKeyedWindow(3, 1, func(_ context.Context, c *Call[Keyed[float64, int], int]) { c.OK = true })
	src := rx.From(make([]Keyed[float64, int], 100)...)
	nan := func(ctx context.Context, yield func(Keyed[float64, int]) bool) error {
		return src(ctx, func(v Keyed[float64, int]) bool {
			v.Key = math.NaN()
			return yield(v)
		})
	}
	got := 0
	require.NoError(t, Run(t.Context(), func(g *Group) error {
		return w.Run(t.Context(), g, nan, func(int) bool { got++; return true })
	}))
	require.Equal(t, 100, got)
	require.Empty(t, w.order.(*lanes[float64, int, int]).byKey)
}

func TestLanesAKeyThatCannotBeHashedIsAPanicAndNoHang(t *testing.T) {
	w := NewKeyedWindow(3, 1, func(_ context.Context, c *Call[Keyed[any, int], int]) { c.OK = true })
	src := rx.From(Keyed[any, int]{Key: 1}, Keyed[any, int]{Key: []int{}})
	defer func() { require.IsType(t, &rx.PanicError{}, recover()) }()
	_ = Run(t.Context(), func(g *Group) error {
		return w.Run(t.Context(), g, src, func(int) bool { return true })
	})
	t.Fatal("no panic")
}
