package ring

import (
	"container/heap"
	"math"
	"slices"
)

// Split cuts the whole ring, (Min, Max], into n ranges in the order of tokens; n less than 1 is 1.
//
// If n is at least the number of owned ranges, which lie between neighbouring tokens of nodes (the one that wraps
// around counts as two), no range straddles two of them: each is cut into equal parts, the number of which is such that
// the widest range is as narrow as n ranges allow. If n is less, owned ranges are joined: the cuts are those of an even
// split, each moved to the nearest token of a node if that is not further away than a quarter of a range.
func (r *Ring) Split(n int) []Range {
	n = max(n, 1)
	bounds := r.bounds()
	if n < len(bounds)-1 {
		return ranges(join(bounds, uint64(n)))
	}
	return ranges(divide(bounds, n))
}

// bounds are the offsets between which the owned ranges lie, from the ring's start to its end.
func (r *Ring) bounds() []uint64 {
	b := make([]uint64, 1, len(r.places)+2)
	for _, p := range r.places {
		b = append(b, offset(p.token))
	}
	return slices.Compact(append(b, math.MaxUint64)) // tokens may be at the ends
}

// ranges are what lies between cuts.
func ranges(cuts []uint64) []Range {
	out := make([]Range, len(cuts)-1)
	for i := range out {
		out[i] = Range{token(cuts[i]), token(cuts[i+1])}
	}
	return out
}

// join gives the cuts of n ranges, fewer than there are between the bounds.
func join(bounds []uint64, n uint64) []uint64 {
	const size = math.MaxUint64
	cuts := make([]uint64, 1, n+1)
	for i := uint64(1); i < n; i++ {
		cut := part(size, i, n)
		k, _ := slices.BinarySearch(bounds, cut) // the first bound that is not before the cut
		before, after := bounds[k-1], bounds[k]
		nearest := before
		if after-cut < cut-before {
			nearest = after
		}
		// Cuts move by less than half of what is between them, so they stay apart and in order.
		if max(nearest, cut)-min(nearest, cut) <= size/n/4 {
			cut = nearest
		}
		cuts = append(cuts, cut)
	}
	return append(cuts, size)
}

// divide gives the cuts of n ranges, at least as many as there are between the bounds, all of which are cuts.
func divide(bounds []uint64, n int) []uint64 {
	pieces := make(widestFirst, len(bounds)-1)
	for i := range pieces {
		pieces[i] = pieceOf{at: i, start: bounds[i], size: bounds[i+1] - bounds[i], n: 1}
	}
	heap.Init(&pieces)
	for range n - len(pieces) {
		pieces[0].n++
		heap.Fix(&pieces, 0)
	}
	slices.SortFunc(pieces, func(a, b pieceOf) int { return a.at - b.at })
	cuts := make([]uint64, 0, n+1)
	for _, p := range pieces {
		for i := range p.n {
			cuts = append(cuts, p.start+part(p.size, i, p.n))
		}
	}
	return append(cuts, math.MaxUint64)
}

// pieceOf is an owned range that is to be cut into n.
type pieceOf struct {
	at      int
	start   uint64
	size, n uint64
}

// width is that of the widest of the n.
func (p pieceOf) width() uint64 { return (p.size-1)/p.n + 1 }

// widestFirst is a heap. Giving the next cut to whatever is widest is d'Hondt's method of sharing out seats.
type widestFirst []pieceOf

func (w widestFirst) Len() int      { return len(w) }
func (w widestFirst) Swap(i, j int) { w[i], w[j] = w[j], w[i] }
func (w widestFirst) Less(i, j int) bool {
	a, b := w[i].width(), w[j].width()
	return a > b || a == b && w[i].at < w[j].at
}
func (w *widestFirst) Push(x any) { *w = append(*w, x.(pieceOf)) }
func (w *widestFirst) Pop() any {
	last := (*w)[len(*w)-1]
	*w = (*w)[:len(*w)-1]
	return last
}
