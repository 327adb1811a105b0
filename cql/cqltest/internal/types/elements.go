package types

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

var errTruncated = errors.New("value ends in the middle of an element")

// Split takes a list, set, map, tuple or vector apart. A map gives key, value, key, value …; a tuple's null components
// are nil.
func Split(t *Type, b []byte) ([][]byte, error) {
	if t.Kind == Custom {
		w := width(t.Elems[0].Kind)
		if len(b) != w*t.Dim {
			return nil, fmt.Errorf("expected %d bytes for %s, got %d", w*t.Dim, t, len(b))
		}
		out := make([][]byte, 0, t.Dim)
		for c := range slices.Chunk(b, w) {
			out = append(out, c)
		}
		return out, nil
	}
	n := -1 // a tuple goes on to the end of its bytes
	if t.Kind != Tuple {
		if len(b) < 4 {
			return nil, errTruncated
		}
		n = int(int32(binary.BigEndian.Uint32(b)))
		b = b[4:]
		if t.Kind == Map {
			n *= 2
		}
		if n < 0 || n > len(b)/4 {
			return nil, errTruncated
		}
	}
	var out [][]byte
	for n < 0 && len(b) > 0 || len(out) < n {
		if len(b) < 4 {
			return nil, errTruncated
		}
		l := int(int32(binary.BigEndian.Uint32(b)))
		b = b[4:]
		switch {
		case l < 0 && t.Kind == Tuple:
			out = append(out, nil)
		case l < 0:
			return nil, errors.New("null is not supported inside collections")
		case l > len(b):
			return nil, errTruncated
		default:
			out = append(out, b[:l:l])
			b = b[l:]
		}
	}
	if len(b) > 0 {
		return nil, errors.New("unexpected bytes after the last element")
	}
	return out, nil
}

// Join is the inverse of Split.
func Join(t *Type, elems [][]byte) []byte {
	size := 4
	for _, e := range elems {
		size += 4 + len(e)
	}
	b := make([]byte, 0, size)
	switch t.Kind {
	case List, Set:
		b = binary.BigEndian.AppendUint32(b, uint32(len(elems)))
	case Map:
		b = binary.BigEndian.AppendUint32(b, uint32(len(elems)/2))
	}
	for _, e := range elems {
		if t.Kind != Custom {
			l := int32(len(e))
			if e == nil {
				l = -1
			}
			b = binary.BigEndian.AppendUint32(b, uint32(l))
		}
		b = append(b, e...)
	}
	return b
}

// Elem is the type of the i-th element that Split returns.
func (t *Type) Elem(i int) *Type {
	switch t.Kind {
	case Map:
		return t.Elems[i%2]
	case Tuple:
		return t.Elems[i]
	}
	return t.Elems[0]
}

// Canonical puts sets and maps, at any depth, into the order in which Cassandra keeps them; of equal elements the last
// one stays. The value must be valid.
func Canonical(t *Type, b []byte) []byte {
	if len(t.Elems) == 0 || b == nil {
		return b
	}
	elems, err := Split(t, b)
	if err != nil {
		return b
	}
	for i, e := range elems {
		elems[i] = Canonical(t.Elem(i), e)
	}
	if t.Kind == Set || t.Kind == Map {
		elems = order(t, elems)
	}
	return Join(t, elems)
}

func order(t *Type, elems [][]byte) [][]byte {
	step := 1
	if t.Kind == Map {
		step = 2
	}
	entries := slices.Collect(slices.Chunk(elems, step))
	slices.SortStableFunc(entries, func(a, b [][]byte) int { return Compare(t.Elems[0], a[0], b[0]) })
	var out [][]byte
	for i, e := range entries {
		if i+1 < len(entries) && Compare(t.Elems[0], e[0], entries[i+1][0]) == 0 {
			continue
		}
		out = append(out, e...)
	}
	return out
}
