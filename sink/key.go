package sink

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"math/big"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
)

// keyRoom is what most keys have room in.
const keyRoom = 64

var seed = maphash.MakeSeed()

// hash stands for a key, or its partition. Of keys that differ some may share one, though hardly ever: such rows are taken
// for rows of one key or partition, and so are written one after the other, or together, which does no harm.
func hash(key []byte) uint64 { return max(maphash.Bytes(seed, key), 1) }

func appendSized(b, cell []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(cell))), cell...)
}

// appendEqual appends what is the same for all cells of a clustering column that the servers hold equal, as their
// comparators do: decimals such as 1.0 and 1.00, integers with more bytes than they need, and NaNs.
func appendEqual(b []byte, t *cql.Type, cell []byte) []byte {
	switch t.Kind {
	case cql.Varint:
		return appendSized(b, shortest(cell))
	case cql.Decimal:
		if len(cell) > 4 {
			return appendDecimal(b, cell)
		}
	case cql.Float:
		if len(cell) == 4 && math.IsNaN(float64(math.Float32frombits(binary.BigEndian.Uint32(cell)))) {
			return appendSized(b, nil)
		}
	case cql.Double:
		if len(cell) == 8 && math.IsNaN(math.Float64frombits(binary.BigEndian.Uint64(cell))) {
			return appendSized(b, nil)
		}
	case cql.List, cql.Set, cql.Map, cql.Vector, cql.Tuple, cql.UDT:
		if parts, ok := equalParts(t, cell); ok {
			return append(b, parts...) // and not made in b, which then would have to be on the heap
		}
	}
	return appendSized(b, cell)
}

// equalParts is appendEqual for what has others inside, if that can be read.
func equalParts(t *cql.Type, cell []byte) (b []byte, ok bool) {
	parts, err := decode.PartsOf(*t, cell)
	if err != nil {
		return nil, false
	}
	for i := 0; ; i++ {
		part, more, err := parts.Next()
		if err != nil {
			return nil, false
		}
		if !more {
			return append(b, 0xff, 0xff, 0xff, 0xff), true // the end
		}
		if part == nil {
			b = append(b, 0xff, 0xff, 0xff, 0xfe)
		} else {
			b = append(b, appendEqual(nil, &t.Elems[i%len(t.Elems)], part)...)
		}
	}
}

// shortest drops the bytes in front that only repeat the sign.
func shortest(n []byte) []byte {
	for len(n) > 1 && (n[0] == 0 && n[1] < 0x80 || n[0] == 0xff && n[1] >= 0x80) {
		n = n[1:]
	}
	return n
}

// appendDecimal appends a decimal without zeros at its end.
func appendDecimal(b, cell []byte) []byte {
	scale, n := int64(int32(binary.BigEndian.Uint32(cell))), decode.BigInt(cell[4:])
	if n.Sign() == 0 {
		scale = 0
	}
	for ten := big.NewInt(10); n.Sign() != 0 && n.Bit(0) == 0; scale-- {
		whole, rest := new(big.Int).QuoRem(n, ten, new(big.Int))
		if rest.Sign() != 0 {
			break
		}
		n = whole
	}
	b = append(binary.BigEndian.AppendUint64(b, uint64(scale)), byte(n.Sign()))
	return appendSized(b, n.Bytes())
}
