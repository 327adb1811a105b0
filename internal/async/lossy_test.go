package async

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestLossyIsABoundedFIFOThatDropsAsItIsTold(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limit := rapid.IntRange(1, 5).Draw(rt, "limit")
		q := NewLossy[int](limit)
		var model []int
		next := 0
		item := func() int { next++; return next }
		rt.Repeat(map[string]func(*rapid.T){
			"Offer": func(rt *rapid.T) {
				v := item()
				fits := len(model) < limit
				require.Equal(rt, fits, q.Offer(v))
				if fits {
					model = append(model, v)
				}
			},
			"Force": func(rt *rapid.T) {
				v := item()
				dropped := 0
				if len(model) == limit {
					model, dropped = model[1:], 1
				}
				require.Equal(rt, dropped, q.Force(v))
				model = append(model, v)
			},
			"Reset": func(rt *rapid.T) {
				v := item()
				dropped := 0
				if len(model) == limit {
					model, dropped = nil, limit
				}
				require.Equal(rt, dropped, q.Reset(v))
				model = append(model, v)
			},
			"Next": func(rt *rapid.T) {
				if len(model) == 0 {
					rt.Skip("empty")
				}
				v, ok := q.Next(nil)
				require.True(rt, ok)
				require.Equal(rt, model[0], v)
				model = model[1:]
			},
		})
		q.Close(errTest)
		q.Close(nil)
		q.Offer(item()) // comes too late
		for _, want := range model {
			v, ok := q.Next(nil)
			require.True(rt, ok)
			require.Equal(rt, want, v)
		}
		_, ok := q.Next(nil)
		require.False(rt, ok)
		require.Equal(rt, errTest, q.End(context.Background()))
	})
}

func TestLossyWakesItsConsumer(t *testing.T) {
	for name, put := range map[string]func(q *Lossy[int], v int){
		"Offer": func(q *Lossy[int], v int) { q.Offer(v) },
		"Force": func(q *Lossy[int], v int) { q.Force(v) },
		"Reset": func(q *Lossy[int], v int) { q.Reset(v) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := NewLossy[int](2)
				var got []int
				go func() {
					for {
						v, ok := q.Next(t.Context().Done())
						if !ok {
							got = append(got, -1)
							return
						}
						got = append(got, v)
					}
				}()
				for i := range 3 {
					synctest.Wait()
					put(q, i)
				}
				synctest.Wait()
				require.Equal(t, []int{0, 1, 2}, got)
				q.Close(nil)
				synctest.Wait()
				require.Equal(t, []int{0, 1, 2, -1}, got)
			})
		})
	}
}

func TestTheEndOfTheContextOutranksALossyQueues(t *testing.T) {
	q := NewLossy[int](1)
	q.Offer(1)
	q.Close(errTest)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, ok := q.Next(ctx.Done())
	require.False(t, ok)
	require.Equal(t, context.Canceled, q.End(ctx))
}
