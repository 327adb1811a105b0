package source

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/rxcql/rxcql/internal/ring"
)

// Splits gives the ranges that a run would read: those that were given, else parts of the ring in random order, or, with
// [Scan.InTokenOrder], in that of the ring. Each run draws a random order of its own.
func (t Scan[T]) Splits(ctx context.Context) ([]Range, error) { return t.splitUp(ctx) }

func (t tableQuery) splitUp(ctx context.Context) ([]Range, error) {
	p, err := t.plan(ctx)
	if err != nil {
		return nil, err
	}
	return t.split(ctx, p)
}

// split gives the ranges to read.
func (t tableQuery) split(ctx context.Context, p *plan) ([]Range, error) {
	if t.ranges != nil {
		return t.given()
	}
	n := t.splits
	if n == 0 {
		n = 4 * t.width(p)
		bytes, _, err := t.pages.session.SizeEstimate(ctx, p.table)
		if err != nil {
			return nil, err
		}
		n = max(n, int(min(bytes/rangeTarget, mostRanges)))
	}
	var ranges []Range
	for _, r := range p.ring.Split(n) {
		ranges = append(ranges, Range{Start: r.Start, End: r.End})
	}
	if !t.ordered {
		rand.Shuffle(len(ranges), func(i, j int) { ranges[i], ranges[j] = ranges[j], ranges[i] })
	}
	return ranges, nil
}

// given are the ranges that were asked for.
func (t tableQuery) given() ([]Range, error) {
	bounds := make([]ring.Range, len(t.ranges))
	for i, r := range t.ranges {
		bounds[i] = r.bounds()
	}
	if _, err := ring.Disjoint(bounds); err != nil {
		return nil, fmt.Errorf("source: %w", err)
	}
	ranges := slices.Clone(t.ranges)
	if t.ordered {
		sortRanges(ranges)
	}
	return ranges, nil
}

func sortRanges(ranges []Range) {
	slices.SortFunc(ranges, func(a, b Range) int { return cmp.Compare(a.Start, b.Start) })
}

const (
	rangeTarget  = 64 << 20  // bytes in a range, by the servers' estimates
	mostRanges   = 10_000    // by size
	mostSplits   = 1_000_000 // ranges that may be asked for
	perNode      = 2         // ranges at a time
	mostAtATime  = 16        // ranges, unless told otherwise
	mostParallel = 10_000    // ranges at a time that may be asked for
	mostAhead    = 1000      // pages of a range
)

// width is how many ranges are read at a time.
func (t tableQuery) width(p *plan) int {
	switch {
	case t.ordered:
		return 1
	case t.parallel > 0:
		return t.parallel
	default:
		return min(perNode*p.nodes, mostAtATime)
	}
}

// held is how many pages of a range are held at most, for n consumers at a time.
func (t tableQuery) held(width, n int) int {
	switch {
	case t.readAhead != defaultReadAhead:
		return 1 + t.readAhead
	case t.parallel > 0:
		return 1 + 1
	default:
		return 1 + (n+width-1)/width
	}
}
