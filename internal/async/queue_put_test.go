package async

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
)

func TestPutDoesNotWaitForMoreSpaceThanItNeeds(t *testing.T) {
	q := NewQueue[int](2)
	require.True(t, q.Put(nil, 1))
	require.True(t, q.Put(nil, 2)) // Push would wait now
	done := make(chan struct{})
	close(done)
	require.False(t, q.Put(done, 3))
	q.Close(nil)
	require.False(t, q.Put(nil, 4))
	require.Equal(t, []int{1, 2}, drain(q))
}

func TestOfferNeverWaits(t *testing.T) {
	q := NewQueue[int](2)
	require.Equal(t, Taken, q.Offer(1))
	require.Equal(t, Taken, q.Offer(2))
	require.Equal(t, Full, q.Offer(3))
	v, _ := q.Next(nil)
	require.Equal(t, 1, v)
	require.Equal(t, Taken, q.Offer(4))
	require.Equal(t, Full, q.Offer(5))
	q.Close(nil)
	require.Equal(t, Gone, q.Offer(6))
	require.Equal(t, []int{2, 4}, drain(q))
}

func TestOfferWakesTheConsumer(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		q := NewQueue[int](2)
		var got []int
		go func() {
			for v, ok := q.Next(nil); ok; v, ok = q.Next(nil) {
				got = append(got, v)
			}
		}()
		for i := range 3 {
			synctest.Wait()
			require.Equal(t, Taken, q.Offer(i))
		}
		synctest.Wait()
		require.Equal(t, []int{0, 1, 2}, got)
		q.Close(nil)
	})
}

func TestPutTellsExactlyWhatIsInTheQueue(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		q := NewQueue[int](3)
		in := make(chan int)
		go func() {
			n := 0
			for q.Put(nil, n) {
				n++
			}
			in <- n
		}()
		for range 5 {
			_, ok := q.Next(nil)
			require.True(t, ok)
		}
		synctest.Wait()
		q.Close(nil)
		require.Len(t, drain(q), <-in-5)
	})
}

func TestQueuesThatAreStartedTogetherTellOfAnyItem(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		after := func(d time.Duration) rx.Observable[time.Time] { return rx.Timer(d) }
		start := time.Now()
		err := Run(t.Context(), func(g *Group) error {
			queues := StartAll(g, []rx.Observable[time.Time]{after(3), rx.Never[time.Time](), after(1), after(2)}, 1)
			for range 3 {
				for found := false; !found; {
					for _, q := range queues {
						if at, state := q.Poll(); state == Item {
							require.Equal(t, time.Since(start), at.Sub(start), "found when it came")
							found = true
						}
					}
					if !found {
						<-queues[1].Ready()
					}
				}
			}
			return nil
		})
		require.NoError(t, err)
		require.EqualValues(t, 3, time.Since(start))
	})
}
