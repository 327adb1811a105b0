package sink

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/virtualtime"
)

// load has so many workers send n requests through p to a server that takes as long and answers as respond says, which
// is told how many are under way.
func load(t testing.TB, p *pace, workers, n int, respond func(flying int) (time.Duration, error)) {
	var (
		mu     sync.Mutex
		flying int
		all    sync.WaitGroup
	)
	for range workers {
		all.Go(func() {
			for range n / workers {
				turn, err := p.enter(t.Context())
				if err != nil {
					panic(err)
				}
				mu.Lock()
				flying++
				takes, err := respond(flying)
				mu.Unlock()
				time.Sleep(takes)
				mu.Lock()
				flying--
				mu.Unlock()
				p.leave(turn, err)
			}
		})
	}
	all.Wait()
	require.Zero(t, p.flying)
	require.Empty(t, p.waiting)
}

func TestTheWindowGrowsUpToItsBoundWhileTheServerKeepsUp(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		p := adaptivePace(1)
		most := 0
		load(t, p, 300, 20_000, func(flying int) (time.Duration, error) {
			most = max(most, flying)
			return time.Millisecond, nil
		})
		require.Equal(t, mostPerNode, p.now())
		require.Equal(t, mostPerNode, most)
		require.Equal(t, 3*perNode, adaptivePace(3).now())
		require.Equal(t, perNode, adaptivePace(0).now())
	})
}

func TestTheWindowDoesNotGrowIfItIsNotUsed(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		p := adaptivePace(1)
		load(t, p, perNode/2, 2000, func(int) (time.Duration, error) { return time.Millisecond, nil })
		require.Equal(t, perNode, p.now())
	})
}

// A server that refuses what is beyond 40 requests, and one that can do 8.
func TestTheWindowSettlesAtWhatTheServerTakes(t *testing.T) {
	for _, capacity := range []int{40, 8, 1} {
		virtualtime.Test(t, func(t *testing.T) {
			p := adaptivePace(1)
			refused, sum, n := 0, 0, 0
			load(t, p, 100, 10_000, func(flying int) (time.Duration, error) {
				n++
				sum += p.now()
				if flying > capacity {
					refused++
					return time.Millisecond, cql.Overloaded
				}
				return time.Millisecond, nil
			})
			mean := float64(sum) / float64(n)
			// A round trip of up to capacity requests is refused before 3/10 of as many with a place more each.
			require.Less(t, float64(refused), min(4/float64(capacity), 0.65)*float64(n), "capacity %d", capacity)
			require.LessOrEqual(t, mean, float64(capacity)+1)
			require.GreaterOrEqual(t, mean, 0.6*float64(capacity))
		})
	}
}

// Of a server that works at its limit, each request more makes all take longer, and none is refused.
func TestLatencyIsABrake(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		const serves = 24 // requests at once; the others wait for their turn
		p := adaptivePace(1)
		load(t, p, 200, 20_000, func(flying int) (time.Duration, error) {
			return max(1, time.Duration(flying)/serves) * time.Millisecond, nil
		})
		require.Greater(t, p.now(), serves)
		require.Less(t, p.now(), 100)
	})
}

// However many requests of one round trip fail, they say one thing.
func TestFailuresOfOneRoundTripLowerTheWindowOnce(t *testing.T) {
	for class, after := range map[cql.Class]int{
		cql.Overloaded: 11, cql.WriteTimeout: 11, cql.ClientTimeout: 11,
		cql.Invalid: 16, cql.Unavailable: 16, cql.Canceled: 16, cql.ConnectionClosed: 16,
	} {
		p := adaptivePace(1)
		var turns []*turn
		for range perNode {
			turn, err := p.enter(t.Context())
			require.NoError(t, err)
			turns = append(turns, turn)
		}
		for _, turn := range turns {
			p.leave(turn, class)
		}
		require.Equal(t, after, p.now(), "%v", class)
		turn, err := p.enter(t.Context())
		require.NoError(t, err)
		p.leave(turn, cql.Overloaded)
		require.Equal(t, after*7/10, p.now(), "the next round trip")
	}
}

func TestAFixedWindowStaysAsItIs(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		p := fixedPace(5)
		most := 0
		load(t, p, 50, 1000, func(flying int) (time.Duration, error) {
			most = max(most, flying)
			return time.Millisecond, cql.Overloaded
		})
		require.Equal(t, 5, most)
		require.Equal(t, 5, p.now())
	})
}

func TestWhoeverWaitsForAPlaceMayGiveUp(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		p := fixedPace(1)
		first, err := p.enter(t.Context())
		require.NoError(t, err)
		cause := errors.New("somebody pressed a key")
		ctx, cancel := context.WithCancelCause(t.Context())
		gaveUp := make(chan error, 1)
		go func() { _, err := p.enter(ctx); gaveUp <- err }()
		synctest.Wait()
		got := make(chan *turn, 1)
		go func() { turn, _ := p.enter(t.Context()); got <- turn }()
		synctest.Wait()
		cancel(cause)
		require.ErrorIs(t, <-gaveUp, cause)
		require.Empty(t, got)
		time.Sleep(time.Second)
		require.Equal(t, time.Second, p.leave(first, nil))
		p.leave(<-got, nil)
		require.Zero(t, p.flying)
	})
}

// Whatever happens, no more are under way than the window allows, and nobody is left waiting.
func TestTheWindowHolds(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		seed := rapid.SliceOfN(rapid.SampledFrom([]error{
			nil, nil, nil, nil, cql.Overloaded, cql.WriteTimeout, cql.Invalid,
		}), 1, 50).Draw(r, "answers")
		delays := rapid.SliceOfN(rapid.IntRange(0, 5), 1, 50).Draw(r, "delays")
		workers := rapid.IntRange(1, 200).Draw(r, "workers")
		virtualtime.Test(t, func(t *testing.T) {
			p := adaptivePace(1)
			n := 0
			load(t, p, workers, 500, func(flying int) (time.Duration, error) {
				require.LessOrEqual(t, flying, mostPerNode)
				i := n
				n++
				require.GreaterOrEqual(t, p.now(), 1)
				return time.Duration(delays[i%len(delays)]) * time.Millisecond, seed[i%len(seed)]
			})
		})
	})
}

func TestRatesMayBeChangedWhileSomebodyWaits(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		r := rates{rows: rate.NewLimiter(10, 10), bytes: rate.NewLimiter(1000, 1000)}
		start := time.Now()
		require.NoError(t, r.pay(t.Context(), 10, 1000))
		require.Zero(t, time.Since(start), "the burst")
		require.NoError(t, r.pay(t.Context(), 20, 10))
		require.Equal(t, 2*time.Second, time.Since(start), "by rows")
		require.NoError(t, r.pay(t.Context(), 0, 4000))
		require.InDelta(t, 5*time.Second, time.Since(start), float64(time.Second), "by bytes")

		r.rows.SetLimit(0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.ErrorIs(t, r.pay(ctx, 50, 0), context.DeadlineExceeded)
		go func() { time.Sleep(time.Hour); r.rows.SetLimit(rate.Inf) }()
		start = time.Now()
		require.NoError(t, r.pay(t.Context(), 1_000_000, 0))
		require.InDelta(t, time.Hour, time.Since(start), float64(time.Second))
		require.NoError(t, rates{}.pay(ctx, 1, 1))
	})
}

// What was the lowest latency once, of another kind of rows perhaps, does not hold the window down for ever.
func TestTheLowestLatencyIsFoundAnew(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		p := adaptivePace(1)
		takes := time.Millisecond
		respond := func(int) (time.Duration, error) { return takes, nil }
		load(t, p, 100, 1000, respond)
		grown := p.now()
		require.Greater(t, grown, perNode)
		takes = 10 * time.Millisecond
		load(t, p, 100, 10_000, respond)
		require.Equal(t, perNode, p.now(), "it has shrunk to what it began with")
		time.Sleep(renewed)
		load(t, p, 100, 2000, respond)
		require.Greater(t, p.now(), perNode)
	})
}
