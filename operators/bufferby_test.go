package operators_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// arrival is an item that upstream emits some time after it was asked for it.
type arrival struct {
	after  time.Duration
	weight int
}

func (a arrival) weigh() int { return a.weight }

// arriving emits each item when its time has come.
func arriving(items []arrival) rx.Observable[arrival] {
	return func(ctx context.Context, yield func(arrival) bool) error {
		for _, v := range items {
			select {
			case <-time.After(v.after):
			case <-ctx.Done():
				return rx.Cause(ctx)
			}
			if !yield(v) {
				return nil
			}
		}
		return errSource
	}
}

// emission is a buffer and when it was emitted.
type emission struct {
	at    time.Duration
	items []arrival
}

// emissions is the model of BufferBy for a consumer that takes no time.
func emissions(items []arrival, l op.Limit) []emission {
	var (
		out         []emission
		held        []arrival
		now, since  time.Duration
		weight, end int
	)
	flush := func(at time.Duration) {
		out = append(out, emission{at, held})
		held, weight, end = nil, 0, end+1
	}
	for _, v := range items {
		now += v.after
		if len(held) > 0 && l.Within > 0 && now >= since+l.Within {
			flush(since + l.Within)
		}
		if len(held) > 0 && l.Weight > 0 && weight+v.weight > l.Weight {
			flush(now)
		}
		if len(held) == 0 {
			since = now
		}
		held = append(held, v)
		weight += v.weight
		if len(held) == l.Count || l.Weight > 0 && weight >= l.Weight {
			flush(now)
		}
	}
	if len(held) > 0 {
		flush(now)
	}
	return out
}

func drawArrivals(rt *rapid.T) []arrival {
	return rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) arrival {
		return arrival{
			after:  time.Duration(rapid.IntRange(0, 4).Draw(rt, "after")),
			weight: rapid.IntRange(0, 6).Draw(rt, "weight"),
		}
	}), 0, 60).Draw(rt, "items")
}

func drawLimit(rt *rapid.T) op.Limit {
	l := op.Limit{
		Count:  rapid.IntRange(0, 5).Draw(rt, "count"),
		Weight: rapid.IntRange(0, 10).Draw(rt, "weight"),
		Within: time.Duration(rapid.IntRange(0, 8).Draw(rt, "within")),
	}
	if l == (op.Limit{}) {
		l.Count = 1
	}
	return l
}

func weighers(l op.Limit) []func(arrival) int {
	if l.Weight == 0 {
		return nil
	}
	return []func(arrival) int{arrival.weigh}
}

func TestBufferByEmitsWhatTheModelSaysAndWhen(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		items, limit := drawArrivals(rt), drawLimit(rt)
		virtualtime.Test(t, func(t *testing.T) {
			at := clock()
			var got []emission
			err := op.BufferBy(arriving(items), limit, weighers(limit)...)(t.Context(), func(batch []arrival) bool {
				got = append(got, emission{at(), batch})
				return true
			})
			require.Equal(rt, errSource, err)
			require.Equal(rt, emissions(items, limit), got)
		})
	})
}

func TestBufferByWithASlowConsumer(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		items, limit := drawArrivals(rt), drawLimit(rt)
		slow := time.Duration(rapid.IntRange(1, 20).Draw(rt, "slow"))
		virtualtime.Test(t, func(t *testing.T) {
			var made atomic.Int32
			src := op.Tap(arriving(items), op.Hooks[arrival]{OnNext: func(arrival) { made.Add(1) }})
			var got []arrival
			err := op.BufferBy(src, limit, weighers(limit)...)(t.Context(), func(batch []arrival) bool {
				require.NotEmpty(rt, batch)
				if limit.Count > 0 {
					require.LessOrEqual(rt, len(batch), limit.Count)
				}
				if w := weightOf(batch); limit.Weight > 0 && len(batch) > 1 {
					require.LessOrEqual(rt, w, limit.Weight)
				}
				got = append(got, batch...)
				time.Sleep(slow)
				synctest.Wait()
				if limit.Count > 0 {
					require.LessOrEqual(rt, int(made.Load())-len(got), 2*limit.Count+1, "two buffers, and an item that has to wait")
				}
				return true
			})
			require.Equal(rt, errSource, err)
			require.Equal(rt, append([]arrival(nil), items...), append([]arrival(nil), got...), "all, in order")
		})
	})
}

func weightOf(batch []arrival) int {
	total := 0
	for _, v := range batch {
		total += v.weight
	}
	return total
}

func TestBufferByWithTimeAlone(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		var sizes []int
		var times []time.Duration
		require.NoError(t, op.BufferBy(paced(10, time.Second), op.Limit{Within: 3500 * time.Millisecond}).
			ForEach(t.Context(), func(batch []int) error {
				sizes = append(sizes, len(batch))
				times = append(times, at())
				return nil
			}))
		require.Equal(t, []int{4, 4, 2}, sizes)
		ms := time.Millisecond
		require.Equal(t, []time.Duration{4500 * ms, 8500 * ms, 10000 * ms}, times)
	})
}

func TestBufferByFillsTheNextBufferWhileTheConsumerIsBusy(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		require.NoError(t, op.BufferBy(paced(100, time.Second), op.Limit{Count: 10, Within: time.Hour}).
			ForEach(t.Context(), func(batch []int) error {
				require.Len(t, batch, 10)
				time.Sleep(10 * time.Second)
				return nil
			}))
		require.Equal(t, 110*time.Second, at())
	})
}

func TestBufferByBoundsWhatWaitsForASlowConsumer(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var made atomic.Int32
		taken := 0
		src := op.Tap(rx.Range(0, 1000), op.Hooks[int]{OnNext: func(int) { made.Add(1) }})
		require.NoError(t, op.BufferBy(src, op.Limit{Count: 10, Within: time.Second}).
			ForEach(t.Context(), func(batch []int) error {
				taken += len(batch)
				time.Sleep(time.Hour)
				synctest.Wait()
				require.LessOrEqual(t, int(made.Load())-taken, 20)
				return nil
			}))
		require.Equal(t, 1000, taken)
	})
}

func TestBufferByGivesItsSlicesAway(t *testing.T) {
	for _, limit := range []op.Limit{{Count: 10}, {Count: 10, Within: time.Hour}} {
		var all [][]int
		require.NoError(t, op.BufferBy(rx.Range(0, 100), limit).ForEach(t.Context(), func(batch []int) error {
			all = append(all, append(batch, -1)[:len(batch)])
			return nil
		}))
		for i, batch := range all {
			require.Equal(t, collect(t, rx.Range(10*i, 10)), batch)
		}
	}
}

func TestBufferByPanicAndGoexitOfTheWeighing(t *testing.T) {
	for _, within := range []time.Duration{0, time.Hour} {
		limit := op.Limit{Weight: 1, Within: within}
		out := escape(func() {
			_, _ = op.BufferBy(rx.From(1), limit, func(int) int { panic(errOdd) }).Collect(t.Context())
		})
		if within > 0 {
			require.ErrorIs(t, out.value.(*rx.PanicError), errOdd)
		} else {
			require.Equal(t, errOdd, out.value)
		}
		out = escape(func() {
			_, _ = op.BufferBy(rx.From(1), limit, func(int) int { runtime.Goexit(); return 0 }).Collect(t.Context())
		})
		require.True(t, out.exited)
	}
}

func BenchmarkBufferBy(b *testing.B) {
	weigh := func(int) int { return 8 }
	for name, buffer := range map[string]func(rx.Observable[int]) rx.Observable[[]int]{
		"count": func(src rx.Observable[int]) rx.Observable[[]int] { return op.BufferBy(src, op.Limit{Count: 100}) },
		"weight": func(src rx.Observable[int]) rx.Observable[[]int] {
			return op.BufferBy(src, op.Limit{Weight: 800}, weigh)
		},
		"count,within": func(src rx.Observable[int]) rx.Observable[[]int] {
			return op.BufferBy(src, op.Limit{Count: 100, Within: time.Second})
		},
	} {
		b.Run(name, func(b *testing.B) { run(b, buffer) })
	}
}
