package sink

import (
	"encoding/binary"
	"math"
	"math/big"
	"slices"
	"unsafe"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
)

// keyOf appends the key of a row to b, which is the key's from then on, so that those of different rows are different, and
// tells which part of it is the partition's, whose cells come first.
func keyOf(b []byte, cells []cql.Cell, partition int) (key, part string) {
	size := 0
	for i := range cells {
		size += 4 + len(cells[i].Bytes)
	}
	b = slices.Grow(b, size)
	end := 0
	for i := range cells {
		if i < partition { // partitions are told apart by their bytes
			b = appendSized(b, cells[i].Bytes)
			end = len(b)
		} else {
			b = appendEqual(b, cells[i].Type, cells[i].Bytes)
		}
	}
	key = unsafe.String(unsafe.SliceData(b), len(b))
	return key, key[:end]
}

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
		if together, ok := appendParts(b, t, cell); ok {
			return together
		}
	}
	return appendSized(b, cell)
}

func appendParts(b []byte, t *cql.Type, cell []byte) (_ []byte, ok bool) {
	parts, err := decode.PartsOf(*t, cell)
	if err != nil {
		return b, false
	}
	for i := 0; ; i++ {
		part, more, err := parts.Next()
		if err != nil {
			return b, false
		}
		if !more {
			return append(b, 0xff, 0xff, 0xff, 0xff), true // the end
		}
		if part == nil {
			b = append(b, 0xff, 0xff, 0xff, 0xfe)
		} else {
			b = appendEqual(b, &t.Elems[i%len(t.Elems)], part)
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
