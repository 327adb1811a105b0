package async

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
)

// through runs a window over the integers below n and yields every result.
func through(ctx context.Context, w *Window[int, int], n int, yield func(int) bool) error {
	return Run(ctx, func(g *Group) error { return w.Run(ctx, g, rx.Range(0, n), yield) })
}

func TestWindowProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limit := rapid.IntRange(1, 12).Draw(rt, "limit")
		ordered := rapid.Bool().Draw(rt, "ordered")
		items := rapid.IntRange(0, 60).Draw(rt, "items")
		seed := rapid.Uint64().Draw(rt, "seed")
		virtualtime.Test(t, func(t *testing.T) {
			var underWay atomic.Int32
			w := NewWindow(limit, ordered, func(_ context.Context, c *Call[int, int]) {
				require.LessOrEqual(rt, int(underWay.Add(1)), limit)
				pause(rand.New(rand.NewPCG(seed, uint64(c.Item))))
				underWay.Add(-1)
				c.Result, c.OK = c.Item, c.Item%7 != 0
			})
			want := []int{}
			for i := range items {
				if i%7 != 0 {
					want = append(want, i)
				}
			}
			got := []int{}
			random := rand.New(rand.NewPCG(seed, 1000))
			require.NoError(rt, through(t.Context(), w, items, func(v int) bool {
				pause(random)
				got = append(got, v)
				require.LessOrEqual(rt, w.held(), limit)
				return true
			}))
			if ordered {
				require.Equal(rt, want, got)
			} else {
				require.ElementsMatch(rt, want, got)
			}
		})
	})
}

// held is what the window has of every kind that takes space.
func (w *Window[T, U]) held() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return max(w.places, w.places+len(w.free), w.out.size, w.todo.size, w.workers)
}

func TestASlowHeadMakesNothingGrow(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var begun atomic.Int32
		w := NewWindow(5, true, func(_ context.Context, c *Call[int, int]) {
			begun.Add(1)
			if c.Item == 0 {
				time.Sleep(time.Hour)
			}
			c.OK = true
		})
		go func() {
			time.Sleep(time.Minute)
			require.EqualValues(t, 5, begun.Load())
			require.LessOrEqual(t, w.held(), 5)
		}()
		require.NoError(t, through(t.Context(), w, 1000, func(int) bool { return true }))
		require.EqualValues(t, 1000, begun.Load())
	})
}

func TestQuickCallsNeedFewWorkers(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		w := NewWindow(100, true, func(_ context.Context, c *Call[int, int]) { c.OK = true })
		src := rx.Observable[int](func(_ context.Context, yield func(int) bool) error {
			for i := range 50 {
				time.Sleep(time.Second)
				yield(i)
			}
			return nil
		})
		err := Run(t.Context(), func(g *Group) error {
			return w.Run(t.Context(), g, src, func(int) bool { return true })
		})
		require.NoError(t, err)
		require.Equal(t, 1, w.workers)
	})
}

func TestNoCallBeginsAfterOneHasFailed(t *testing.T) {
	for _, ordered := range []bool{true, false} {
		virtualtime.Test(t, func(t *testing.T) {
			var begun atomic.Int32
			w := NewWindow(3, ordered, func(_ context.Context, c *Call[int, int]) {
				begun.Add(1)
				if c.Item == 2 {
					c.Err = errTest
					return
				}
				time.Sleep(time.Second)
				c.OK = true
			})
			err := through(t.Context(), w, 1000, func(int) bool {
				time.Sleep(time.Minute)
				return true
			})
			require.Equal(t, errTest, err)
			require.EqualValues(t, 3, begun.Load())
		})
	}
}
