package operators_test

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// evenOnly puts f's stream of even numbers together; the odd ones are dead letters.
func evenOnly(src rx.Observable[int], to rx.Sink[op.Failure[int]]) map[string]rx.Observable[int] {
	return map[string]rx.Observable[int]{
		"TryMap": op.DeadLetters(to, func(dead op.OnError[int]) rx.Observable[int] { return op.TryMap(src, failOdd, dead) }),
		"MapAsync": op.DeadLetters(to, func(dead op.OnError[int]) rx.Observable[int] {
			return op.MapAsync(src, 5, failOdd, dead)
		}),
		"MapAsyncUnordered": op.DeadLetters(to, func(dead op.OnError[int]) rx.Observable[int] {
			return op.MapAsyncUnordered(src, 5, failOdd, dead)
		}),
	}
}

// graveyard is a sink that takes a time for each dead letter.
type graveyard struct {
	letters []op.Failure[int]
	err     error // how its stream ended
}

func (g *graveyard) sink(busy time.Duration) rx.Sink[op.Failure[int]] {
	return func(ctx context.Context, src rx.Observable[op.Failure[int]]) error {
		g.err = src.ForEach(ctx, func(f op.Failure[int]) error {
			g.letters = append(g.letters, f)
			time.Sleep(busy)
			return nil
		})
		return g.err
	}
}

func (g *graveyard) items() []int {
	items := []int{}
	for _, f := range g.letters {
		items = append(items, f.Item)
	}
	slices.Sort(items)
	return items
}

func TestDeadLettersTakesWhatFails(t *testing.T) {
	var odd []int
	for _, v := range numbers(1000) {
		if isOdd(v) {
			odd = append(odd, v)
		}
	}
	for _, srcErr := range []error{nil, errSource} {
		for name := range evenOnly(nil, burying) {
			t.Run(name, func(t *testing.T) {
				virtualtime.Test(t, func(t *testing.T) {
					var dead graveyard
					at := clock()
					got, err := evenOnly(failing(srcErr, numbers(1000)...), dead.sink(time.Second))[name].Collect(t.Context())
					require.Equal(t, srcErr, err)
					require.Len(t, got, 500)
					require.Equal(t, odd, dead.items(), "the run ends when the sink has taken everything")
					require.NoError(t, dead.err, "whatever ends the stream")
					require.Equal(t, 500*time.Second, at())
					for _, f := range dead.letters {
						require.Equal(t, op.Failure[int]{Item: f.Item, Err: errOdd, Attempts: 1}, f)
					}
				})
			})
		}
	}
}

func TestDeadLettersAfterOtherRules(t *testing.T) {
	thrice := func(_ context.Context, f *op.Failure[int]) op.Decision {
		if f.Attempts < 3 {
			return op.Again
		}
		f.Err = errReason
		return op.Stop
	}
	var dead graveyard
	stream := op.DeadLetters(dead.sink(0), func(dead op.OnError[int]) rx.Observable[int] {
		return op.TryMap(rx.From(1, 2, 3), failOdd, thrice, dead)
	})
	require.Equal(t, []int{2}, collect(t, stream))
	require.Equal(t, []op.Failure[int]{{Item: 1, Err: errReason, Attempts: 3}, {Item: 3, Err: errReason, Attempts: 3}}, dead.letters)
}

func TestDeadLettersASinkThatFailsStopsTheStream(t *testing.T) {
	for what, tt := range map[string]struct {
		sink rx.Sink[op.Failure[int]]
		err  error
		text string
	}{
		"fails": {
			func(ctx context.Context, src rx.Observable[op.Failure[int]]) error {
				_, _ = src.First(ctx)
				return errConsumer
			},
			errConsumer, "operators.DeadLetters: the sink of the dead letters failed: the consumer failed",
		},
		"fails at once": {
			func(context.Context, rx.Observable[op.Failure[int]]) error { return errConsumer },
			errConsumer, "operators.DeadLetters: the sink of the dead letters failed: the consumer failed",
		},
		"leaves": {
			func(ctx context.Context, src rx.Observable[op.Failure[int]]) error {
				_, err := src.First(ctx)
				return err
			},
			op.ErrSinkLeft, "operators.DeadLetters: a sink has left before the end of its stream, and there were items for it",
		},
		"does not begin": {
			func(context.Context, rx.Observable[op.Failure[int]]) error { return nil },
			op.ErrSinkLeft, "operators.DeadLetters: a sink has left before the end of its stream, and there were items for it",
		},
	} {
		for _, src := range []rx.Observable[int]{
			op.Concat(rx.From(1, 1), rx.Never[int]()), forever(1), op.Concat(rx.From(1, 1), forever(2)), rx.From(1, 3, 5), failing(errSource, 1, 3),
		} {
			for name := range evenOnly(nil, burying) {
				t.Run(what+" "+name, func(t *testing.T) {
					virtualtime.Test(t, func(t *testing.T) {
						err := evenOnly(src, tt.sink)[name].ForEach(t.Context(), func(int) error { time.Sleep(time.Nanosecond); return nil })
						require.ErrorIs(t, err, tt.err)
						require.ErrorContains(t, err, tt.text)
					})
				})
			}
		}
	}
}

func TestDeadLettersASinkThatFailsAtTheEnd(t *testing.T) {
	flush := func(ctx context.Context, src rx.Observable[op.Failure[int]]) error {
		if _, err := src.Collect(ctx); err != nil {
			return err
		}
		return errConsumer
	}
	for name, src := range evenOnly(rx.Range(0, 10), flush) {
		got, err := src.Collect(t.Context())
		require.ErrorIs(t, err, errConsumer, name)
		require.Len(t, got, 5)
	}
}

func TestDeadLettersTheErrorsOfBothAreTold(t *testing.T) {
	flush := func(ctx context.Context, src rx.Observable[op.Failure[int]]) error {
		_, _ = src.Collect(ctx)
		return errConsumer
	}
	for name, src := range evenOnly(failing(errSource, 1, 2), flush) {
		_, err := src.Collect(t.Context())
		require.ErrorIs(t, err, errConsumer, name)
		require.ErrorIs(t, err, errSource, name)
	}
}

func TestDeadLettersASinkForWhichThereIsNothingMayLeave(t *testing.T) {
	none := func(context.Context, rx.Observable[op.Failure[int]]) error { return nil }
	first := func(ctx context.Context, src rx.Observable[op.Failure[int]]) error {
		_, err := src.First(ctx)
		return err
	}
	for name, src := range evenOnly(rx.From(0, 2), none) {
		require.ElementsMatch(t, []int{0, 2}, collect(t, src), name)
	}
	for name, src := range evenOnly(rx.From(0, 1, 2), first) {
		require.ElementsMatch(t, []int{0, 2}, collect(t, src), name)
	}
}

// The operator that was to pass its letter on has been left, and so nothing is lost.
func TestDeadLettersOfAnOperatorThatIsLeftAreNotLost(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		slow := func(ctx context.Context, src rx.Observable[op.Failure[int]]) error {
			time.Sleep(time.Hour)
			return burying(ctx, src)
		}
		stop, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		got := collect(t, op.DeadLetters(slow, func(dead op.OnError[int]) rx.Observable[int] {
			odd := op.MapAsync(forever(1), 2, failOdd, dead) // waits for space for the 65th
			return op.Merge(2, rx.From(0), op.Until(odd, stop))
		}))
		require.Equal(t, []int{0}, got)
	})
}

func TestDeadLettersAreDeliveredWhenTheConsumerLeaves(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var dead graveyard
		at := clock()
		leave(t, evenOnly(rx.From(1, 3, 5, 7, 2, 4, 9), dead.sink(time.Second))["TryMap"], 1)
		require.Equal(t, []int{1, 3, 5, 7}, dead.items())
		require.NoError(t, dead.err)
		require.Equal(t, 4*time.Second, at())

		flush := func(ctx context.Context, src rx.Observable[op.Failure[int]]) error {
			_, _ = src.Collect(ctx)
			return errConsumer // too late for anybody to be told
		}
		leave(t, evenOnly(rx.From(1, 2), flush)["TryMap"], 1)
	})
}

func TestDeadLettersTheEndOfTheContext(t *testing.T) {
	for name := range evenOnly(nil, burying) {
		virtualtime.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeoutCause(t.Context(), 90*time.Second, errReason)
			defer cancel()
			var dead graveyard
			_, err := evenOnly(forever(1), dead.sink(time.Minute))[name].Collect(ctx)
			require.ErrorIs(t, err, errReason)
			require.ErrorIs(t, dead.err, errReason)
			require.Len(t, dead.letters, 2)
		})
	}
}

func TestDeadLettersPanics(t *testing.T) {
	boom := func(context.Context, rx.Observable[op.Failure[int]]) error { panic("boom") }
	for name := range evenOnly(nil, burying) {
		virtualtime.Test(t, func(t *testing.T) {
			defer func() {
				p, ok := recover().(*rx.PanicError)
				require.True(t, ok)
				require.Equal(t, "boom", p.Value)
			}()
			_, _ = evenOnly(rx.Never[int](), boom)[name].Collect(t.Context())
		})
	}
	exits := func(context.Context, rx.Observable[op.Failure[int]]) error { runtime.Goexit(); return nil }
	virtualtime.Test(t, func(t *testing.T) {
		out := escape(func() { _, _ = evenOnly(rx.Never[int](), exits)["TryMap"].Collect(t.Context()) })
		require.True(t, out.exited)
	})
}

func TestDeadLettersNeedsASinkAndAStream(t *testing.T) {
	require.Panics(t, func() { op.DeadLetters[int, int](burying, nil) })
	require.Panics(t, func() { evenOnly(rx.From(1), nil) })
}

func BenchmarkDeadLetters(b *testing.B) {
	b.Run("none", func(b *testing.B) {
		run(b, func(src rx.Observable[int]) rx.Observable[int] {
			return op.DeadLetters(burying, func(dead op.OnError[int]) rx.Observable[int] { return op.TryMap(src, tryDouble, dead) })
		})
	})
	b.Run("every other", func(b *testing.B) {
		run(b, func(src rx.Observable[int]) rx.Observable[int] { return evenOnly(src, burying)["TryMap"] })
	})
}
