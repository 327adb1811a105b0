package cqljson

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cqltext"
)

// Append appends the JSON of a cell of type t; nil is null. An error does not show the value.
func Append(dst []byte, t *cql.Type, cell []byte) ([]byte, error) {
	switch {
	case cell == nil:
		return append(dst, "null"...), nil
	case len(cell) == 0 && hasEmpty(t.Kind):
		return append(dst, `""`...), nil
	}
	switch t.Kind {
	case cql.Ascii:
		if !cqltext.IsASCII(cell) {
			return dst, errASCII
		}
		return appendText(dst, cell)
	case cql.Text, cql.Varchar:
		return appendText(dst, cell)
	case cql.List, cql.Set, cql.Map, cql.Tuple, cql.UDT, cql.Vector:
		return appendNested(dst, t, cell)
	case cql.Tinyint, cql.Smallint, cql.Int, cql.Bigint, cql.Counter, cql.Varint:
		return cqltext.AppendText(dst, t, cell, "")
	case cql.Boolean:
		if len(cell) == 1 {
			return strconv.AppendBool(dst, cell[0] != 0), nil
		}
	case cql.Float:
		if len(cell) == 4 {
			return appendFloat(dst, float64(math.Float32frombits(binary.BigEndian.Uint32(cell))), 32), nil
		}
	case cql.Double:
		if len(cell) == 8 {
			return appendFloat(dst, math.Float64frombits(binary.BigEndian.Uint64(cell)), 64), nil
		}
	case cql.Timestamp:
		if len(cell) == 8 {
			return appendTimestamp(dst, int64(binary.BigEndian.Uint64(cell))), nil
		}
	}
	dst, err := cqltext.AppendText(append(dst, '"'), t, cell, "") // a text without anything to escape, or an error
	return append(dst, '"'), err
}

// hasEmpty tells the types whose value of no bytes is the empty text; the others have a form of their own for it, or, a
// duration, no such value.
func hasEmpty(k cql.Kind) bool {
	switch k {
	case cql.Blob, cql.Custom, cql.Tuple, cql.UDT, cql.Duration:
		return false
	}
	return true
}

// appendFloat appends a number in as few digits as tell it from others of its size, with a point or an exponent, without
// which the server would take -0 for a whole number.
func appendFloat(dst []byte, f float64, bits int) []byte {
	a := math.Abs(f)
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	case a != 0 && (a < 1e-6 || a >= 1e21):
		return strconv.AppendFloat(dst, f, 'e', -1, bits)
	}
	dst = strconv.AppendFloat(dst, f, 'f', -1, bits)
	if f == math.Trunc(f) {
		dst = append(dst, ".0"...)
	}
	return dst
}

// The years in which the server and everybody else write a time alike.
var gregorian, fiveDigits = time.Date(1583, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli(), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

func appendTimestamp(dst []byte, ms int64) []byte {
	if ms < gregorian || ms >= fiveDigits {
		return strconv.AppendInt(dst, ms, 10)
	}
	return append(cqltext.AppendMoment(append(dst, '"'), ms), 'Z', '"')
}

var (
	errUTF8  = errors.New("the text is not UTF-8")
	errASCII = errors.New("the text has characters that are not ASCII")
)

// appendText appends a text as JSON has it, with only what must be escaped.
func appendText[S string | []byte](dst []byte, s S) ([]byte, error) {
	dst = append(dst, '"')
	from, start := 0, len(dst)
	for i := 0; i < len(s); i++ {
		for len(s)-i >= 8 && escaped[s[i]]|escaped[s[i+1]]|escaped[s[i+2]]|escaped[s[i+3]]|
			escaped[s[i+4]]|escaped[s[i+5]]|escaped[s[i+6]]|escaped[s[i+7]] == 0 { // as most have nothing to escape
			i += 8
		}
		if i == len(s) {
			break
		}
		c := s[i]
		if escaped[c] == 0 {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	dst = append(dst, s[from:]...)
	if !utf8.Valid(dst[start:]) {
		return dst[:start-1], errUTF8
	}
	return append(dst, '"'), nil
}

// escaped has 1 for the bytes that a text cannot have as they are.
var escaped = func() (is [256]byte) {
	for c := range is[:' '] {
		is[c] = 1
	}
	is['"'], is['\\'] = 1, 1
	return is
}()

const hexDigits = "0123456789ABCDEF"
