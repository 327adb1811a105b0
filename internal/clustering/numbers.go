package clustering

import (
	"encoding/binary"
	"math/big"
)

// numbers is the order of a type whose values are numbers from 0 to most, if one looks at them in the right way.
type numbers struct {
	size   int // bytes of a value
	most   *big.Int
	turn   func([]byte) // makes the number of a value, big-endian, in place
	unturn func([]byte)
}

func (o numbers) number(v Value) *big.Int {
	b := append([]byte(nil), v...)
	o.turn(b)
	return new(big.Int).SetBytes(b)
}

func (o numbers) value(n *big.Int) Value {
	b := n.FillBytes(make([]byte, o.size))
	o.unturn(b)
	return b
}

// bounds are the numbers of a span. Below 0 are the values without bytes, which most types allow.
func (o numbers) bounds(s Span) (lo, hi *big.Int) {
	lo, hi = big.NewInt(-1), new(big.Int).Add(o.most, one)
	if s.Lo != nil {
		lo = o.number(s.Lo)
	}
	if s.Hi != nil {
		hi = o.number(s.Hi)
	}
	return lo, hi
}

var one = big.NewInt(1)

func (o numbers) Cut(s Span) Value {
	lo, hi := o.bounds(s)
	middle := lo.Add(lo, hi)
	middle.Add(middle, one).Rsh(middle, 1)
	if middle.Cmp(hi) >= 0 {
		return nil
	}
	return o.value(middle)
}

func (o numbers) Single(s Span) Value {
	lo, hi := o.bounds(s)
	if s.Lo == nil || hi.Sub(hi, lo).Cmp(one) != 0 {
		return nil
	}
	return s.Lo
}

func (o numbers) Depth() int { return o.most.BitLen() + 1 }

// signed are integers in two's complement.
func signed(size int) Order {
	flip := func(b []byte) { b[0] ^= 1 << 7 }
	return numbers{size: size, most: ones(8 * size), turn: flip, unturn: flip}
}

func unsigned(size int) Order {
	same := func([]byte) {}
	return numbers{size: size, most: ones(8 * size), turn: same, unturn: same}
}

func ones(bits int) *big.Int {
	n := new(big.Int).Lsh(one, uint(bits))
	return n.Sub(n, one)
}

// timeOfDay counts nanoseconds.
var timeOfDay = numbers{
	size: 8, most: big.NewInt(24*60*60*1e9 - 1), turn: func([]byte) {}, unturn: func([]byte) {},
}

// timeuuid is the order of Cassandra's TimeUUIDType: by time, then by the other bytes as signed ones. Values have no
// version but 1.
var timeuuid = numbers{
	size: 16, most: ones(60 + 64),
	turn: func(b []byte) {
		timeFirst(b)
		b[0] &= 0x0f
		flipSigns(b[8:])
	},
	unturn: func(b []byte) {
		b[0] |= 1 << 4
		timeLast(b)
		flipSigns(b[8:])
	},
}

// uuid is the order of Cassandra's UUIDType: by version, then for version 1 by time, then by the bytes.
var uuid = numbers{
	size: 16, most: ones(128),
	turn: func(b []byte) {
		if b[6]>>4 == 1 {
			timeFirst(b)
			return
		}
		high := binary.BigEndian.Uint64(b)
		version := high >> 12 & 0xf
		binary.BigEndian.PutUint64(b, version<<60|high>>16<<12|high&0xfff)
	},
	unturn: func(b []byte) {
		if b[0]>>4 == 1 {
			timeLast(b)
			return
		}
		high := binary.BigEndian.Uint64(b)
		version := high >> 60
		binary.BigEndian.PutUint64(b, high<<4>>16<<16|version<<12|high&0xfff)
	},
}

// timeFirst puts the fields of a UUID of version 1 in their order: the version, then the time from its highest bits on.
func timeFirst(b []byte) {
	high := binary.BigEndian.Uint64(b)
	binary.BigEndian.PutUint64(b, high<<48|high>>16<<48>>16|high>>32)
}

func timeLast(b []byte) {
	n := binary.BigEndian.Uint64(b)
	binary.BigEndian.PutUint64(b, n<<32|n>>32<<48>>32|n>>48)
}

func flipSigns(b []byte) {
	for i := range b {
		b[i] ^= 1 << 7
	}
}
