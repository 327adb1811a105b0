package async

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
)

// drain takes items until the queue is closed.
func drain[T any](q *Queue[T]) []T {
	var got []T
	for {
		v, ok := q.Next(nil)
		if !ok {
			return got
		}
		got = append(got, v)
	}
}

func TestPollTellsWhatThereIs(t *testing.T) {
	q := NewQueue[int](4)
	_, state := q.Poll()
	require.Equal(t, Empty, state)

	require.True(t, q.Push(nil, 1))
	<-q.Ready()
	require.True(t, q.Push(nil, 2))
	for _, want := range []int{1, 2} {
		v, state := q.Poll()
		require.Equal(t, Item, state)
		require.Equal(t, want, v)
	}
	_, state = q.Poll()
	require.Equal(t, Empty, state)

	q.Close(errTest)
	<-q.Ready()
	for range 2 {
		_, state = q.Poll()
		require.Equal(t, Closed, state)
	}
	require.Equal(t, errTest, q.End(t.Context()))
}

func TestAnErrorComesAfterTheItemsBeforeIt(t *testing.T) {
	q := NewQueue[int](4)
	q.Push(nil, 1)
	q.Push(nil, 2)
	q.Close(errTest)
	q.Close(nil)
	require.Equal(t, []int{1, 2}, drain(q))
	require.Equal(t, errTest, q.End(t.Context()), "only the first Close counts")
}

func TestAClosedQueueTakesNothing(t *testing.T) {
	q := NewQueue[int](4)
	q.Close(nil)
	require.False(t, q.Push(nil, 1))
	require.Empty(t, drain(q))
}

func TestTheEndOfTheRunsContextOutranksTheQueues(t *testing.T) {
	q := NewQueue[int](4)
	q.Close(errTest)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, context.Canceled, q.End(ctx))
}

func TestNextAllTakesWhatThereIs(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		q := NewQueue[int](4)
		go func() {
			for i := range 10 {
				q.Push(nil, i)
			}
			q.Close(errTest)
		}()
		var got [][]int
		for {
			synctest.Wait()
			all, ok := q.NextAll(nil)
			if !ok {
				break
			}
			got = append(got, all)
			require.LessOrEqual(t, q.load(), 4)
		}
		require.Equal(t, [][]int{{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9}}, got)
		require.Equal(t, errTest, q.End(t.Context()))
	})
}

func TestNextAllAfterNext(t *testing.T) {
	q := NewQueue[int](4)
	for i := range 3 {
		q.Push(nil, i)
	}
	v, _ := q.Next(nil)
	require.Equal(t, 0, v)
	q.Push(nil, 3)
	all, ok := q.NextAll(nil)
	require.True(t, ok)
	require.Equal(t, []int{1, 2}, all, "those that had changed sides; the rest is for the next call")
	all, _ = q.NextAll(nil)
	require.Equal(t, []int{3}, all)
}

func TestAQueueOfNoItemsHoldsOne(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		q := NewQueue[int](0)
		go func() {
			q.Push(nil, 1)
			q.Push(nil, 2)
			q.Close(nil)
		}()
		require.Equal(t, []int{1, 2}, drain(q))
	})
}

func TestDoneReleasesBlockedProducersAndOutranksItems(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		q := NewQueue[int](1)
		done := make(chan struct{})
		var refused atomic.Int32
		for i := range 5 {
			go func() {
				if !q.Push(done, i) {
					refused.Add(1)
				}
			}()
		}
		synctest.Wait()
		require.Zero(t, refused.Load(), "all are blocked, one of them for the place of its next item")
		close(done)
		synctest.Wait()
		require.EqualValues(t, 5, refused.Load())
		_, ok := q.Next(done)
		require.False(t, ok)
	})
}

func TestCloseReleasesBlockedProducers(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		q := NewQueue[int](2)
		var refused atomic.Int32
		for i := range 5 {
			go func() {
				for q.Push(nil, i) {
				}
				refused.Add(1)
			}()
		}
		synctest.Wait()
		q.Close(errTest)
		synctest.Wait()
		require.EqualValues(t, 5, refused.Load())
		require.Len(t, drain(q), 2)
	})
}

func TestASleeperThatGivesUpDoesNotKeepTheOthersAsleep(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		q := NewQueue[int](1)
		q.Push(closedChan(), 0) // fills the queue and does not wait for another place
		done := make(chan struct{})
		var pushed atomic.Int32
		for i := range 4 {
			stop := done
			if i%2 == 1 {
				stop = nil
			}
			go func() {
				q.Push(stop, i)
				pushed.Add(1)
			}()
			synctest.Wait()
		}
		close(done) // the first and the third
		synctest.Wait()
		require.EqualValues(t, 2, pushed.Load())
		for range 3 {
			_, ok := q.Next(nil)
			require.True(t, ok)
			synctest.Wait()
		}
		require.EqualValues(t, 4, pushed.Load())
		_, state := q.Poll()
		require.Equal(t, Empty, state)
	})
}

func closedChan() <-chan struct{} {
	ch := make(chan struct{})
	close(ch)
	return ch
}

func TestProducerAndConsumerOfOneItemOverlap(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		work := func(int) { time.Sleep(time.Second) }
		start := time.Now()
		err := Run(t.Context(), func(g *Group) error {
			src := rx.Observable[int](func(_ context.Context, yield func(int) bool) error {
				for i := range 10 {
					work(i)
					if !yield(i) {
						return nil
					}
				}
				return nil
			})
			return Start(g, src, 1).Drain(t.Context(), g, func(i int) bool { work(i); return true })
		})
		require.NoError(t, err)
		require.Equal(t, 11*time.Second, time.Since(start))
	})
}

func TestASourceIsAsFarAheadAsTheLimitAndNoFurther(t *testing.T) {
	for _, limit := range []int{1, 2, 3, 16, 100} {
		virtualtime.Test(t, func(t *testing.T) {
			made, furthest := 0, 0
			src := rx.Observable[int](func(_ context.Context, yield func(int) bool) error {
				for {
					made++
					if !yield(made) {
						return nil
					}
				}
			})
			err := Run(t.Context(), func(g *Group) error {
				return Start(g, src, limit).Drain(t.Context(), g, func(v int) bool {
					synctest.Wait()
					require.LessOrEqual(t, made-v, limit)
					require.Greater(t, made-v, limit/2, "the source is woken at half")
					furthest = max(furthest, made-v)
					return v < 5*limit
				})
			})
			require.NoError(t, err)
			require.Equal(t, limit, furthest)
		})
	}
}

func TestABlockedProducerTakesItsTurn(t *testing.T) {
	for _, limit := range []int{1, 2, 64} {
		for producers := 2; producers <= 5; producers++ {
			virtualtime.Test(t, func(t *testing.T) {
				const items = 2000
				q := NewQueue[int](limit)
				done := make(chan struct{})
				for p := range producers {
					go func() {
						for q.Push(done, p) {
						}
					}()
				}
				got := make([]int, producers)
				for range items {
					p, ok := q.Next(nil)
					require.True(t, ok)
					got[p]++
					synctest.Wait() // the consumer is slow: who gets a place is up to the queue
				}
				close(done)
				synctest.Wait()
				for p, n := range got {
					require.Greater(t, n, items/producers/4, "producer %d of %v at limit %d", p, got, limit)
				}
			})
		}
	}
}

// A sleeper that was told to stop may be woken before it has gone. That depends on timing, hence the repetition.
func TestASleeperThatIsWokenAsItGivesUpPassesThatOn(t *testing.T) {
	for range 50 {
		virtualtime.Test(t, func(t *testing.T) {
			q := NewQueue[int](1)
			q.Push(closedChan(), 0)
			done := make(chan struct{})
			go q.Push(done, 1)
			synctest.Wait()
			go q.Push(nil, 2)
			synctest.Wait()
			close(done)
			_, state := q.Poll() // wakes the first if it is still there
			require.Equal(t, Item, state)
			for {
				v, ok := q.Next(nil)
				require.True(t, ok)
				if v == 2 {
					break
				}
			}
		})
	}
}

// The bound is looked at from inside, under the lock, whenever something happens; the order within each producer
// and the completeness are looked at from outside.
func TestQueueProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limit := rapid.IntRange(1, 20).Draw(rt, "limit")
		producers := rapid.IntRange(1, 6).Draw(rt, "producers")
		items := rapid.IntRange(0, 60).Draw(rt, "items")
		seed := rapid.Uint64().Draw(rt, "seed")
		virtualtime.Test(t, func(t *testing.T) {
			q := NewQueue[[2]int](limit)
			var wg sync.WaitGroup
			for p := range producers {
				random := rand.New(rand.NewPCG(seed, uint64(p)))
				wg.Go(func() {
					for i := range items {
						pause(random)
						require.True(rt, q.Push(nil, [2]int{p, i}))
					}
				})
			}
			go func() { wg.Wait(); q.Close(nil) }()

			random := rand.New(rand.NewPCG(seed, 1000))
			next := make([]int, producers)
			for {
				pause(random)
				require.LessOrEqual(rt, q.load(), limit)
				v, ok := q.Next(nil)
				if !ok {
					break
				}
				require.Equal(rt, next[v[0]], v[1], "in the order of producer %d", v[0])
				next[v[0]]++
			}
			for p, n := range next {
				require.Equal(rt, items, n, "all of producer %d", p)
			}
		})
	})
}

// load is what the queue holds, for its consumer.
func (q *Queue[T]) load() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.in) + len(q.out) - q.pos
}

func pause(random *rand.Rand) {
	if d := random.IntN(8) - 3; d > 0 {
		time.Sleep(time.Duration(d))
	}
}

// A lost wake-up makes this hang: real goroutines, no virtual time, small queues, pauses of all kinds, producers that
// come and give up.
func TestNoWakeUpIsLost(t *testing.T) {
	deadline := time.Now().Add(2 * time.Second)
	for round := 0; time.Now().Before(deadline); round++ {
		limit := 1 + round%5
		const producers, items = 4, 300
		q := NewQueue[int](limit)
		var wg sync.WaitGroup
		for p := range producers {
			random := rand.New(rand.NewPCG(uint64(round), uint64(p)))
			wg.Go(func() {
				for i := range items {
					if random.IntN(16) == 0 {
						runtime.Gosched()
					}
					q.Push(nil, p*items+i)
				}
			})
			wg.Go(func() { // may or may not push before it gives up
				done := make(chan struct{})
				go func() { runtime.Gosched(); close(done) }()
				q.Push(done, -1)
			})
		}
		go func() { wg.Wait(); q.Close(nil) }()
		got := slices.DeleteFunc(drain(q), func(v int) bool { return v < 0 })
		require.Len(t, got, producers*items)
	}
}
