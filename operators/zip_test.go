package operators_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func pairOf(a, b int) [2]int { return [2]int{a, b} }

// ending waits for ever, tells when it was cancelled, and fails then, which does not count.
func ending(canceled *bool) rx.Observable[int] {
	return func(ctx context.Context, _ func(int) bool) error {
		<-ctx.Done()
		*canceled = true
		return errConsumer
	}
}

func TestZipEndsWithTheShorterAndCancelsTheOther(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		for _, end := range []error{nil, errSource} {
			for _, short := range []bool{true, false} {
				canceled := false
				a, b := failing(end, 1, 2), op.Concat(rx.From(1, 2), ending(&canceled))
				if short {
					a, b = b, a
				}
				got, err := op.Zip(a, b, pairOf).Collect(t.Context())
				require.Equal(t, end, err)
				require.Equal(t, [][2]int{{1, 1}, {2, 2}}, got)
				require.True(t, canceled)
			}
		}
	})
}

func TestZipDropsWhatHasNoCounterpart(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		got, err := op.Zip(failing(errSource, 1, 2, 3), rx.From(1, 2), pairOf).Collect(t.Context())
		require.NoError(t, err, "the stream is over before the item that the error comes after is needed")
		require.Equal(t, [][2]int{{1, 1}, {2, 2}}, got)
	})
}

func TestZipEndsThoughTheOtherWaits(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		_, err := op.Zip(rx.Never[int](), op.Concat(delayed(rx.Empty[int]()), rx.Fail[int](errSource)), pairOf).Collect(t.Context())
		require.Equal(t, errSource, err)
		require.Equal(t, time.Millisecond, at())
	})
}

func TestInputsAreNoFurtherAheadThanDocumented(t *testing.T) {
	count := func(made *int) rx.Observable[int] {
		return op.Tap(rx.Range(0, 1000), op.Hooks[int]{OnNext: func(int) { *made++ }})
	}
	for name, test := range map[string]struct {
		build func(a, b rx.Observable[int]) rx.Observable[int]
		ahead int
	}{
		"Zip":         {func(a, b rx.Observable[int]) rx.Observable[int] { return op.Zip(a, b, add) }, 64},
		"Interleave":  {func(a, b rx.Observable[int]) rx.Observable[int] { return op.Interleave(1, a, b) }, 64},
		"MergeSorted": {func(a, b rx.Observable[int]) rx.Observable[int] { return op.MergeSorted(byTens, a, b) }, 64},
		"JoinSorted": {func(a, b rx.Observable[int]) rx.Observable[int] {
			id := func(v int) int { return v }
			return op.Map(op.JoinSorted(a, b, op.InnerJoin, 1, id, id, subtract), joinedInt)
		}, 64},
	} {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				var a, b int
				require.NoError(t, test.build(count(&a), count(&b))(t.Context(), func(int) bool {
					synctest.Wait()
					return false
				}))
				require.LessOrEqual(t, max(a, b), test.ahead+1, "and the one that was emitted")
				require.Greater(t, max(a, b), test.ahead-2)
			})
		})
	}
}

func subtract(a, b int) int { return a - b }

func BenchmarkZip(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Zip(src, forever(1), add) })
}
