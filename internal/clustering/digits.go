package clustering

import (
	"math/bits"
	"slices"
	"unicode/utf8"
)

// digits is the order of a type whose values are strings of digits, compared from the first on.
type digits struct {
	base   int
	decode func([]byte) []int
	encode func([]int) []byte
}

// ascii is where a span is cut first, if it can be: most characters are below.
const ascii = 1 << 7

func (o digits) Cut(s Span) Value {
	lo, hi := o.decode(s.Lo), o.decode(s.Hi)
	k := 0 // the first digit that differs
	last := o.base
	if s.Hi != nil {
		for k < len(lo) && lo[k] == hi[k] {
			k++
		}
		last = hi[k]
	}
	if s.Hi != nil && k+1 < len(hi) && last == digit(lo, k)+1 {
		return o.encode(hi[:k+1])
	}
	for ; ; k++ {
		first := digit(lo, k)
		switch {
		case last > first+1:
			middle := (first + last) / 2
			if first < ascii && ascii < last {
				middle = ascii
			}
			return o.encode(append(slices.Clone(lo[:k]), middle))
		case first < 0: // lo is all that begins like this
			return nil
		}
		last = o.base // all that begin like lo, up to this digit, are below hi
	}
}

func (o digits) Single(s Span) Value {
	lo := o.decode(s.Lo)
	if s.Hi == nil || !slices.Equal(o.decode(s.Hi), append(slices.Clone(lo), 0)) {
		return nil
	}
	return o.encode(lo)
}

// Depth: a digit is one of base or the end.
func (o digits) Depth() int { return 40 * (bits.Len(uint(o.base)) + 2) }

// digit is less than all digits behind the end.
func digit(s []int, k int) int {
	if k >= len(s) {
		return -1
	}
	return s[k]
}

func bytesToDigits(b []byte) []int {
	d := make([]int, len(b))
	for i, c := range b {
		d[i] = int(c)
	}
	return d
}

func digitsToBytes(d []int) []byte {
	b := make([]byte, len(d))
	for i, c := range d {
		b[i] = byte(c)
	}
	return b
}

// UTF-8 has the order of the code points, of which those from 0xD800 to 0xDFFF are none.
const (
	gap    = 0xD800
	gapLen = 0x800
	runes  = utf8.MaxRune + 1 - gapLen
)

func textToDigits(b []byte) []int {
	var d []int
	for _, r := range string(b) {
		if r >= gap {
			r -= gapLen
		}
		d = append(d, int(r))
	}
	return d
}

func digitsToText(d []int) []byte {
	b := make([]byte, 0, len(d))
	for _, r := range d {
		if r >= gap {
			r += gapLen
		}
		b = utf8.AppendRune(b, rune(r))
	}
	return b
}
