package operators_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// gauge counts how many of the streams that it has watched run at a time.
type gauge struct{ now, most, begun atomic.Int32 }

func watched[T any](g *gauge, src rx.Observable[T]) rx.Observable[T] {
	return func(ctx context.Context, yield func(T) bool) error {
		g.begun.Add(1)
		now := g.now.Add(1)
		defer g.now.Add(-1)
		for {
			most := g.most.Load()
			if now <= most || g.most.CompareAndSwap(most, now) {
				return src(ctx, yield)
			}
		}
	}
}

// forever emits v without end, looking at its context.
func forever[T any](v T) rx.Observable[T] {
	return func(ctx context.Context, yield func(T) bool) error {
		for ctx.Err() == nil {
			if !yield(v) {
				return nil
			}
		}
		return rx.Cause(ctx)
	}
}

func TestMergeProperties(t *testing.T) {
	for _, n := range []int{1, 2, 5, 100} {
		t.Run(fmt.Sprintf("n=%d", n), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				lengths := rapid.SliceOfN(rapid.IntRange(0, 100), 0, 8).Draw(rt, "lengths")
				var (
					srcs []rx.Observable[[2]int]
					g    gauge
				)
				for s, length := range lengths {
					srcs = append(srcs, watched(&g, op.Map(rx.Range(0, length), func(i int) [2]int { return [2]int{s, i} })))
				}
				next := make([]int, len(lengths))
				require.NoError(rt, op.Merge(n, srcs...).ForEach(t.Context(), func(v [2]int) error {
					require.Equal(rt, next[v[0]], v[1], "in the order of source %d", v[0])
					next[v[0]]++
					return nil
				}))
				require.Equal(rt, lengths, next)
				require.LessOrEqual(rt, int(g.most.Load()), n)
			})
		})
	}
}

func TestMergeRunsSoManyAtATimeAndInTheOrderOfTheList(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var g gauge
		var srcs []rx.Observable[int]
		for s := range 6 {
			srcs = append(srcs, watched(&g, op.Map(paced(1, time.Second), func(int) int { return s })))
		}
		at := clock()
		got := make(map[int]time.Duration)
		require.NoError(t, op.Merge(2, srcs...).ForEach(t.Context(), func(s int) error {
			got[s] = at()
			return nil
		}))
		s := time.Second
		require.Equal(t, map[int]time.Duration{0: s, 1: s, 2: 2 * s, 3: 2 * s, 4: 3 * s, 5: 3 * s}, got)
		require.EqualValues(t, 2, g.most.Load())
	})
}

func TestMergeOfNothingIsEmpty(t *testing.T) {
	require.Empty(t, collect(t, op.Merge[int](1)))
}

func TestMergeStarvesNobody(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		const items = 2000
		count := make(map[int]int)
		merged := op.Merge(4, forever(0), forever(1), forever(2), forever(3))
		for v, err := range op.Take(merged, items).All(t.Context()) {
			require.NoError(t, err)
			count[v]++
			time.Sleep(time.Millisecond)
		}
		for s := range 4 {
			require.Greater(t, count[s], items/4/4, "source %d of %v", s, count)
		}
	})
}

func TestMergeASlowSourceComesThroughBesideAFastOne(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		fast := forever(time.Time{})
		slow := op.Map(paced(10, time.Second), func(int) time.Time { return time.Now() })
		got := 0
		for made, err := range op.Merge(2, fast, slow).All(t.Context()) {
			require.NoError(t, err)
			if !made.IsZero() {
				require.LessOrEqual(t, time.Since(made), 2*64*time.Millisecond, "it waits for those in the buffer")
				got++
			}
			if got == 10 {
				break
			}
			time.Sleep(time.Millisecond)
		}
	})
}

func TestMergeFirstErrorStopsTheRest(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var stopped atomic.Bool
		other := func(ctx context.Context, _ func(int) bool) error {
			<-ctx.Done()
			stopped.Store(true)
			return errConsumer // does not count
		}
		var g gauge
		got, err := op.Merge(2, failing(errSource, 1, 2, 3), other, watched(&g, rx.From(4))).Collect(t.Context())
		require.Equal(t, errSource, err)
		require.Equal(t, []int{1, 2, 3}, got)
		require.True(t, stopped.Load())
		require.Zero(t, g.begun.Load(), "no other stream is begun after a failure")
	})
}

func BenchmarkMerge(b *testing.B) {
	for _, n := range []int{1, 4, 16} {
		b.Run(fmt.Sprintf("%d sources", n), func(b *testing.B) {
			run(b, func(rx.Observable[int]) rx.Observable[int] {
				srcs := make([]rx.Observable[int], n)
				for i := range srcs {
					srcs[i] = forever(i)
				}
				return op.Take(op.Merge(n, srcs...), b.N)
			})
		})
	}
}
