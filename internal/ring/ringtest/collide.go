// Package ringtest makes partition keys that share a token. In a table of 6,000 million partitions it is about as likely
// as not that two do; a test cannot wait for that.
package ringtest

import (
	"encoding/binary"
	"math/bits"
)

// Key gives a partition key of one blob or uuid whose Murmur3 token is the given one: another for each n. It runs the
// hash of 16 bytes backwards, of whose two halves the token fixes only the sum.
func Key(token int64, n uint64) []byte {
	const c1, c2 = 0x87c37b91114253d5, 0x4cf5ad432745937f
	a, b := unmix(n), unmix(uint64(token)-n)
	h2 := b - a
	h1 := a - h2
	h1, h2 = h1^16, h2^16 // the length

	k2 := bits.RotateLeft64((h2-0x38495ab5)*inverse(5)-h1, -31)
	k2 = bits.RotateLeft64(k2*inverse(c1), -33) * inverse(c2)
	k1 := bits.RotateLeft64((h1-0x52dce729)*inverse(5), -27) // h2 was 0
	k1 = bits.RotateLeft64(k1*inverse(c2), -31) * inverse(c1)
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, k1), k2)
}

// unmix runs Murmur3's finalizer backwards. A shift by more than half of the bits undoes itself.
func unmix(k uint64) uint64 {
	k ^= k >> 33
	k *= inverse(0xc4ceb9fe1a85ec53)
	k ^= k >> 33
	k *= inverse(0xff51afd7ed558ccd)
	return k ^ k>>33
}

// inverse gives what multiplies an odd number to 1, by Newton's method: each step doubles the number of right bits.
func inverse(odd uint64) uint64 {
	x := odd // right in three bits
	for range 5 {
		x *= 2 - odd*x
	}
	return x
}
