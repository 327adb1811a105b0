package operators_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// mapping is MapAsync or MapAsyncUnordered.
type mapping func(rx.Observable[int], int, func(context.Context, int) (int, error), ...op.OnError[int]) rx.Observable[int]

// eachMapping runs a test for each of the two and several numbers of calls, in a bubble.
func eachMapping(t *testing.T, test func(t *testing.T, ordered bool, n int, m mapping)) {
	for _, ordered := range []bool{true, false} {
		m := mapping(op.MapAsyncUnordered[int, int])
		if ordered {
			m = op.MapAsync[int, int]
		}
		for _, n := range []int{1, 2, 5, 100} {
			t.Run(fmt.Sprintf("ordered=%t,n=%d", ordered, n), func(t *testing.T) {
				virtualtime.Test(t, func(t *testing.T) { test(t, ordered, n, m) })
			})
		}
	}
}

func TestMapAsyncProperties(t *testing.T) {
	for _, ordered := range []bool{true, false} {
		for _, n := range []int{1, 2, 5, 100} {
			t.Run(fmt.Sprintf("ordered=%t,n=%d", ordered, n), func(t *testing.T) {
				rapid.Check(t, func(rt *rapid.T) {
					items := rapid.SliceOfN(rapid.IntRange(0, 50), 0, 60).Draw(rt, "items")
					seed := rapid.Uint64().Draw(rt, "seed")
					virtualtime.Test(t, func(t *testing.T) {
						var calls atomic.Int32
						f := func(_ context.Context, v int) (int, error) {
							require.LessOrEqual(rt, int(calls.Add(1)), n)
							defer calls.Add(-1)
							time.Sleep(time.Duration(rand.New(rand.NewPCG(seed, uint64(v))).IntN(5)))
							if v%7 == 3 {
								return 0, errOdd
							}
							return 2 * v, nil
						}
						m := mapping(op.MapAsyncUnordered[int, int])
						if ordered {
							m = op.MapAsync[int, int]
						}
						want := mapped(filtered(items, func(v int) bool { return v%7 != 3 }), double)
						got, err := m(failing(errSource, items...), n, f, resume).Collect(t.Context())
						require.Equal(rt, errSource, err)
						if ordered {
							require.Equal(rt, append([]int(nil), want...), got)
						} else {
							require.ElementsMatch(rt, want, got)
						}
					})
				})
			})
		}
	}
}

func TestMapAsyncTakesAsLongAsItsConcurrencySays(t *testing.T) {
	eachMapping(t, func(t *testing.T, _ bool, n int, m mapping) {
		at := clock()
		got := collect(t, m(rx.Range(0, 100), n, func(_ context.Context, v int) (int, error) {
			time.Sleep(time.Second)
			return v, nil
		}))
		require.Len(t, got, 100)
		require.Equal(t, time.Duration(100/n)*time.Second, at())
	})
}

func TestMapAsyncASlowHeadHoldsUpOnlyAnOrderedStreamAndLetsNothingGrow(t *testing.T) {
	eachMapping(t, func(t *testing.T, ordered bool, n int, m mapping) {
		if n == 1 {
			return // there is nothing beside the head
		}
		var made atomic.Int32
		src := op.Tap(rx.Range(0, 1000), op.Hooks[int]{OnNext: func(int) { made.Add(1) }})
		at := clock()
		emitted := 0
		require.NoError(t, m(src, n, func(_ context.Context, v int) (int, error) {
			if v == 0 {
				time.Sleep(time.Hour)
				if ordered {
					require.EqualValues(t, n, made.Load())
				} else {
					require.EqualValues(t, 1000, made.Load())
				}
			}
			return v, nil
		}).ForEach(t.Context(), func(v int) error {
			if ordered || v == 0 {
				require.Equal(t, time.Hour, at())
			} else {
				require.Zero(t, at())
			}
			emitted++
			return nil
		}))
		require.Equal(t, 1000, emitted)
	})
}

func TestMapAsyncAnErrorComesAfterTheEarlierResultsAndCancelsTheOthers(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		for _, ordered := range []bool{true, false} {
			var canceled atomic.Int32
			f := func(ctx context.Context, v int) (int, error) {
				switch {
				case v < 3: // later than the error
					time.Sleep(time.Second)
					return v, nil
				case v == 3:
					return 0, errOdd
				default:
					<-ctx.Done()
					canceled.Add(1)
					return 0, ctx.Err()
				}
			}
			stream := op.MapAsyncUnordered(rx.Range(0, 100), 10, f)
			if ordered {
				stream = op.MapAsync(rx.Range(0, 100), 10, f)
			}
			got, err := stream.Collect(t.Context())
			require.Equal(t, errOdd, err)
			if ordered {
				require.Equal(t, []int{0, 1, 2}, got)
			} else {
				require.Empty(t, got)
			}
			require.LessOrEqual(t, int(canceled.Load()), 6, "no call begins after the failure was seen")
		}
	})
}

func TestMapAsyncSupervision(t *testing.T) {
	eachMapping(t, func(t *testing.T, ordered bool, n int, m mapping) {
		var failures atomic.Int32
		f := func(_ context.Context, v int) (int, error) {
			if v%10 == 4 && failures.Add(1) < 3 || v%10 == 7 {
				return 0, fmt.Errorf("item %d: %w", v, errOdd)
			}
			return v, nil
		}
		decide := func(_ context.Context, f *op.Failure[int]) op.Decision {
			require.ErrorIs(t, f.Err, errOdd)
			if f.Item%10 == 4 {
				time.Sleep(time.Second)
				return op.Again
			}
			return op.Resume
		}
		want := filtered(collect(t, rx.Range(0, 50)), func(v int) bool { return v%10 != 7 })
		got := collect(t, m(rx.Range(0, 50), n, f, decide))
		if ordered {
			require.Equal(t, want, got)
		} else {
			require.ElementsMatch(t, want, got)
		}
	})
}

func TestMapAsyncNobodyIsAskedAboutCallsThatTheRunsEndCancels(t *testing.T) {
	eachMapping(t, func(t *testing.T, _ bool, n int, m mapping) {
		var asked atomic.Int32
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errReason) })
		_, err := m(rx.Range(0, 1000), n, func(ctx context.Context, _ int) (int, error) {
			<-ctx.Done()
			return 0, errors.New("my own words for it")
		}, func(context.Context, *op.Failure[int]) op.Decision { asked.Add(1); return op.Again }).Collect(ctx)
		require.ErrorIs(t, err, errReason)
		require.ErrorIs(t, err, context.Canceled)
		require.Zero(t, asked.Load())
	})
}

func TestMapAsyncPanicAndGoexitOfTheFunction(t *testing.T) {
	eachMapping(t, func(t *testing.T, _ bool, n int, m mapping) {
		out := escape(func() {
			_, _ = m(rx.Range(0, 100), n, func(_ context.Context, v int) (int, error) { panic(errOdd) }).Collect(t.Context())
		})
		p, ok := out.value.(*rx.PanicError)
		require.True(t, ok)
		require.Equal(t, errOdd, p.Value)

		out = escape(func() {
			_, _ = m(rx.Range(0, 100), n, func(context.Context, int) (int, error) { runtime.Goexit(); return 0, nil }).Collect(t.Context())
		})
		require.True(t, out.exited)
	})
}

// departure is how a function was left.
type departure struct {
	value  any
	exited bool
}

// escape runs f on a goroutine of its own and tells how that ended.
func escape(f func()) departure {
	out := make(chan departure)
	go func() {
		returned := false
		defer func() {
			v := recover()
			out <- departure{v, v == nil && !returned}
		}()
		f()
		returned = true
	}()
	return <-out
}

func BenchmarkMapAsync(b *testing.B)          { benchmarkMapping(b, op.MapAsync[int, int]) }
func BenchmarkMapAsyncUnordered(b *testing.B) { benchmarkMapping(b, op.MapAsyncUnordered[int, int]) }

func benchmarkMapping(b *testing.B, m mapping) {
	for _, n := range []int{1, 8, 64} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			run(b, func(src rx.Observable[int]) rx.Observable[int] { return m(src, n, tryDouble) })
		})
	}
}
