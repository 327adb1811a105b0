package operators_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// asynchronous are all operators that have goroutines or wait, over an endless stream. The gauge knows how many of its
// runs, and of the calls that are made with its items, are under way.
func asynchronous(g *gauge, stop context.Context) map[string]rx.Observable[int] {
	src := watched(g, forever(1))
	timed := watched(g, rx.Interval(10*time.Microsecond)) // lets virtual time go on
	one := func(v int) rx.Observable[int] { return watched(g, one(v)) }
	id := func(_ context.Context, v int) (int, error) {
		g.now.Add(1)
		defer g.now.Add(-1)
		return v, nil
	}
	return map[string]rx.Observable[int]{
		"MapAsyncPartitioned": op.MapAsyncPartitioned(src, 3, 1, mod(2), id),
		"Zip":                 op.Zip(src, src, add),
		"Interleave":          op.Interleave(2, src, src, src),
		"MergeSorted":         op.MergeSorted(subtract, src, src, src),
		"JoinSorted":          op.Map(joinInts(src, one(1), op.LeftJoin, 1), joinedInt),
		"CombineLatest":       op.CombineLatest(src, src, add),
		"GroupBy":             op.GroupBy(src, 1, mod(2), asItIs),
		"Divert":              op.Divert(op.Merge(2, src, watched(g, forever(2))), isEven, drain),
		"LookupJoin":          op.Map(op.LookupJoin(src, 2, op.Limit{Count: 3}, mod(2), squares), lookedInt),

		"Prefetch":          op.Prefetch(src, 2),
		"Merge":             op.Merge(2, src, src, src),
		"FlatMap":           op.FlatMap(src, 3, one),
		"MapAsync":          op.MapAsync(src, 3, id),
		"MapAsyncUnordered": op.MapAsyncUnordered(src, 3, id),
		"BufferBy":          sums(op.BufferBy(src, op.Limit{Count: 3, Within: time.Millisecond})),
		"Throttle":          op.Throttle(src, rate.NewLimiter(rate.Inf, 1)),
		"Timeout":           op.Timeout(src, op.Timeouts{Idle: time.Hour}),
		"Until":             op.Until(src, stop),
		"Conflate":          op.Conflate(timed, func(v int) int { return v }, add),
		"Batch":             sums(op.Batch(src, 3)),
		"Killable":          op.Killable(src, op.NewKillSwitch()),
		"Hub":               throughHub(src),
		"DeadLetters":       op.DeadLetters(burying, func(dead op.OnError[int]) rx.Observable[int] { return op.MapAsync(src, 3, id, dead) }),
		"OnOverflow":        op.OnOverflow(timed, 3, op.DropOldest, &op.Dropped{}),
		"Sample":            op.Sample(timed, time.Millisecond),
		"Debounce":          op.Debounce(timed, time.Microsecond),
		"ThrottleLast":      op.ThrottleLast(timed, time.Millisecond),
		"Repeat":            op.Repeat(op.Take(src, 2), -1, time.Second),
		"all":               op.Prefetch(op.Merge(2, op.MapAsync(op.Prefetch(src, 2), 3, id), op.FlatMap(src, 2, one)), 2),
	}
}

func TestRunsThatAreLeftLeaveNoGoroutine(t *testing.T) {
	var g gauge
	for name := range asynchronous(&g, t.Context()) {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				stop, cancelStop := context.WithCancel(t.Context())
				defer cancelStop()
				src := asynchronous(&g, stop)[name]
				before := goroutinesInBubble()
				require.NotZero(t, before)
				for i := range 1000 {
					ctx, cancel := context.WithCancel(t.Context())
					leaveSomehow(t, ctx, cancel, src, i)
					require.Zero(t, g.now.Load(), "at return nothing of the run works any more")
					require.Equal(t, before, goroutinesInBubble())
					cancel()
				}
			})
		})
	}
}

// goroutinesInBubble counts them once each is gone, blocked or asleep: a goroutine that has told its owner that it is
// done needs a moment more until it is gone. runtime.NumGoroutine would count others, too.
func goroutinesInBubble() int {
	synctest.Wait()
	stacks := make([]byte, 1<<16)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "synctest bubble ")
}

// leaveSomehow runs src and leaves it, in a way and after a number of items that depend on i.
func leaveSomehow(t *testing.T, ctx context.Context, cancel func(), src rx.Observable[int], i int) {
	taken := 0
	switch i % 4 {
	case 0: // yield returns false
		require.NoError(t, src(ctx, func(int) bool { taken++; return taken < i%7 }))
	case 1: // a range that is broken
		for _, err := range src.All(ctx) {
			require.NoError(t, err)
			if taken++; taken > i%7 {
				break
			}
		}
	case 2: // the context ends
		err := src(ctx, func(int) bool {
			if taken++; taken > i%7 {
				cancel()
			}
			return true
		})
		require.Equal(t, context.Canceled, err)
	case 3: // a panic
		require.PanicsWithValue(t, i, func() { _ = src(ctx, func(int) bool { panic(i) }) })
	}
}

func TestCancelWakesAWaitingConsumerAtOnce(t *testing.T) {
	never := rx.Never[int]()
	id := func(_ context.Context, v int) (int, error) { return v, nil }
	for name, src := range map[string]rx.Observable[int]{
		"MapAsyncPartitioned": op.MapAsyncPartitioned(never, 2, 1, mod(2), id),
		"Zip":                 op.Zip(rx.From(1, 2), never, add),
		"Interleave":          op.Interleave(2, never, rx.From(1)),
		"MergeSorted":         op.MergeSorted(subtract, rx.From(1), never),
		"JoinSorted":          op.Map(joinInts(rx.From(1), never, op.FullJoin, 1), joinedInt),
		"CombineLatest":       op.CombineLatest(never, rx.From(1), add),
		"GroupBy":             op.GroupBy(never, 1, mod(2), asItIs),
		"GroupBy, group":      op.GroupBy(rx.From(1), 1, mod(2), func(int, rx.Observable[int]) rx.Observable[int] { return never }),
		"Divert":              op.Divert(never, isOdd, drain),
		"Divert, sink":        op.Divert(rx.From(1), isOdd, func(ctx context.Context, _ rx.Observable[int]) error { <-ctx.Done(); return nil }),
		"LookupJoin":          op.Map(op.LookupJoin(never, 2, op.Limit{Count: 3}, mod(2), squares), lookedInt),

		"Prefetch":             op.Prefetch(never, 2),
		"Merge":                op.Merge(2, never, never),
		"FlatMap":              op.FlatMap(never, 2, one),
		"FlatMap, inner":       op.FlatMap(rx.From(1, 2, 3), 2, func(int) rx.Observable[int] { return never }),
		"MapAsync":             op.MapAsync(never, 2, id),
		"MapAsync, call":       op.MapAsync(rx.From(1), 2, func(ctx context.Context, _ int) (int, error) { <-ctx.Done(); return 0, nil }),
		"MapAsyncUnordered":    op.MapAsyncUnordered(never, 2, id),
		"BufferBy":             sums(op.BufferBy(never, op.Limit{Count: 3, Within: time.Second})),
		"BufferBy, half a one": sums(op.BufferBy(op.Concat(rx.From(1), never), op.Limit{Count: 3, Within: time.Hour})),
		"Timeout":              op.Timeout(never, op.Timeouts{First: time.Hour}),
		"Conflate":             op.Conflate(never, func(v int) int { return v }, add),
		"Batch":                sums(op.Batch(never, 3)),
		"Killable":             killableNow(never),
		"Hub":                  throughHub(never),
		"DeadLetters":          op.DeadLetters(burying, func(op.OnError[int]) rx.Observable[int] { return never }),
		"OnOverflow":           op.OnOverflow(never, 3, op.DropOldest, &op.Dropped{}),
		"Sample":               op.Sample(never, time.Second),
		"Sample, held":         op.Sample(op.Concat(rx.From(1), never), time.Hour),
		"Debounce":             op.Debounce(never, time.Second),
		"Debounce, held":       op.Debounce(op.Concat(rx.From(1), never), time.Hour),
		"ThrottleLast":         op.ThrottleLast(never, time.Second),
		"ThrottleLast, held":   op.ThrottleLast(op.Concat(rx.From(1), never), time.Hour),
		"Repeat":               op.Repeat(rx.Empty[int](), -1, time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errReason)
				defer cancel()
				at := clock()
				got, err := src.Collect(ctx)
				require.ErrorIs(t, err, errReason)
				require.Empty(t, got)
				require.Equal(t, time.Minute, at())
			})
		})
	}
}

func TestAPanicInARangeBodyOverAMergeCanBeRecovered(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var g gauge
		merged := op.Merge(3, watched(&g, forever(1)), watched(&g, forever(2)), watched(&g, rx.Never[int]()))
		recovered := func() (value any) {
			defer func() {
				value = recover()
				require.Zero(t, g.now.Load(), "all sources have ended before the panic gets here")
			}()
			for range merged.All(t.Context()) {
				panic(errConsumer)
			}
			return nil
		}
		require.Equal(t, errConsumer, recovered())
		require.Equal(t, errConsumer, recovered(), "and the stream can be run again")
	})
}

func TestGoexitInARangeBodyOverAMerge(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var g gauge
		merged := op.Merge(2, watched(&g, forever(1)), watched(&g, rx.Never[int]()))
		out := escape(func() {
			for range merged.All(t.Context()) {
				runtime.Goexit() // as t.FailNow does
			}
		})
		require.True(t, out.exited)
		require.Zero(t, g.now.Load())
	})
}

// An asynchronous operator that waited for more items before it handed one on would add delay to a slow stream.
func TestASlowStreamCrossesEveryAsynchronousOperatorWithoutDelay(t *testing.T) {
	for name := range delayless(rx.Empty[int](), nil) {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				stop, cancel := context.WithCancel(t.Context())
				defer cancel()
				at := clock()
				var times []time.Duration
				src := op.Take(delayless(rx.Interval(time.Second), stop)[name], 5)
				require.NoError(t, src.ForEach(t.Context(), func(int) error {
					times = append(times, at())
					return nil
				}))
				want := []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 4 * time.Second, 5 * time.Second}
				require.Equal(t, want, times)
			})
		})
	}
}

// delayless are all asynchronous operators, in the ways of use in which an item has nothing to wait for.
func delayless(src rx.Observable[int], stop context.Context) map[string]rx.Observable[int] {
	if stop == nil {
		stop = context.Background()
	}
	id := func(_ context.Context, v int) (int, error) { return v, nil }
	return map[string]rx.Observable[int]{
		"MapAsyncPartitioned": op.MapAsyncPartitioned(src, 3, 1, mod(2), id),
		"Zip":                 op.Zip(src, forever(1), add),
		"Interleave":          op.Interleave(1, src),
		"MergeSorted":         op.MergeSorted(subtract, src, rx.Empty[int]()),
		"JoinSorted":          op.Map(joinInts(src, rx.Range(0, 1000), op.LeftJoin, 1), joinedInt),
		"CombineLatest":       op.CombineLatest(src, rx.From(1), add),
		"GroupBy":             op.GroupBy(src, 2, mod(2), asItIs),
		"Divert":              op.Divert(src, never, drain),
		"LookupJoin":          op.Map(op.LookupJoin(src, 2, op.Limit{Count: 1}, mod(2), squares), lookedInt),

		"Prefetch":          op.Prefetch(src, 64),
		"Merge":             op.Merge(2, src, rx.Never[int]()),
		"FlatMap":           op.FlatMap(src, 3, one),
		"MapAsync":          op.MapAsync(src, 3, id),
		"MapAsyncUnordered": op.MapAsyncUnordered(src, 3, id),
		"BufferBy":          sums(op.BufferBy(src, op.Limit{Count: 1, Within: time.Hour})),
		"Throttle":          op.Throttle(src, rate.NewLimiter(1, 1)),
		"Timeout":           op.Timeout(src, op.Timeouts{Idle: time.Hour}),
		"Until":             op.Until(src, stop),
		"Conflate":          op.Conflate(src, func(v int) int { return v }, add),
		"Killable":          op.Killable(src, op.NewKillSwitch()),
		"DeadLetters":       op.DeadLetters(burying, func(op.OnError[int]) rx.Observable[int] { return src }),
		"OnOverflow":        op.OnOverflow(src, 3, op.DropNewest, &op.Dropped{}),
		"Batch":             op.Map(op.Batch(src, 3), func(items []int) int { return items[0] }),
	}
}
