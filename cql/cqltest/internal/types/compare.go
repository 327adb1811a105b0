package types

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"math/big"
)

// Compare orders two values of a type as Cassandra does. Empty values come first, and null before everything.
func Compare(t *Type, a, b []byte) int {
	if len(a) == 0 || len(b) == 0 {
		return cmp.Compare(presence(a), presence(b))
	}
	if w := width(t.Kind); w > 0 && (len(a) != w || len(b) != w) {
		return bytes.Compare(a, b) // a forged paging state may hold anything
	}
	switch t.Kind {
	case Bigint, Counter, Int, Smallint, Tinyint, Timestamp, Time:
		return cmp.Compare(signed(a), signed(b))
	case Float, Double:
		return compareFloat(float(a), float(b))
	case Varint:
		return bigInt(a).Cmp(bigInt(b))
	case Decimal:
		return compareDecimal(a, b)
	case UUID:
		return compareUUID(a, b)
	case Timeuuid:
		return compareTimeuuid(a, b)
	case List, Set, Map, Tuple, Custom:
		return compareElements(t, a, b)
	}
	return bytes.Compare(a, b)
}

func presence(b []byte) int {
	switch {
	case b == nil:
		return 0
	case len(b) == 0:
		return 1
	}
	return 2
}

func signed(b []byte) int64 {
	v := int64(int8(b[0]))
	for _, c := range b[1:] {
		v = v<<8 | int64(c)
	}
	return v
}

func float(b []byte) float64 {
	if len(b) == 4 {
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b))
}

// compareFloat is Java's: -0 before 0, NaN after everything.
func compareFloat(a, b float64) int {
	switch {
	case math.IsNaN(a) || math.IsNaN(b):
		return -cmp.Compare(b2i(math.IsNaN(b)), b2i(math.IsNaN(a)))
	case a == 0 && b == 0:
		return cmp.Compare(b2i(math.Signbit(b)), b2i(math.Signbit(a)))
	}
	return cmp.Compare(a, b)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// bigInt reads two's complement.
func bigInt(b []byte) *big.Int {
	v := new(big.Int).SetBytes(b)
	if b[0]&0x80 != 0 {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(len(b))*8))
	}
	return v
}

// appendBigInt writes the shortest two's complement.
func appendBigInt(dst []byte, v *big.Int) []byte {
	n := v.BitLen()/8 + 1
	if v.Sign() < 0 {
		m := new(big.Int).Not(v)
		n = m.BitLen()/8 + 1
		v = new(big.Int).Add(v, new(big.Int).Lsh(big.NewInt(1), uint(n)*8))
	}
	return append(dst, v.FillBytes(make([]byte, n))...)
}

func compareDecimal(a, b []byte) int {
	if len(a) < 5 || len(b) < 5 {
		return bytes.Compare(a, b)
	}
	x, y := bigInt(a[4:]), bigInt(b[4:])
	if x.Sign() != y.Sign() || x.Sign() == 0 {
		return cmp.Compare(x.Sign(), y.Sign())
	}
	// Compare magnitudes first: scales come from the client and may be far apart, so 10^(difference) must not be
	// computed before it is known to be small.
	sx, sy := int64(int32(binary.BigEndian.Uint32(a))), int64(int32(binary.BigEndian.Uint32(b)))
	dx, dy := int64(len(new(big.Int).Abs(x).String()))-sx, int64(len(new(big.Int).Abs(y).String()))-sy
	if dx != dy {
		return cmp.Compare(dx, dy) * x.Sign()
	}
	ten := big.NewInt(10)
	if sx < sy {
		x.Mul(x, new(big.Int).Exp(ten, big.NewInt(sy-sx), nil))
	} else {
		y.Mul(y, new(big.Int).Exp(ten, big.NewInt(sx-sy), nil))
	}
	return x.Cmp(y)
}

func compareUUID(a, b []byte) int {
	va, vb := a[6]>>4, b[6]>>4
	if va != vb {
		return cmp.Compare(va, vb)
	}
	if va == 1 {
		if c := cmp.Compare(uuidTime(a), uuidTime(b)); c != 0 {
			return c
		}
	}
	return bytes.Compare(a, b)
}

func compareTimeuuid(a, b []byte) int {
	if c := cmp.Compare(uuidTime(a), uuidTime(b)); c != 0 {
		return c
	}
	for i := 8; i < 16; i++ { // the lower half byte by byte, as signed numbers
		if c := cmp.Compare(int8(a[i]), int8(b[i])); c != 0 {
			return c
		}
	}
	return 0
}

func uuidTime(u []byte) uint64 {
	return uint64(binary.BigEndian.Uint16(u[6:])&0x0fff)<<48 |
		uint64(binary.BigEndian.Uint16(u[4:]))<<32 | uint64(binary.BigEndian.Uint32(u))
}

func compareElements(t *Type, a, b []byte) int {
	x, errX := Split(t, a)
	y, errY := Split(t, b)
	if errX != nil || errY != nil {
		return bytes.Compare(a, b)
	}
	for i := range min(len(x), len(y)) {
		if c := Compare(t.Elem(i), x[i], y[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(x), len(y))
}
