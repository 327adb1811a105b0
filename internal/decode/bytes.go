package decode

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

var (
	errTruncated = errors.New("the cell ends in the middle of a value; was the table altered or made anew?")
	errTrailing  = errors.New("the cell has bytes behind its last value; was the table altered or made anew?")
)

// width checks that a cell has the width of its type. Cassandra permits an empty value where a width is fixed; it
// means no more than null.
func width(cell []byte, n int) error {
	switch len(cell) {
	case n:
		return nil
	case 0:
		return ErrNull
	default:
		return fmt.Errorf("the cell has %d bytes instead of %d; was the table altered or made anew?", len(cell), n)
	}
}

// takeInt reads a 4-byte integer.
func takeInt(b []byte) (n int32, rest []byte, err error) {
	if len(b) < 4 {
		return 0, nil, errTruncated
	}
	return int32(binary.BigEndian.Uint32(b)), b[4:], nil
}

// takeValue reads a value that has its length in front of it; it is nil for null.
func takeValue(b []byte) (value, rest []byte, err error) {
	n, b, err := takeInt(b)
	switch {
	case err != nil:
		return nil, nil, err
	case n == -1:
		return nil, b, nil
	case n < 0:
		return nil, nil, fmt.Errorf("a value has the length %d", n)
	case int(n) > len(b):
		return nil, nil, errTruncated
	}
	return b[:n:n], b[n:], nil
}

// takeVint reads an unsigned integer of variable length: as many ones as the first byte starts with bytes follow it.
func takeVint(b []byte) (v uint64, rest []byte, err error) {
	if len(b) == 0 {
		return 0, nil, errTruncated
	}
	more := bits.LeadingZeros8(^b[0])
	if len(b) <= more {
		return 0, nil, errTruncated
	}
	v = uint64(b[0]) & (0xff >> more)
	for _, next := range b[1 : 1+more] {
		v = v<<8 | uint64(next)
	}
	return v, b[1+more:], nil
}

// takeSigned reads a signed one, whose last bit is the sign.
func takeSigned(b []byte) (v int64, rest []byte, err error) {
	u, rest, err := takeVint(b)
	return int64(u>>1) ^ -int64(u&1), rest, err
}
