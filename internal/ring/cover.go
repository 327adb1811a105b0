package ring

import (
	"cmp"
	"fmt"
	"slices"
)

// Disjoint sorts ranges and checks that none is empty and no two have a token in common.
func Disjoint(ranges []Range) ([]Range, error) {
	sorted := slices.SortedFunc(slices.Values(ranges), func(a, b Range) int { return cmp.Compare(a.Start, b.Start) })
	for i, r := range sorted {
		switch {
		case r.Start >= r.End:
			return nil, fmt.Errorf("the range %v is empty; its start must be less than its end", r)
		case i > 0 && sorted[i-1].End > r.Start:
			return nil, fmt.Errorf("the ranges %v and %v overlap", sorted[i-1], r)
		}
	}
	return sorted, nil
}

// Common gives what two lists of ranges, each sorted and without overlaps, have in common, cut wherever one of them is.
func Common(a, b []Range) []Range {
	var out []Range
	for i, j := 0, 0; i < len(a) && j < len(b); {
		if c := (Range{max(a[i].Start, b[j].Start), min(a[i].End, b[j].End)}); c.Start < c.End {
			out = append(out, c)
		}
		if a[i].End <= b[j].End {
			i++
		} else {
			j++
		}
	}
	return out
}

// Rest gives the ring without the given ranges, which are sorted and without overlaps.
func Rest(taken []Range) []Range {
	var out []Range
	start := int64(Min)
	for _, r := range append(slices.Clone(taken), Range{Max, Max}) {
		if start < r.Start {
			out = append(out, Range{start, r.Start})
		}
		start = r.End
	}
	return out
}
