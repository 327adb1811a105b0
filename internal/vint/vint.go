// Package vint writes integers of variable length as Cassandra has them in durations and vectors.
package vint

import (
	"encoding/binary"
	"math/bits"
)

// Append appends an unsigned integer: as many ones as the first byte starts with bytes follow.
func Append(dst []byte, v uint64) []byte {
	more := (bits.Len64(v|1) - 1) / 7 // 7 bits a byte
	if more >= 8 {
		return binary.BigEndian.AppendUint64(append(dst, 0xff), v)
	}
	first := ^byte(0xff >> more)
	dst = append(dst, first|byte(v>>(8*more)))
	for i := more - 1; i >= 0; i-- {
		dst = append(dst, byte(v>>(8*i)))
	}
	return dst
}

// Zigzag makes small unsigned numbers of small signed ones.
func Zigzag(n int64) uint64 { return uint64(n>>63) ^ uint64(n)<<1 }
