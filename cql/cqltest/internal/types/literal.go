package types

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// LiteralKind is what a literal looks like in CQL text.
type LiteralKind string

// The kinds of literals; their texts are as written, except that a string's quotes are gone.
const (
	LitInteger  LiteralKind = "INTEGER"
	LitFloat    LiteralKind = "FLOAT"
	LitString   LiteralKind = "STRING"
	LitBoolean  LiteralKind = "BOOLEAN"
	LitUUID     LiteralKind = "UUID"
	LitBlob     LiteralKind = "HEX"
	LitDuration LiteralKind = "DURATION"
)

// Encode turns a literal into a value of the type.
func Encode(t *Type, kind LiteralKind, text string) ([]byte, error) {
	mismatch := complain("Invalid %s constant (%s) for type %s", kind, text, t)
	switch kind {
	case LitInteger:
		return encodeInteger(t, text, mismatch)
	case LitFloat:
		return encodeFloat(t, text, mismatch)
	case LitString:
		return encodeString(t, text, mismatch)
	case LitBoolean:
		if t.Kind == Boolean {
			return []byte{byte(b2i(strings.EqualFold(text, "true")))}, nil
		}
	case LitUUID:
		if t.Kind == UUID || t.Kind == Timeuuid {
			b, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
			if err != nil {
				return nil, mismatch
			}
			return b, Validate(t, b)
		}
	case LitBlob:
		if t.Kind == Blob {
			b, err := hex.DecodeString(text[2:])
			if err != nil {
				return nil, mismatch
			}
			if b == nil {
				b = []byte{}
			}
			return b, nil
		}
	case LitDuration:
		if t.Kind == Duration {
			return encodeDuration(text)
		}
	}
	return nil, mismatch
}

func encodeInteger(t *Type, text string, mismatch error) ([]byte, error) {
	switch t.Kind {
	case Tinyint, Smallint, Int, Bigint, Counter, Timestamp, Time:
		w := width(t.Kind)
		n, err := strconv.ParseInt(text, 10, 8*w)
		if err != nil {
			return nil, mismatch
		}
		return AppendInt(nil, w, n), nil
	case Date:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < math.MinInt32 || n > math.MaxUint32 {
			return nil, mismatch
		}
		return AppendInt(nil, 4, n), nil
	case Varint:
		n, ok := new(big.Int).SetString(text, 10)
		if !ok {
			return nil, mismatch
		}
		return appendBigInt(nil, n), nil
	case Float, Double, Decimal:
		return encodeFloat(t, text, mismatch)
	}
	return nil, mismatch
}

// AppendInt appends the lower w bytes of n, most significant first.
func AppendInt(dst []byte, w int, n int64) []byte {
	for i := w - 1; i >= 0; i-- {
		dst = append(dst, byte(n>>(8*i)))
	}
	return dst
}

func encodeFloat(t *Type, text string, mismatch error) ([]byte, error) {
	switch t.Kind {
	case Float:
		f, err := strconv.ParseFloat(text, 32)
		if err != nil && !errors.Is(err, strconv.ErrRange) { // what is too large is infinite
			return nil, mismatch
		}
		return binary.BigEndian.AppendUint32(nil, math.Float32bits(float32(f))), nil
	case Double:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return nil, mismatch
		}
		if f != f {
			return binary.BigEndian.AppendUint64(nil, 0x7ff8<<48), nil // NaN's bits in Java; Go's have a 1 at the end
		}
		return binary.BigEndian.AppendUint64(nil, math.Float64bits(f)), nil
	case Decimal:
		return encodeDecimal(text, mismatch)
	}
	return nil, mismatch
}

func encodeDecimal(text string, mismatch error) ([]byte, error) {
	mantissa, exp, _ := strings.Cut(strings.ToLower(text), "e")
	e := 0
	if exp != "" {
		var err error
		if e, err = strconv.Atoi(exp); err != nil || e < -1<<20 || e > 1<<20 {
			return nil, mismatch
		}
	}
	whole, frac, _ := strings.Cut(mantissa, ".")
	n, ok := new(big.Int).SetString(whole+frac, 10)
	if !ok {
		return nil, mismatch
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(int32(len(frac)-e)))
	return appendBigInt(b, n), nil
}

func encodeString(t *Type, text string, mismatch error) ([]byte, error) {
	switch t.Kind {
	case Text, Ascii:
		b := append([]byte{}, text...)
		return b, Validate(t, b)
	case Inet:
		if b, ok := parseInet(text); ok {
			return b, nil
		}
	case Timestamp:
		if text == "" {
			return []byte{}, nil // neither null nor a time
		}
		for _, layout := range timestampLayouts {
			if v, err := time.Parse(layout, text); err == nil {
				return AppendInt(nil, 8, v.UnixMilli()), nil
			}
		}
	case Date:
		if v, err := time.Parse(time.DateOnly, text); err == nil {
			return AppendInt(nil, 4, v.Unix()/86400+1<<31), nil
		}
	case Time:
		if v, err := time.Parse("15:04:05.999999999", text); err == nil {
			midnight := time.Date(v.Year(), v.Month(), v.Day(), 0, 0, 0, 0, time.UTC)
			return AppendInt(nil, 8, int64(v.Sub(midnight))), nil
		}
	}
	return nil, mismatch
}

// timestampLayouts: without a zone it is UTC. (A real server takes its own zone.)
var timestampLayouts = func() []string {
	var out []string
	for _, day := range []string{"2006-01-02T", "2006-01-02 "} {
		for _, clock := range []string{"15:04:05.999", "15:04"} {
			for _, zone := range []string{"", "Z07:00", "Z0700", " Z0700"} {
				out = append(out, day+clock+zone)
			}
		}
	}
	return append(out, "2006-01-02", "2006-01-02Z0700")
}()

var durationUnits = []struct {
	name                string
	months, days, nanos int64
}{
	{"mo", 1, 0, 0}, {"ms", 0, 0, 1e6}, {"us", 0, 0, 1e3}, {"µs", 0, 0, 1e3}, {"ns", 0, 0, 1},
	{"y", 12, 0, 0}, {"w", 0, 7, 0}, {"d", 0, 1, 0}, {"h", 0, 0, 3600e9}, {"m", 0, 0, 60e9}, {"s", 0, 0, 1e9},
}

// DurationUnit is the unit that s starts with, in any case, as it is written there; empty if there is none.
func DurationUnit(s string) string {
	for _, u := range durationUnits {
		if len(s) >= len(u.name) && strings.ToLower(s[:len(u.name)]) == u.name {
			return s[:len(u.name)]
		}
	}
	return ""
}

func encodeDuration(text string) ([]byte, error) {
	bad := complain("Unable to convert '%s' to a duration", text)
	rest := strings.ToLower(text)
	sign := int64(1)
	if strings.HasPrefix(rest, "-") {
		sign, rest = -1, rest[1:]
	}
	var v [3]int64
	for rest != "" {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n, err := strconv.ParseInt(rest[:digits], 10, 64)
		if err != nil {
			return nil, bad
		}
		rest = rest[digits:]
		unit := DurationUnit(rest)
		if unit == "" {
			return nil, bad
		}
		rest = rest[len(unit):]
		for _, u := range durationUnits {
			if u.name != unit {
				continue
			}
			if n > math.MaxInt64/max(u.months, u.days, u.nanos) {
				return nil, bad
			}
			v[0] += sign * n * u.months
			v[1] += sign * n * u.days
			v[2] += sign * n * u.nanos
		}
	}
	var b []byte
	for i, n := range v {
		if i < 2 && n != int64(int32(n)) {
			return nil, bad
		}
		b = appendVint(b, n)
	}
	return b, nil
}

// appendVint writes Cassandra's variable-length integer: zigzag, with the number of extra bytes as leading ones.
func appendVint(dst []byte, n int64) []byte {
	u := uint64(n<<1 ^ n>>63)
	extra := 0
	for extra < 8 && u>>(7*(extra+1)) != 0 {
		extra++
	}
	if extra == 8 {
		dst = append(dst, 0xff)
		return binary.BigEndian.AppendUint64(dst, u)
	}
	first := byte(u>>(8*extra)) | ^byte(0xff>>extra)
	dst = append(dst, first)
	for i := extra - 1; i >= 0; i-- {
		dst = append(dst, byte(u>>(8*i)))
	}
	return dst
}
