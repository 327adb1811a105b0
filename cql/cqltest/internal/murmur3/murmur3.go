// Package murmur3 computes the tokens of Cassandra's Murmur3Partitioner.
//
// Cassandra's hash is the first half of MurmurHash3 x64-128 with seed 0, except that it reads the bytes of the tail as
// signed numbers, so keys with bytes above 127 hash differently from the published algorithm.
package murmur3

import (
	"encoding/binary"
	"math"
	"math/bits"
)

const (
	c1 = 0x87c37b91114253d5
	c2 = 0x4cf5ad432745937f
)

// Token is the position of an encoded partition key on the ring. The smallest int64 is not a token: it stands for the
// start of the ring, so a key that hashes to it gets the largest one, as in Cassandra.
func Token(key []byte) int64 { return normal(sum(key)) }

func normal(t int64) int64 {
	if t == math.MinInt64 {
		return math.MaxInt64
	}
	return t
}

// Key encodes the values of a partition key: a single value stands for itself, several are each framed by a length of
// two bytes and a zero byte.
func Key(values [][]byte) []byte {
	if len(values) == 1 {
		return values[0]
	}
	var key []byte
	for _, v := range values {
		key = binary.BigEndian.AppendUint16(key, uint16(len(v)))
		key = append(key, v...)
		key = append(key, 0)
	}
	return key
}

func sum(data []byte) int64 {
	var h1, h2 uint64
	n := len(data)
	for ; len(data) >= 16; data = data[16:] {
		h1 ^= mix1(binary.LittleEndian.Uint64(data))
		h1 = (bits.RotateLeft64(h1, 27)+h2)*5 + 0x52dce729
		h2 ^= mix2(binary.LittleEndian.Uint64(data[8:]))
		h2 = (bits.RotateLeft64(h2, 31)+h1)*5 + 0x38495ab5
	}
	if len(data) > 8 {
		h2 ^= mix2(tail(data[8:]))
	}
	if len(data) > 0 {
		h1 ^= mix1(tail(data[:min(8, len(data))]))
	}
	h1 ^= uint64(n)
	h2 ^= uint64(n)
	h1 += h2
	h2 += h1
	h1 = fmix(h1)
	h2 = fmix(h2)
	return int64(h1 + h2)
}

func mix1(k uint64) uint64 { return bits.RotateLeft64(k*c1, 31) * c2 }
func mix2(k uint64) uint64 { return bits.RotateLeft64(k*c2, 33) * c1 }

// tail reads up to eight bytes, each sign-extended before it is shifted into place.
func tail(b []byte) uint64 {
	var k uint64
	for i, c := range b {
		k ^= uint64(int64(int8(c))) << (8 * i)
	}
	return k
}

func fmix(k uint64) uint64 {
	k = (k ^ k>>33) * 0xff51afd7ed558ccd
	k = (k ^ k>>33) * 0xc4ceb9fe1a85ec53
	return k ^ k>>33
}
