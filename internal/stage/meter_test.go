package stage_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/internal/virtualtime"
)

// each gives n items, and takes so long for each.
func each(n int, takes func(i int) time.Duration) func(context.Context, func(int) bool) error {
	return func(_ context.Context, yield func(int) bool) error {
		for i := range n {
			if time.Sleep(takes(i)); !yield(i) {
				break
			}
		}
		return nil
	}
}

func always(d time.Duration) func(int) time.Duration { return func(int) time.Duration { return d } }

// TestSlowItemsAreTimedOneByOne, to the nanosecond, and so is what goes on while somebody looks.
func TestSlowItemsAreTimedOneByOne(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		h, ctx := watched(t)
		err := stage.Drain(ctx, "sink", func(ctx context.Context, yield func(int) bool) error {
			return stage.Observe(ctx, stage.Source, "read", each(100, always(3*time.Millisecond)), yield)
		}, nil, func(i int) bool {
			time.Sleep(time.Millisecond)
			r, n := h.read(t, "read"), time.Duration(i+1)
			require.Equal(t, 3*n*time.Millisecond, r.Times[stage.Up])
			require.Equal(t, n*time.Millisecond, r.Times[stage.Down])
			require.EqualValues(t, n, r.Out)
			return true
		})
		require.NoError(t, err)
		r := h.read(t, "read")
		require.Equal(t, 300*time.Millisecond, r.Times[stage.Up])
		require.Equal(t, 100*time.Millisecond, r.Times[stage.Down])
		require.Equal(t, 400*time.Millisecond, h.read(t, "sink").Times[stage.Inner])
	})
}

// TestFastItemsAreSampled: no time is lost or counted twice, and a side that takes long at an item is found, however it is
// spread over the items.
func TestFastItemsAreSampled(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		up := time.Duration(rapid.IntRange(10, 90).Draw(rt, "up")) * time.Millisecond
		down := time.Duration(rapid.IntRange(10, 90).Draw(rt, "down")) * time.Millisecond
		rare := rapid.IntRange(100, 2000).Draw(rt, "every")
		const waits = 20
		n := waits * rare
		at := func(i int, d time.Duration) time.Duration {
			if i%rare == rare/2 {
				return d
			}
			return 0
		}
		var err error
		var r stage.Reading
		virtualtime.Test(t, func(t *testing.T) {
			h, ctx := watched(t)
			err = stage.Observe(ctx, stage.Source, "read", each(n, func(i int) time.Duration { return at(i, up) }),
				func(i int) bool { time.Sleep(at(i, down)); return true })
			synctest.Wait() // no ticker is left
			r = h.read(t, "read")
		})
		require.NoError(rt, err)
		require.EqualValues(rt, n, r.Out)
		require.Equal(rt, waits*(up+down), r.Times[stage.Up]+r.Times[stage.Down])
		require.InEpsilon(rt, waits*up, r.Times[stage.Up], 0.05)
		require.Zero(rt, r.Times[stage.Either])
	})
}

// TestAPanicLeavesTheMeterRight: the items are counted with the one at which it came, and the ticker has ended.
func TestAPanicLeavesTheMeterRight(t *testing.T) {
	for _, last := range []int{3, 5_000} { // timed one by one, and sampled
		virtualtime.Test(t, func(t *testing.T) {
			h, ctx := watched(t)
			require.Panics(t, func() {
				_ = stage.Observe(ctx, stage.Source, "read", upTo(1<<30), func(i int) bool {
					if i == last {
						time.Sleep(time.Second)
						panic("here")
					}
					return true
				})
			})
			synctest.Wait()
			r := h.read(t, "read")
			require.EqualValues(t, last+1, r.Out)
			require.Equal(t, time.Second, r.Times[stage.Down])
			require.Zero(t, r.Times[stage.Up])
		})
	}
}

func TestItemsThatCountAsMany(t *testing.T) {
	h, ctx := watched(t)
	_, p := stage.Begin(ctx, stage.Sink, "s")
	defer p.End(nil, false)
	var within int64
	require.NoError(t, stage.Counted(ctx, p, upTo(1000), func(i int) int { return i % 5 }, func(i int) bool {
		if i == 499 {
			within = h.read(t, "s").Out
		}
		return i < 899
	}))
	require.EqualValues(t, 1000, within)
	require.EqualValues(t, 1800, h.read(t, "s").Out)
}

// TestSeveralStreamsOfASink have a meter each, and what they have done stays when they end.
func TestSeveralStreamsOfASink(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		h, ctx := watched(t)
		_, p := stage.Begin(ctx, stage.Sink, "s")
		ended := make(chan error)
		for i := range 3 {
			go func() {
				ended <- stage.Metered(ctx, p, each(10*(i+1), always(time.Second)), func(int) bool { time.Sleep(time.Second); return true })
			}()
		}
		for range 61 * 2 {
			time.Sleep(500 * time.Millisecond)
			synctest.Wait()
			r := h.read(t, "s")
			at := r.Times[stage.Inner]
			items, up := int64(0), time.Duration(0)
			for i := range 3 {
				most := time.Duration(10 * (i + 1))
				items += int64(min((at+time.Second)/(2*time.Second), most))
				whole, part := at/(2*time.Second), min(at%(2*time.Second), time.Second)
				if whole >= most {
					whole, part = most, 0
				}
				up += whole*time.Second + part
			}
			require.Equal(t, up, r.Times[stage.Up], at)
			require.Equal(t, items, r.Out, at)
			if at == 20*time.Second || at == 40*time.Second || at == 60*time.Second {
				require.NoError(t, <-ended)
			}
		}
		p.End(nil, false)
	})
}
