package operators_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// asItIs is a group's stream as it is.
func asItIs(_ int, of rx.Observable[int]) rx.Observable[int] { return of }

func TestGroupByProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		items := rapid.SliceOfN(rapid.IntRange(0, 100), 0, 300).Draw(rt, "items")
		keys := rapid.IntRange(1, 8).Draw(rt, "keys")
		take := rapid.IntRange(0, 100).Draw(rt, "take")
		slow := rapid.SliceOfN(rapid.IntRange(0, 3), keys, keys).Draw(rt, "slow")
		consumer := rapid.IntRange(0, 3).Draw(rt, "consumer")
		virtualtime.Test(t, func(t *testing.T) {
			want, rest := byKey(items, keys), 0
			for k, of := range want {
				n := min(take, len(of))
				want[k], rest = slices.Clip(of[:n]), rest+len(of)-n
				if n == 0 {
					want[k] = nil
				}
			}
			var dropped op.Dropped
			stream := op.GroupBy(rx.From(items...), keys, mod(keys), func(k int, of rx.Observable[int]) rx.Observable[int] {
				return op.Take(op.TryMap(of, func(_ context.Context, v int) (int, error) {
					time.Sleep(time.Duration(slow[k]))
					return v, nil
				}), take)
			}, &dropped)
			var got []int
			require.NoError(rt, stream.ForEach(t.Context(), func(v int) error {
				time.Sleep(time.Duration(consumer))
				got = append(got, v)
				return nil
			}))
			require.Equal(rt, want, byKey(got, keys))
			require.EqualValues(rt, rest, dropped.Count())
		})
	})
}

func TestGroupByMakesAStreamOnceForEachKeyInOrder(t *testing.T) {
	var keys []int
	stream := op.GroupBy(rx.From(3, 1, 3, 2, 1), 3, mod(10), func(k int, of rx.Observable[int]) rx.Observable[int] {
		keys = append(keys, k)
		return of
	})
	require.ElementsMatch(t, []int{3, 1, 3, 2, 1}, collect(t, stream))
	require.Equal(t, []int{3, 1, 2}, keys)
}

func TestGroupByAGroupThatDoesNotRunItsStreamDiscardsIt(t *testing.T) {
	var dropped op.Dropped
	got := collect(t, op.GroupBy(rx.Range(0, 1000), 2, mod(2), func(k int, of rx.Observable[int]) rx.Observable[int] {
		if k == 0 {
			return rx.From(-1)
		}
		return of
	}, &dropped))
	require.Len(t, got, 501)
	require.EqualValues(t, 500, dropped.Count())
}

func TestGroupByAGroupThatGoesOnAfterItHasLeftItsStreamHoldsUpNobody(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var dropped op.Dropped
		at := clock()
		last := time.Duration(0)
		require.NoError(t, op.GroupBy(rx.Range(0, 1000), 2, mod(2), func(k int, of rx.Observable[int]) rx.Observable[int] {
			if k == 0 {
				return op.Concat(op.Take(of, 1), op.Map(rx.Timer(time.Hour), func(time.Time) int { return -1 }))
			}
			return of
		}, &dropped).ForEach(t.Context(), func(v int) error {
			if v == 999 {
				last = at()
			}
			return nil
		}))
		require.Zero(t, last)
		require.Equal(t, time.Hour, at())
		require.EqualValues(t, 499, dropped.Count())
	})
}

func TestGroupByAGroupsStreamRunsOnce(t *testing.T) {
	_, err := op.GroupBy(rx.From(1), 1, mod(2), func(_ int, of rx.Observable[int]) rx.Observable[int] {
		return op.Concat(of, of)
	}).Collect(t.Context())
	require.ErrorIs(t, err, rx.ErrConsumed)
}

// Dropped tells what groups did not want, not what was under way at the end.
func TestGroupByCountsNothingAsDroppedAtTheEnd(t *testing.T) {
	t.Run("a group fails while the consumer is busy", func(t *testing.T) {
		virtualtime.Test(t, func(t *testing.T) {
			var dropped op.Dropped
			src := op.Concat(rx.From(1), delayed(rx.From(2)), delayed(rx.From(2)), delayed(rx.From(1)))
			err := op.GroupBy(src, 2, mod(10), func(k int, of rx.Observable[int]) rx.Observable[int] {
				if k == 1 {
					return of
				}
				return op.Concat(op.Take(of, 1), rx.Fail[int](errOdd))
			}, &dropped).ForEach(t.Context(), func(int) error { time.Sleep(time.Hour); return nil })
			require.Equal(t, errOdd, err)
			require.Zero(t, dropped.Count())
		})
	})
	t.Run("the consumer leaves", func(t *testing.T) {
		virtualtime.Test(t, func(t *testing.T) {
			var dropped op.Dropped
			_, err := op.GroupBy(rx.Range(0, 10), 1, mod(1), func(_ int, of rx.Observable[int]) rx.Observable[int] {
				return op.Map(of, func(v int) int { time.Sleep(time.Second); return v })
			}, &dropped).First(t.Context())
			require.NoError(t, err)
			require.Zero(t, dropped.Count())
		})
	})
}

// Keys that do not equal themselves cannot be found again, and count all the same.
func TestGroupByKeysThatAreNaN(t *testing.T) {
	nan := func(int) float64 { return math.NaN() }
	begun := 0
	got, err := op.GroupBy(rx.Range(0, 100), 7, nan, func(_ float64, of rx.Observable[int]) rx.Observable[int] {
		begun++
		return rx.Empty[int]() // leaves
	}).Collect(t.Context())
	require.ErrorIs(t, err, op.ErrTooManyKeys)
	require.Empty(t, got)
	require.LessOrEqual(t, begun, 7)

	got, err = op.GroupBy(rx.Range(0, 7), 7, nan, func(_ float64, of rx.Observable[int]) rx.Observable[int] {
		return op.Reduce(of, func() int { return 1000 }, func(a, v int) int { return a + v })
	}).Collect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, []int{1000, 1001, 1002, 1003, 1004, 1005, 1006}, got)
}

// A group should not read the stream of another. If one does, whoever reads a stream is the one who takes from it.
func TestGroupByAGroupThatReadsTheStreamOfAnother(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var first rx.Observable[int]
		var dropped op.Dropped
		got := collect(t, op.GroupBy(rx.From(0, 1, 2, 4, 6, 8), 2, mod(2), func(k int, of rx.Observable[int]) rx.Observable[int] {
			if k == 0 {
				first = of
				return op.Map(rx.Timer(time.Second), func(time.Time) int { return -1 }) // leaves in the middle of the other's
			}
			return op.Concat(op.Tap(first, op.Hooks[int]{OnNext: func(int) { time.Sleep(time.Minute) }}), of)
		}, &dropped))
		require.Equal(t, []int{-1, 0, 2, 4, 6, 8, 1}, got)
		require.Zero(t, dropped.Count())
	})
}

func TestGroupByTheStreamOfAGroupThatHasLeftCannotBeRun(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var first rx.Observable[int]
		_, err := op.GroupBy(rx.From(0, 1, 2), 2, mod(2), func(k int, of rx.Observable[int]) rx.Observable[int] {
			if k == 0 {
				first = of
				return rx.Empty[int]()
			}
			return op.ConcatMap(rx.Timer(time.Second), func(time.Time) rx.Observable[int] { return first })
		}).Collect(t.Context())
		require.ErrorIs(t, err, rx.ErrConsumed)
	})
}

func TestGroupByTooManyKeys(t *testing.T) {
	told := 0
	stream := op.GroupBy(rx.From(1, 2, 1, 3, 1), 2, mod(10), func(k int, of rx.Observable[int]) rx.Observable[int] {
		if k == 1 {
			return op.Tap(of, op.Hooks[int]{OnError: func(err error) {
				require.ErrorIs(t, err, op.ErrTooManyKeys)
				told++
			}})
		}
		return op.Take(of, 1) // has left, and counts
	})
	got, err := stream.Collect(t.Context())
	require.ErrorIs(t, err, op.ErrTooManyKeys)
	require.EqualError(t, err, "operators.GroupBy: one key more than 2: the stream has more keys than allowed")
	require.ElementsMatch(t, []int{1, 2, 1}, got)
	require.Equal(t, 1, told, "the group that was still there")
}

func TestGroupByAGroupSeesTheErrorAfterItsItems(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		src := failing(errSource, 1, 2, 3, 4)
		got, err := op.GroupBy(src, 2, mod(2), func(k int, of rx.Observable[int]) rx.Observable[int] {
			if k == 0 { // a sum of part of the items would be wrong
				return op.Reduce(of, zero, add)
			}
			return op.Catch(delayed(of), func(err error) rx.Observable[int] {
				require.Equal(t, errSource, err)
				return rx.From(-1)
			})
		}).Collect(t.Context())
		require.Equal(t, errSource, err, "also if a group has dealt with it")
		require.Equal(t, []int{1, 3, -1}, got, "what the groups make of it comes first")
	})
}

func TestGroupByAGroupThatFailsStopsTheRest(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		canceled, stopped := false, false
		got, err := op.GroupBy(op.Concat(rx.From(1, 2, 3), ending(&canceled)), 3, mod(3), func(k int, of rx.Observable[int]) rx.Observable[int] {
			switch k {
			case 0:
				return op.Concat(op.Take(delayed(of), 1), rx.Fail[int](errOdd))
			case 1:
				return op.Concat(op.Take(of, 1), ending(&stopped))
			default:
				return of
			}
		}).Collect(t.Context())
		require.Equal(t, errOdd, err)
		require.Equal(t, 3, got[2], "the items before the error come")
		require.ElementsMatch(t, []int{1, 2, 3}, got)
		require.True(t, canceled)
		require.True(t, stopped)
	})
}

func TestGroupByASlowGroupHoldsUpUpstreamAndDeadlocksNobody(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		made, furthest, got := 0, 0, 0
		src := op.Tap(rx.Range(0, 1000), op.Hooks[int]{OnNext: func(int) { made++ }})
		require.NoError(t, op.GroupBy(src, 2, mod(2), func(k int, of rx.Observable[int]) rx.Observable[int] {
			if k == 0 {
				return of
			}
			return op.TryMap(of, func(_ context.Context, v int) (int, error) {
				time.Sleep(time.Second)
				synctest.Wait()
				furthest = max(furthest, made-v)
				return v, nil
			})
		}).ForEach(t.Context(), func(int) error { got++; return nil }))
		require.Equal(t, 1000, got)
		require.InDelta(t, 2*64, furthest, 4, "64 items of its own, and as many of the other's")
	})
}

func TestGroupByPanicsReachTheConsumer(t *testing.T) {
	for name, stream := range map[string]rx.Observable[int]{
		"key": op.GroupBy(rx.From(1), 1, func(int) int { panic(errOdd) }, asItIs),
		"f":   op.GroupBy(rx.From(1), 1, mod(2), func(int, rx.Observable[int]) rx.Observable[int] { panic(errOdd) }),
		"group": op.GroupBy(rx.From(1), 1, mod(2), func(_ int, of rx.Observable[int]) rx.Observable[int] {
			return op.Map(of, func(int) int { panic(errOdd) })
		}),
	} {
		t.Run(name, func(t *testing.T) {
			require.PanicsWithError(t, errOdd.Error(), func() {
				defer unwrapPanic(t)
				_, _ = stream.Collect(t.Context())
			})
		})
	}
	want := "operators.GroupBy: dropped is nil or more than one; it counts all that the groups do not read, or is left out"
	var d op.Dropped
	require.PanicsWithValue(t, want, func() { op.GroupBy(rx.From(1), 1, mod(2), asItIs, nil) })
	require.PanicsWithValue(t, want, func() { op.GroupBy(rx.From(1), 1, mod(2), asItIs, &d, &d) })
	require.PanicsWithValue(t, "operators.GroupBy: 0 keys; there must be at least 1", func() { op.GroupBy(rx.From(1), 0, mod(2), asItIs) })
}

func BenchmarkGroupBy(b *testing.B) {
	for _, keys := range []int{1, 100} {
		b.Run(fmt.Sprint(keys), func(b *testing.B) {
			run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.GroupBy(src, keys, mod(keys), asItIs) })
		})
	}
}
