package murmur3

import (
	"encoding/hex"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// The values are those of Java's MurmurHash3, as other drivers publish them.
func TestKnownHashes(t *testing.T) {
	prefixes := []uint64{ // of 01234567890…, by length, so that every length of the tail is there
		0x0000000000000000, 0x2ac9debed546a380, 0x649e4eaa7fc1708e, 0xce68f60d7c353bdb, 0x0f95757ce7f38254, 0x0f04e459497f3fc1,
		0x88c0a92586be0a27, 0x13eb9fb82606f7a6, 0x8236039b7387354d, 0x4c1e87519fe738ba, 0x3f9652ac3effeb24, 0x3f33760ded9006c6,
		0xaed70a6631854cb1, 0x8a299a8f8e0e2da7, 0x624b675c779249a6, 0xa4b203bb1d90b9a3, 0xa3293ad698ecb99a, 0xbc740023dbd50048,
		0x3fe5ab9837d25cdd, 0x2d0338c1ca87d132,
	}
	for n, want := range prefixes {
		require.Equal(t, want, uint64(Token([]byte("01234567890123456789")[:n])), "length %d", n)
	}
	require.Equal(t, uint64(0xcbd8a7b341bd9b02), uint64(Token([]byte("hello"))))
	require.Equal(t, uint64(0xcd99481f9ee902c9), uint64(Token([]byte("The quick brown fox jumps over the lazy dog."))))
}

func TestTailBytesAreSigned(t *testing.T) {
	key, err := hex.DecodeString("00104327529fb645dd00b883ec39ae448bb800000400066a6b00")
	require.NoError(t, err)
	require.Equal(t, int64(-9223371632693506265), Token(key))
}

func TestSmallestTokenIsNoToken(t *testing.T) {
	require.NotEqual(t, int64(math.MinInt64), Token(nil))
	require.Equal(t, int64(math.MaxInt64), normal(math.MinInt64))
	require.Equal(t, int64(-5), normal(-5))
}

func TestCompositeKeys(t *testing.T) {
	require.Equal(t, []byte("ab"), Key([][]byte{[]byte("ab")}))
	require.Equal(t, []byte{0, 2, 'a', 'b', 0, 0, 0, 0}, Key([][]byte{[]byte("ab"), {}}))
}
