package bridge_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reactivex/rxgo/v2"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/bridge"
)

var errOurs = errors.New("an error of our stream's")

func same(in rxgo.Observable) rxgo.Observable { return in }

// watched is 0, 1, 2, … without end, and knows how many of its runs are under way and how many items it has made.
type watched struct{ busy, made atomic.Int64 }

func (w *watched) run(ctx context.Context, yield func(int) bool) error {
	w.busy.Add(1)
	defer w.busy.Add(-1)
	defer func() {
		for range 100 { // somebody who does not wait for this run is found out
			runtime.Gosched()
		}
	}()
	for i := 0; ; i++ {
		if err := rx.Cause(ctx); err != nil {
			return err
		}
		w.made.Add(1)
		if !yield(i) {
			return nil
		}
	}
}

// What rxgo's operators leave behind, they leave behind without our stream. At last stop and drain end them.
func TestViaEndsItsUpstreamWhateverRxgoLeavesBehind(t *testing.T) {
	stop, cancel := context.WithCancel(context.Background())
	defer cancel()
	never := func(error) bool { return false }
	var merged []rxgo.Observable
	defer func() {
		for _, m := range merged {
			drain(m)
		}
	}()
	for name, f := range map[string]func(rxgo.Observable) rxgo.Observable{
		"Map": func(in rxgo.Observable) rxgo.Observable {
			return in.Map(func(_ context.Context, v any) (any, error) { return v, nil })
		},
		"Take":  func(in rxgo.Observable) rxgo.Observable { return in.Take(5) },
		"Retry": func(in rxgo.Observable) rxgo.Observable { return in.Retry(3, never, rxgo.WithContext(stop)) },
		"Merge": func(in rxgo.Observable) rxgo.Observable {
			m := rxgo.Merge([]rxgo.Observable{in, in, in})
			merged = append(merged, m)
			return m
		},
		"an eager Filter": func(in rxgo.Observable) rxgo.Observable {
			return in.Filter(func(any) bool { return true }, rxgo.WithObservationStrategy(rxgo.Eager), rxgo.WithContext(stop))
		},
		"a pool": func(in rxgo.Observable) rxgo.Observable {
			return in.Map(func(_ context.Context, v any) (any, error) { return v, nil }, rxgo.WithPool(4))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := &watched{}
			for range 50 {
				n := 0
				err := bridge.Via[int, int](w.run, f)(t.Context(), func(int) bool { n++; return n < 3 })
				require.NoError(t, err)
				require.Zero(t, w.busy.Load(), "runs of the upstream are under way though the run has ended")
			}
		})
	}
}

func drain(o rxgo.Observable) {
	for range o.Observe() {
	}
}

func TestViaPassesAnErrorAsItself(t *testing.T) {
	for name, chain := range chains {
		t.Run(name, func(t *testing.T) {
			_, err := bridge.Via[int, int](rx.Fail[int](errOurs), chain).Collect(t.Context())
			require.Equal(t, errOurs, err, "not wrapped, not joined, not twice")
		})
	}
	failed := bridge.Via[int, int](rx.Fail[int](errOurs), func(in rxgo.Observable) rxgo.Observable { return in.OnErrorReturnItem(7) })
	items, err := failed.Collect(t.Context())
	require.NoError(t, err, "what rxgo has handled is no error of the stream's")
	require.Equal(t, []int{7}, items)

	_, err = bridge.Via[int, int](rx.From(1), func(in rxgo.Observable) rxgo.Observable {
		return in.Map(func(context.Context, any) (any, error) { return nil, errRxgo })
	}).Collect(t.Context())
	require.Equal(t, errRxgo, err)
}

func TestViaRaisesAPanicOfItsUpstreamWhateverRxgoMakesOfIt(t *testing.T) {
	type value struct{}
	stop, cancel := context.WithCancel(context.Background())
	defer cancel()
	src := rx.New(func(_ context.Context, yield func(int) bool) error {
		yield(1)
		panic(value{})
	})
	for name, f := range map[string]func(rxgo.Observable) rxgo.Observable{
		"nothing":           same,
		"OnErrorReturnItem": func(in rxgo.Observable) rxgo.Observable { return in.OnErrorReturnItem(7) },
		"Retry": func(in rxgo.Observable) rxgo.Observable {
			return in.Retry(3, func(error) bool { return true }, rxgo.WithContext(stop))
		},
		"IgnoreElements": func(in rxgo.Observable) rxgo.Observable { return in.IgnoreElements() },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				p, ok := recover().(*rx.PanicError)
				require.True(t, ok)
				require.Equal(t, value{}, p.Value)
				require.Contains(t, string(p.Stack), "via_test.go")
			}()
			_, _ = bridge.Via[int, int](src, f).Collect(t.Context())
			t.Error("did not panic")
		})
	}
}

// Rxgo's own contexts end streams silently; ours must not be taken for complete.
func TestViaFailsWhereAnOperatorsOwnContextEnds(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		own, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		src := bridge.Via[int, int](rx.Interval(300*time.Millisecond), func(in rxgo.Observable) rxgo.Observable {
			return in.Retry(1, func(error) bool { return true }, rxgo.WithContext(own))
		})
		items, err := src.Collect(t.Context())
		require.Equal(t, []int{0, 1, 2}, items)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestViaTakesSinglesAndBuildsAnewForEachRun(t *testing.T) {
	count := bridge.Via[int, int64](rx.Range(0, 1000), func(in rxgo.Observable) rxgo.Single { return in.Count() })
	largest := bridge.Via[int, int](rx.Range(0, 1000), func(in rxgo.Observable) rxgo.OptionalSingle {
		return in.Max(func(a, b any) int { return a.(int) - b.(int) })
	})
	flat := bridge.Via[int, int](rx.Range(0, 2), func(in rxgo.Observable) rxgo.Observable { // once observable
		return in.FlatMap(func(i rxgo.Item) rxgo.Observable { return rxgo.Just(i.V, i.V)() })
	})
	for range 3 {
		n, err := count.First(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 1000, n)
		top, err := largest.First(t.Context())
		require.NoError(t, err)
		require.Equal(t, 999, top)
		items, err := flat.Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{0, 0, 1, 1}, items)
	}
}

func TestBackpressureCrosses(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		w := &watched{}
		taken := int64(0)
		err := bridge.Via[int, int](w.run, func(in rxgo.Observable) rxgo.Observable {
			return in.Filter(func(any) bool { return true }).Map(func(_ context.Context, v any) (any, error) { return v, nil })
		})(t.Context(), func(int) bool {
			taken++
			synctest.Wait()
			require.LessOrEqual(t, w.made.Load(), taken+3, "one item in each operator, and one in the upstream's hand")
			return taken < 100
		})
		require.NoError(t, err)
	})
}

func TestViaAddsNoDelay(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		start, n := time.Now(), 0
		err := bridge.Via[int, int](rx.Interval(time.Second), chains["a buffered Map"])(t.Context(), func(int) bool {
			n++
			require.Equal(t, time.Duration(n)*time.Second, time.Since(start))
			return n < 10
		})
		require.NoError(t, err)
	})
}
