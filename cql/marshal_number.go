package cql

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"

	"gopkg.in/inf.v0"
)

func appendVarint(dst []byte, v reflect.Value) (_ []byte, ok bool, err error) {
	n := new(big.Int)
	switch {
	case v.CanInt():
		n.SetInt64(v.Int())
	case v.CanUint():
		n.SetUint64(v.Uint())
	case v.Type() == reflect.TypeFor[big.Int]():
		n = pointerTo(v).Interface().(*big.Int)
	default:
		text, ok, err := textOf(v)
		if !ok || err != nil {
			return dst, ok, err
		}
		if _, ok := n.SetString(text, 10); !ok {
			return dst, true, errors.New("the text is not a whole number")
		}
	}
	return appendBig(dst, n), true, nil
}

// appendBig appends a two's complement number in as few bytes as it takes.
func appendBig(dst []byte, n *big.Int) []byte {
	if n.Sign() >= 0 {
		if n.BitLen()%8 == 0 { // the first bit is the sign's
			dst = append(dst, 0)
		}
		return append(dst, n.Bytes()...)
	}
	// The complement of -n-1 has the same bits.
	inverse := new(big.Int).Not(n)
	at := len(dst)
	dst = appendBig(dst, inverse)
	for i := range dst[at:] {
		dst[at+i] ^= 0xff
	}
	return dst
}

var errNoDecimal = errors.New("the text is not a decimal")

func appendDecimal(dst []byte, v reflect.Value) (_ []byte, ok bool, err error) {
	if v.Type() == reflect.TypeFor[inf.Dec]() {
		d := pointerTo(v).Interface().(*inf.Dec)
		dst = binary.BigEndian.AppendUint32(dst, uint32(d.Scale()))
		return appendBig(dst, d.UnscaledBig()), true, nil
	}
	text, ok, err := textOf(v)
	if !ok || err != nil {
		return dst, ok, err
	}
	digits, exponent, scientific := strings.Cut(strings.ToUpper(text), "E")
	d, ok := new(inf.Dec).SetString(digits)
	if !ok {
		return dst, true, errNoDecimal
	}
	scale := int64(d.Scale())
	if scientific {
		e, err := strconv.ParseInt(exponent, 10, 33) // the smallest scale is 2147483648 behind the E
		switch {
		case errors.Is(err, strconv.ErrRange):
			return dst, true, errRange
		case err != nil:
			return dst, true, errNoDecimal
		}
		scale -= e
	}
	if scale < math.MinInt32 || scale > math.MaxInt32 {
		return dst, true, errRange
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(scale))
	return appendBig(dst, d.UnscaledBig()), true, nil
}
