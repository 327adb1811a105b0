// Package ring knows the token ring of a cluster: which node owns and which replicate a token, and how to cut the ring
// into ranges that can be read one by one. It does no I/O. All arithmetic on tokens is exact, in uint64: a float64
// cannot tell apart neighbouring tokens, and int64 overflows on a range of more than half the ring.
package ring

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
)

// The ends of the ring of Murmur3Partitioner. It gives no token Min (it gives Max instead, see Cassandra's
// Murmur3Partitioner.normalize), so the range (Min, Max] is the whole.
const (
	Min = math.MinInt64
	Max = math.MaxInt64
)

// Range is the tokens t with Start < t ≤ End. It never wraps around: Start < End.
type Range struct{ Start, End int64 }

// Width is the number of tokens in the range; 0 if it is not one.
func (r Range) Width() uint64 {
	if r.Start >= r.End {
		return 0
	}
	return offset(r.End) - offset(r.Start)
}

// Share is the range's part of the ring, from 0 to 1.
func (r Range) Share() float64 { return float64(r.Width()) / float64(math.MaxUint64) }

// String gives the range as mathematicians write it: (-12, 34].
func (r Range) String() string { return fmt.Sprintf("(%d, %d]", r.Start, r.End) }

// offset is how far from the ring's start a token is, and token undoes it.
func offset(t int64) uint64 { return uint64(t) ^ 1<<63 }
func token(o uint64) int64  { return int64(o ^ 1<<63) }

// part is size*i/n, for i ≤ n.
func part(size, i, n uint64) uint64 {
	hi, lo := bits.Mul64(size, i)
	q, _ := bits.Div64(hi, lo, n)
	return q
}

// ParseTokens reads tokens as the system tables write them.
func ParseTokens(texts []string) ([]int64, error) {
	tokens := make([]int64, len(texts))
	for i, text := range texts {
		t, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no token of Murmur3Partitioner, the only partitioner whose ring can be read in ranges: %w", text, err)
		}
		tokens[i] = t
	}
	return tokens, nil
}
