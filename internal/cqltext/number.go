package cqltext

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"

	"gopkg.in/inf.v0"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
)

// MaxDigits bounds the digits of a varint or decimal, since reading takes time by their square.
const MaxDigits = 1 << 16

// maxBytes have fewer digits than that.
const maxBytes = MaxDigits * 2 / 5

// plainScale is the largest scale that is written out; a few bytes may have a scale of two thousand million digits.
const plainScale = 100

var (
	errRange   = errors.New("the value is out of range")
	errInteger = errors.New("it is no integer")
	errDecimal = errors.New("it is no decimal number")
	errFloat   = errors.New("it is no number, nor NaN, Infinity or -Infinity")
)

func appendVarint(dst, cell []byte) ([]byte, error) {
	switch {
	case len(cell) == 0:
		return dst, decode.ErrNull
	case len(cell) <= 8:
		return strconv.AppendInt(dst, fixedInt(cell), 10), nil
	case len(cell) > maxBytes:
		return dst, errTooLong
	}
	return decode.BigInt(cell).Append(dst, 10), nil
}

func appendDecimal(dst, cell []byte) ([]byte, error) {
	if len(cell) < 5 {
		return dst, errors.New("the cell of a decimal has less than 5 bytes; was the table altered or made anew?")
	}
	scale := int32(binary.BigEndian.Uint32(cell))
	at := len(dst)
	dst, err := appendVarint(dst, cell[4:])
	switch {
	case err != nil || scale == 0:
		return dst, err
	case scale < 0 || scale > plainScale:
		dst = append(dst, 'E')
		if scale < 0 {
			dst = append(dst, '+')
		}
		return strconv.AppendInt(dst, -int64(scale), 10), nil
	}
	if dst[at] == '-' {
		at++
	}
	for len(dst)-at <= int(scale) { // at least one digit in front of the point
		dst = append(dst, 0)
		copy(dst[at+1:], dst[at:])
		dst[at] = '0'
	}
	point := len(dst) - int(scale)
	dst = append(dst, 0)
	copy(dst[point+1:], dst[point:])
	dst[point] = '.'
	return dst, nil
}

func appendFloat(dst, cell []byte) []byte {
	bits, f := 64, 0.0
	if len(cell) == 4 {
		bits, f = 32, float64(math.Float32frombits(binary.BigEndian.Uint32(cell)))
	} else {
		f = math.Float64frombits(binary.BigEndian.Uint64(cell))
	}
	switch abs := math.Abs(f); {
	case f != f:
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	case abs != 0 && (abs < 1e-6 || abs >= 1e21): // as in JSON and ECMAScript
		return strconv.AppendFloat(dst, f, 'e', -1, bits)
	default:
		return strconv.AppendFloat(dst, f, 'f', -1, bits)
	}
}

// parseInt reads an integer of 1, 2, 4 or 8 bytes.
func parseInt(dst []byte, bytes int, text string) ([]byte, error) {
	n, err := strconv.ParseInt(text, 10, 8*bytes)
	if err != nil {
		return dst, reason(err, errInteger)
	}
	for shift := 8 * (bytes - 1); shift >= 0; shift -= 8 {
		dst = append(dst, byte(n>>shift))
	}
	return dst, nil
}

// reason tells why a number was refused, without the number.
func reason(err, syntax error) error {
	if errors.Is(err, strconv.ErrRange) {
		return errRange
	}
	return syntax
}

// digits checks that a text is a sign and digits, and not too many.
func digits(text string, syntax error) error {
	rest := strings.TrimLeft(text, "+-")
	switch {
	case len(text)-len(rest) > 1 || rest == "" || strings.Trim(rest, "0123456789") != "":
		return syntax
	case len(rest) > MaxDigits:
		return errTooLong
	}
	return nil
}

func parseVarint(dst []byte, text string) ([]byte, error) {
	if err := digits(text, errInteger); err != nil {
		return dst, err
	}
	n, _ := new(big.Int).SetString(text, 10)
	return appendMarshaled(dst, cql.Varint, n)
}

// parseDecimal reads digits with or without a point and an exponent; the scale is how many digits stand behind the point.
func parseDecimal(dst []byte, text string) ([]byte, error) {
	mantissa, exponent, scientific := text, "", false
	if e := strings.IndexAny(text, "eE"); e >= 0 {
		mantissa, exponent, scientific = text[:e], text[e+1:], true
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	all := whole + fraction
	if strings.ContainsAny(fraction, "+-") {
		return dst, errDecimal
	}
	if err := digits(all, errDecimal); err != nil {
		return dst, err
	}
	scale := int64(len(fraction))
	if scientific {
		if digits(exponent, errDecimal) != nil {
			return dst, errDecimal
		}
		e, err := strconv.ParseInt(exponent, 10, 34)
		if err != nil {
			return dst, errRange
		}
		scale -= e
	}
	if scale != int64(int32(scale)) {
		return dst, errRange
	}
	n, _ := new(big.Int).SetString(all, 10)
	return appendMarshaled(dst, cql.Decimal, inf.NewDecBig(n, inf.Scale(scale)))
}

func parseFloat(dst []byte, bits int, text string) ([]byte, error) {
	f, err := strconv.ParseFloat(text, bits)
	switch {
	case err != nil:
		return dst, reason(err, errFloat)
	case bits == 32:
		return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(f))), nil
	case f != f:
		return binary.BigEndian.AppendUint64(dst, 0x7ff8<<48), nil // as Java has it; Go's has a 1 at the end
	}
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(f)), nil
}

// appendMarshaled appends the cell of a Go value.
func appendMarshaled(dst []byte, kind cql.Kind, v any) ([]byte, error) {
	cell, err := cql.Type{Kind: kind}.Marshal(v)
	return append(dst, cell...), err
}
