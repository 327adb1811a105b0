package ring_test

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/ring"
)

// anyToken prefers those at the ends and in the middle.
func anyToken() *rapid.Generator[int64] {
	return rapid.OneOf(
		rapid.Int64(),
		rapid.SampledFrom([]int64{ring.Min, ring.Min + 1, ring.Min + 2, -1, 0, 1, ring.Max - 2, ring.Max - 1, ring.Max}),
		rapid.Int64Range(ring.Min, ring.Min+1000), // crowded, so that ranges are narrow and tokens come twice
	)
}

func anyNodes() *rapid.Generator[[]ring.Node] {
	return rapid.Custom(func(t *rapid.T) []ring.Node {
		nodes := make([]ring.Node, rapid.IntRange(1, 6).Draw(t, "nodes"))
		for i := range nodes {
			nodes[i] = ring.Node{
				ID:   fmt.Sprintf("node%d", i),
				DC:   rapid.SampledFrom([]string{"dc1", "dc2"}).Draw(t, "dc"),
				Rack: rapid.SampledFrom([]string{"r1", "r2", "r3"}).Draw(t, "rack"),
				// The length is drawn first: rapid's own slices are mostly short.
				Tokens: func() []int64 {
					n := rapid.IntRange(1, 256).Draw(t, "vnodes")
					return rapid.SliceOfN(anyToken(), n, n).Draw(t, "tokens")
				}(),
			}
		}
		return nodes
	})
}

// covers checks that ranges are the whole ring, in order, without overlap, and none of them empty.
func covers(t require.TestingT, ranges []ring.Range) {
	at := int64(ring.Min)
	sum := new(big.Int)
	for _, r := range ranges { // testify is slow where there are 10,000
		width := new(big.Int).Sub(big.NewInt(r.End), big.NewInt(r.Start))
		if r.Start != at || r.End <= r.Start || width.Uint64() != r.Width() {
			require.Failf(t, "no cover", "%v follows %d and is %v wide", r, at, width)
		}
		sum.Add(sum, width)
		at = r.End
	}
	require.EqualValues(t, ring.Max, at)
	require.Equal(t, new(big.Int).SetUint64(math.MaxUint64), sum)
}

// TestSplitIsAnExactCover: and in as many ranges as asked for, of about equal width, within owned ranges if there are
// at least as many.
func TestSplitIsAnExactCover(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes := anyNodes().Draw(t, "nodes")
		n := rapid.OneOf(rapid.IntRange(1, 10_000), rapid.IntRange(1, 20)).Draw(t, "splits")
		ranges := ring.New(nodes).Split(n)
		covers(t, ranges)
		require.Len(t, ranges, n)

		bounds := []int64{ring.Min, ring.Max}
		for _, node := range nodes {
			bounds = append(bounds, node.Tokens...)
		}
		slices.Sort(bounds)
		bounds = slices.Compact(bounds)
		even := uint64(math.MaxUint64) / uint64(n)
		if n < len(bounds)-1 {
			for _, r := range ranges {
				require.GreaterOrEqual(t, r.Width(), even/2)
				require.LessOrEqual(t, r.Width()/2, even/2+even/4+1)
			}
			return
		}
		narrowest, widest := map[int]uint64{}, map[int]uint64{}
		for _, r := range ranges {
			k, _ := slices.BinarySearch(bounds, r.End)
			// A range can only be wider than an even one if cuts were used up on owned ranges that are narrower.
			if r.Start < bounds[k-1] || r.Width()-1 > math.MaxUint64/uint64(n-len(bounds)+2) {
				require.Failf(t, "not a part of an owned range, or too wide", "%v", r)
			}
			if w, ok := narrowest[k]; !ok || r.Width() < w {
				narrowest[k] = r.Width()
			}
			widest[k] = max(widest[k], r.Width())
		}
		for k := range widest {
			require.LessOrEqual(t, widest[k]-narrowest[k], uint64(1), "an owned range is cut evenly")
		}
	})
}

func TestSplit(t *testing.T) {
	whole := []ring.Range{{Start: ring.Min, End: ring.Max}}
	halves := []ring.Range{{Start: ring.Min, End: -1}, {Start: -1, End: ring.Max}}
	for name, c := range map[string]struct {
		tokens []int64
		n      int
		want   []ring.Range
	}{
		"no token":                    {nil, 1, whole},
		"no token, in halves":         {nil, 2, halves},
		"nonsense":                    {nil, -3, whole},
		"a token at the start":        {[]int64{ring.Min}, 2, halves},
		"a token at the end":          {[]int64{ring.Max}, 2, halves},
		"both":                        {[]int64{ring.Max, ring.Min}, 1, whole},
		"one that wraps around":       {[]int64{5}, 2, []ring.Range{{Start: ring.Min, End: 5}, {Start: 5, End: ring.Max}}},
		"one that is joined":          {[]int64{5}, 1, whole},
		"the same twice":              {[]int64{5, 5}, 2, []ring.Range{{Start: ring.Min, End: 5}, {Start: 5, End: ring.Max}}},
		"the wider gets the cut":      {[]int64{7}, 3, []ring.Range{{Start: ring.Min, End: -1<<62 + 3}, {Start: -1<<62 + 3, End: 7}, {Start: 7, End: ring.Max}}},
		"a cut goes to a token":       {[]int64{-4, 1 << 62, 3 << 61}, 2, []ring.Range{{Start: ring.Min, End: -4}, {Start: -4, End: ring.Max}}},
		"but not to one far away":     {[]int64{1 << 62, 3 << 61}, 2, halves},
		"an odd token for each":       {[]int64{ring.Min + 1, ring.Max - 1}, 3, []ring.Range{{Start: ring.Min, End: ring.Min + 1}, {Start: ring.Min + 1, End: ring.Max - 1}, {Start: ring.Max - 1, End: ring.Max}}},
		"ranges of one token are not": {[]int64{ring.Min + 1, ring.Min + 2}, 4, []ring.Range{{Start: ring.Min, End: ring.Min + 1}, {Start: ring.Min + 1, End: ring.Min + 2}, {Start: ring.Min + 2, End: 0}, {Start: 0, End: ring.Max}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := ring.New([]ring.Node{{ID: "a", Tokens: c.tokens}}).Split(c.n)
			covers(t, got)
			require.Equal(t, c.want, got)
		})
	}
	covers(t, ring.New(nil).Split(10_000))
}

func TestRange(t *testing.T) {
	whole := ring.Range{Start: ring.Min, End: ring.Max}
	require.Equal(t, uint64(math.MaxUint64), whole.Width())
	require.Equal(t, 1.0, whole.Share())
	require.Equal(t, 0.5, ring.Range{Start: -1, End: ring.Max}.Share())
	require.Zero(t, ring.Range{Start: 3, End: 3}.Width())
	require.Zero(t, ring.Range{Start: 3, End: -3}.Share())
	require.Equal(t, "(-12, 34]", ring.Range{Start: -12, End: 34}.String())
}

func TestParseTokens(t *testing.T) {
	tokens, err := ring.ParseTokens([]string{"-9223372036854775808", "0", "9223372036854775807"})
	require.NoError(t, err)
	require.Equal(t, []int64{ring.Min, 0, ring.Max}, tokens)
	for _, text := range []string{"", "x", "9223372036854775808", "0a5f"} {
		_, err = ring.ParseTokens([]string{"1", text})
		require.ErrorContains(t, err, fmt.Sprintf("%q is no token of Murmur3Partitioner", text))
	}
}
