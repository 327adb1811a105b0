package decode

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"unsafe"

	"gopkg.in/inf.v0"

	"github.com/rxcql/rxcql/cql"
)

// number finds the function for numbers of any size: varint, decimal, and integers into big.Int; nil if there is none.
func number(kind cql.Kind, t reflect.Type) cellFunc {
	switch kind {
	case cql.Tinyint, cql.Smallint, cql.Int, cql.Bigint, cql.Counter:
		if t == reflect.TypeFor[big.Int]() {
			return fixedBig(map[cql.Kind]int{cql.Tinyint: 1, cql.Smallint: 2, cql.Int: 4, cql.Bigint: 8, cql.Counter: 8}[kind])
		}
	case cql.Varint:
		switch {
		case t == reflect.TypeFor[big.Int]():
			return varintBig
		case t.Kind() == reflect.String:
			return varintText
		default:
			return varint(t.Kind())
		}
	case cql.Decimal:
		switch {
		case t == reflect.TypeFor[inf.Dec]():
			return decimal
		case t.Kind() == reflect.String:
			return decimalText
		}
	}
	return nil
}

// BigInt reads a two's complement number of any length.
func BigInt(cell []byte) *big.Int {
	n := new(big.Int).SetBytes(cell)
	if len(cell) > 0 && cell[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(cell))*8))
	}
	return n
}

func fixedBig(bytes int) cellFunc {
	return func(p unsafe.Pointer, cell []byte) error {
		if err := width(cell, bytes); err != nil {
			return err
		}
		*(*big.Int)(p) = *BigInt(cell)
		return nil
	}
}

func varintBig(p unsafe.Pointer, cell []byte) error {
	if len(cell) == 0 {
		return ErrNull
	}
	*(*big.Int)(p) = *BigInt(cell)
	return nil
}

func varintText(p unsafe.Pointer, cell []byte) error {
	if len(cell) == 0 {
		return ErrNull
	}
	*(*string)(p) = BigInt(cell).String()
	return nil
}

// varint reads a number of any length into an integer of the given kind, if it has such a value; nil for other kinds.
func varint(kind reflect.Kind) cellFunc {
	fixed := integer(8, kind)
	if fixed == nil {
		return nil
	}
	unsigned := kind == reflect.Uint64 || kind == reflect.Uint && strconv.IntSize == 64
	return func(p unsafe.Pointer, cell []byte) error {
		if len(cell) == 0 {
			return ErrNull
		}
		sign := byte(int8(cell[0]) >> 7)
		for len(cell) > 8 && cell[0] == sign && (cell[1]^sign)&0x80 == 0 {
			cell = cell[1:] // says nothing but the sign, as the next byte does
		}
		if len(cell) == 9 && sign == 0 && cell[0] == 0 && unsigned {
			*(*uint64)(p) = binary.BigEndian.Uint64(cell[1:])
			return nil
		}
		if len(cell) > 8 {
			return errRange
		}
		eight := [8]byte{sign, sign, sign, sign, sign, sign, sign, sign}
		copy(eight[8-len(cell):], cell)
		return fixed(p, eight[:])
	}
}

// takeDecimal reads the scale, how many of the digits stand behind the point, and the digits.
func takeDecimal(cell []byte) (digits *big.Int, scale int32, err error) {
	if len(cell) == 0 {
		return nil, 0, ErrNull
	}
	if len(cell) < 5 {
		return nil, 0, fmt.Errorf("a decimal has at least 5 bytes, and the cell %d; was the table altered or made anew?", len(cell))
	}
	return BigInt(cell[4:]), int32(binary.BigEndian.Uint32(cell)), nil
}

func decimal(p unsafe.Pointer, cell []byte) error {
	digits, scale, err := takeDecimal(cell)
	if err != nil {
		return err
	}
	*(*inf.Dec)(p) = *inf.NewDecBig(digits, inf.Scale(scale))
	return nil
}

// plainScale is the largest scale that is written out; a few bytes may have a scale of two thousand million digits.
const plainScale = 100

func decimalText(p unsafe.Pointer, cell []byte) error {
	digits, scale, err := takeDecimal(cell)
	switch {
	case err != nil:
		return err
	case scale >= 0 && scale <= plainScale:
		*(*string)(p) = inf.NewDecBig(digits, inf.Scale(scale)).String()
	default:
		*(*string)(p) = digits.String() + "E" + strconv.FormatInt(-int64(scale), 10)
	}
	return nil
}
