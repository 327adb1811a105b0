package async

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
)

func TestLossyIsABoundedFIFOThatDropsAsItIsTold(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limit := rapid.IntRange(1, 5).Draw(rt, "limit")
		drop := rapid.SampledFrom([]Drop{DropNothing, DropOldest, DropNewest, DropAll}).Draw(rt, "drop")
		var dropped atomic.Int64
		q := NewLossy[int](limit, drop, &dropped)
		var model []int
		next, lost := 0, 0
		rt.Repeat(map[string]func(*rapid.T){
			"Offer": func(rt *rapid.T) {
				next++
				want := Taken
				switch {
				case len(model) < limit:
					model = append(model, next)
				case drop == DropNothing:
					want = Full
				case drop == DropOldest:
					model = append(model[1:], next)
					lost++
				case drop == DropNewest:
					lost++
				default:
					model = []int{next}
					lost += limit
				}
				require.Equal(rt, want, q.Offer(next))
				require.EqualValues(rt, lost, dropped.Load())
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
		require.Equal(rt, Gone, q.Offer(-1), "comes too late, be the queue full or not")
		require.EqualValues(rt, lost, dropped.Load())
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
	for _, drop := range []Drop{DropNothing, DropOldest, DropNewest, DropAll} {
		t.Run(fmt.Sprint(drop), func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				q := NewLossy[int](2, drop, new(atomic.Int64))
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
					q.Offer(i)
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
	q := NewLossy[int](1, DropNothing, nil)
	q.Offer(1)
	q.Close(errTest)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, ok := q.Next(ctx.Done())
	require.False(t, ok)
	require.Equal(t, context.Canceled, q.End(ctx))
}
