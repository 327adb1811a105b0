package operators_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func TestInterleaveProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		segment := rapid.IntRange(1, 5).Draw(rt, "segment")
		lengths := rapid.SliceOfN(rapid.IntRange(0, 200), 0, 6).Draw(rt, "lengths")
		var srcs []rx.Observable[[2]int]
		for s, n := range lengths {
			srcs = append(srcs, op.Map(rx.Range(0, n), func(i int) [2]int { return [2]int{s, i} }))
		}
		// Item i of stream s is in round i/segment; the rounds come in order, and in each the streams.
		want := [][2]int{}
		for round := range 200/segment + 1 {
			for s, n := range lengths {
				for i := round * segment; i < min((round+1)*segment, n); i++ {
					want = append(want, [2]int{s, i})
				}
			}
		}
		got, err := op.Interleave(segment, srcs...).Collect(t.Context())
		require.NoError(rt, err)
		require.Equal(rt, want, append([][2]int{}, got...))
	})
}

func TestInterleaveAnErrorComesWhenItIsItsTurn(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		canceled := false
		slow := op.Concat(delayed(rx.From(1, 2, 3, 4)), ending(&canceled))
		got, err := op.Interleave(2, slow, failing(errSource, 10, 20)).Collect(t.Context())
		require.Equal(t, errSource, err)
		require.Equal(t, []int{1, 2, 10, 20, 3, 4}, got)
		require.True(t, canceled)
	})
}

func TestInterleaveTheStreamsWorkSideBySide(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		require.Len(t, collect(t, op.Interleave(1, paced(5, time.Second), paced(5, time.Second))), 10)
		require.Equal(t, 5*time.Second, at())
	})
}

func TestInterleaveOfNothingIsEmpty(t *testing.T) {
	require.Empty(t, collect(t, op.Interleave[int](1)))
	require.PanicsWithValue(t, "operators.Interleave: 0 items in a segment; there must be at least 1", func() { op.Interleave[int](0) })
}

func BenchmarkInterleave(b *testing.B) {
	for _, segment := range []int{1, 100} {
		b.Run(fmt.Sprint(segment), func(b *testing.B) {
			run(b, func(rx.Observable[int]) rx.Observable[int] {
				return op.Take(op.Interleave(segment, forever(1), forever(2)), b.N)
			})
		})
	}
}
