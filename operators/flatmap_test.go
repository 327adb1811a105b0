package operators_test

import (
	"context"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func TestFlatMapAsksUpstreamOnlyForWhatItCanRun(t *testing.T) {
	for _, n := range []int{1, 3} {
		virtualtime.Test(t, func(t *testing.T) {
			var g gauge
			asked := 0
			src := op.Tap(rx.Range(0, 10), op.Hooks[int]{OnNext: func(int) {
				require.Less(t, int(g.now.Load()), n, "a slot is free when upstream is asked")
				asked++
				synctest.Wait()
			}})
			at := clock()
			stream := op.FlatMap(src, n, func(int) rx.Observable[int] { return watched(&g, paced(1, time.Second)) })
			require.Len(t, collect(t, stream), 10)
			require.Equal(t, 10, asked)
			require.EqualValues(t, n, g.most.Load())
			require.Equal(t, time.Duration((10+n-1)/n)*time.Second, at())
		})
	}
}

func TestFlatMapWithOneAtATimeIsConcatMap(t *testing.T) {
	f := func(v int) rx.Observable[int] { return rx.Range(10*v, v) }
	src := failing(errSource, 1, 2, 3, 4)
	want, wantErr := op.ConcatMap(src, f).Collect(t.Context())
	got, err := op.FlatMap(src, 1, f).Collect(t.Context())
	require.Equal(t, want, got)
	require.Equal(t, wantErr, err)
}

func TestFlatMapUpstreamsErrorComesAfterAllThatItLedTo(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		stream := op.FlatMap(failing(errSource, 1, 2), 5, func(int) rx.Observable[int] { return paced(3, time.Second) })
		got, err := stream.Collect(t.Context())
		require.Equal(t, errSource, err)
		require.ElementsMatch(t, []int{0, 0, 1, 1, 2, 2}, got)
	})
}

func TestFlatMapAnInnerErrorStopsUpstreamAndTheOthers(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		made := 0
		src := op.Tap(rx.Range(0, 1000), op.Hooks[int]{OnNext: func(int) { made++ }})
		stream := op.FlatMap(src, 3, func(v int) rx.Observable[int] {
			if v == 1 {
				return op.Concat(op.Filter(paced(1, time.Second), func(int) bool { return false }), rx.Fail[int](errSource))
			}
			return rx.Never[int]()
		})
		_, err := stream.Collect(t.Context())
		require.Equal(t, errSource, err)
		require.Equal(t, 3, made)
	})
}

func TestFlatMapBeginsNothingAfterAFailureThoughTheConsumerIsBusy(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var g gauge
		streams := []rx.Observable[int]{failing(errSource, 1), rx.Empty[int](), rx.Empty[int]()}
		stream := op.FlatMap(paced(3, time.Second), 2, func(v int) rx.Observable[int] { return watched(&g, streams[v]) })
		err := stream.ForEach(t.Context(), func(int) error {
			time.Sleep(time.Hour)
			return nil
		})
		require.Equal(t, errSource, err)
		require.EqualValues(t, 1, g.begun.Load())
	})
}

// Of as many slots as there can be nobody can wait for each.
func TestFlatMapOfAnyNumberOfStreamsAtATimeEnds(t *testing.T) {
	require.ElementsMatch(t, []int{1, 2, 3}, collect(t, op.FlatMap(rx.From(1, 2, 3), math.MaxInt, one)))
	require.ElementsMatch(t, []int{1, 2}, collect(t, op.Merge(math.MaxInt, rx.From(1), rx.From(2))))
}

func TestFlatMapAPanicOfTheFunctionReachesTheConsumer(t *testing.T) {
	require.PanicsWithError(t, errOdd.Error(), func() {
		defer unwrapPanic(t)
		_, _ = op.FlatMap(rx.From(1), 2, func(int) rx.Observable[int] { panic(errOdd) }).Collect(t.Context())
	})
}

// unwrapPanic raises the value of a panic that came from another goroutine.
func unwrapPanic(t *testing.T) {
	v := recover()
	require.IsType(t, &rx.PanicError{}, v)
	panic(v.(*rx.PanicError).Value)
}

func BenchmarkFlatMap(b *testing.B) {
	b.Run("a stream for each item", func(b *testing.B) {
		run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.FlatMap(src, 4, one) })
	})
	b.Run("a stream for 1000 items", func(b *testing.B) {
		run(b, func(rx.Observable[int]) rx.Observable[int] {
			thousand := rx.Observable[int](func(_ context.Context, yield func(int) bool) error {
				for i := range 1000 {
					if !yield(i) {
						break
					}
				}
				return nil
			})
			return op.Take(op.FlatMap(forever(0), 4, func(int) rx.Observable[int] { return thousand }), b.N)
		})
	})
}
