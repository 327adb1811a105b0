package ring_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/ring"
)

// anyCover draws sorted ranges without overlaps.
func anyCover() *rapid.Generator[[]ring.Range] {
	return rapid.Custom(func(rt *rapid.T) []ring.Range {
		cuts := rapid.SliceOfNDistinct(rapid.OneOf(rapid.Int64(), rapid.Int64Range(-9, 9), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64})),
			0, 12, rapid.ID[int64]).Draw(rt, "cuts")
		slices.Sort(cuts)
		var ranges []ring.Range
		for i := 1; i < len(cuts); i++ {
			if rapid.Bool().Draw(rt, "taken") {
				ranges = append(ranges, ring.Range{Start: cuts[i-1], End: cuts[i]})
			}
		}
		return ranges
	})
}

func holds(ranges []ring.Range, token int64) bool {
	return slices.ContainsFunc(ranges, func(r ring.Range) bool { return r.Start < token && token <= r.End })
}

func TestSetsOfRanges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b := anyCover().Draw(rt, "a"), anyCover().Draw(rt, "b")
		common, rest := ring.Common(a, b), ring.Rest(a)
		for _, ranges := range [][]ring.Range{common, rest} {
			sorted, err := ring.Disjoint(ranges)
			require.NoError(rt, err)
			require.Equal(rt, append([]ring.Range{}, ranges...), append([]ring.Range{}, sorted...))
		}
		near := []int64{math.MinInt64 + 1, math.MaxInt64}
		for _, r := range slices.Concat(a, b) {
			for _, d := range []int64{-1, 0, 1} {
				near = append(near, r.Start+d, r.End+d)
			}
		}
		for _, token := range near {
			if token == math.MinInt64 { // no partition has it
				continue
			}
			require.Equal(rt, holds(a, token) && holds(b, token), holds(common, token), "common at %d", token)
			require.Equal(rt, !holds(a, token), holds(rest, token), "rest at %d", token)
		}
		for _, r := range common { // cut where one of them is
			for _, ranges := range [][]ring.Range{a, b} {
				require.False(rt, slices.ContainsFunc(ranges, func(x ring.Range) bool { return r.Start < x.End && x.End < r.End }))
			}
		}
	})
}

func TestDisjoint(t *testing.T) {
	_, err := ring.Disjoint([]ring.Range{{Start: 5, End: 9}, {Start: 1, End: 6}})
	require.EqualError(t, err, "the ranges (1, 6] and (5, 9] overlap")
	_, err = ring.Disjoint([]ring.Range{{Start: 5, End: 5}})
	require.ErrorContains(t, err, "empty")
}
