package cqltext

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"unicode/utf8"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
)

// AppendText appends the text of a cell, which must not be null; see [IsNull]. null is what stands for the nulls inside
// of tuples and user-defined types. An error does not show the value.
func AppendText(dst []byte, t *cql.Type, cell []byte, null string) ([]byte, error) {
	switch {
	case IsText(t):
		return appendText(dst, t.Kind, cell)
	case isNested(t.Kind):
		return appendNested(dst, t, cell, null)
	default:
		return appendScalar(dst, t, cell)
	}
}

// appendText refuses what cannot be read again.
func appendText(dst []byte, kind cql.Kind, cell []byte) ([]byte, error) {
	switch {
	case kind != cql.Ascii:
		if !utf8.Valid(cell) {
			return dst, errUTF8
		}
	case !IsASCII(cell):
		return dst, errASCII
	}
	return append(dst, cell...), nil
}

// IsASCII tells whether a text is all ASCII, as values of the type ascii are.
func IsASCII[S string | []byte](text S) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isNested tells the types with others inside.
func isNested(kind cql.Kind) bool {
	switch kind {
	case cql.List, cql.Set, cql.Map, cql.Tuple, cql.UDT, cql.Vector:
		return true
	}
	return false
}

// widthOf gives the width of a type's cells; 0 if it varies.
func widthOf(kind cql.Kind) int {
	switch kind {
	case cql.Boolean, cql.Tinyint:
		return 1
	case cql.Smallint:
		return 2
	case cql.Int, cql.Float, cql.Date:
		return 4
	case cql.Bigint, cql.Counter, cql.Double, cql.Timestamp, cql.Time:
		return 8
	case cql.UUID, cql.Timeuuid:
		return 16
	}
	return 0
}

func appendScalar(dst []byte, t *cql.Type, cell []byte) ([]byte, error) {
	if want := widthOf(t.Kind); want > 0 && len(cell) != want {
		return dst, fmt.Errorf("the cell of a %v has %d bytes instead of %d; was the table altered or made anew?", t, len(cell), want)
	}
	switch t.Kind {
	case cql.Blob, cql.Custom:
		return hex.AppendEncode(append(dst, "0x"...), cell), nil
	case cql.Boolean:
		if cell[0] != 0 {
			return append(dst, "True"...), nil
		}
		return append(dst, "False"...), nil
	case cql.Tinyint, cql.Smallint, cql.Int, cql.Bigint, cql.Counter:
		return strconv.AppendInt(dst, fixedInt(cell), 10), nil
	case cql.Varint:
		return appendVarint(dst, cell)
	case cql.Decimal:
		return appendDecimal(dst, cell)
	case cql.Float, cql.Double:
		return appendFloat(dst, cell), nil
	case cql.UUID, cql.Timeuuid:
		return appendUUID(dst, cell), nil
	case cql.Inet:
		addr, ok := netip.AddrFromSlice(cell)
		if !ok {
			return dst, fmt.Errorf("the cell of an inet has %d bytes instead of 4 or 16; was the table altered or made anew?", len(cell))
		}
		return addr.AppendTo(dst), nil
	case cql.Timestamp:
		return appendTimestamp(dst, fixedInt(cell)), nil
	case cql.Date:
		return appendDate(dst, uint32(fixedInt(cell))), nil
	case cql.Time:
		return appendTime(dst, fixedInt(cell))
	case cql.Duration:
		return appendDuration(dst, cell)
	}
	return dst, fmt.Errorf("values of type %v have no text", t)
}

// fixedInt reads a two's complement number of at most 8 bytes.
func fixedInt(cell []byte) int64 {
	n := int64(int8(cell[0]))
	for _, b := range cell[1:] {
		n = n<<8 | int64(b)
	}
	return n
}

func appendUUID(dst, cell []byte) []byte {
	const digits = "0123456789abcdef"
	var text [36]byte
	at := 0
	for i, c := range cell[:16] {
		switch i {
		case 4, 6, 8, 10:
			text[at] = '-'
			at++
		}
		text[at], text[at+1] = digits[c>>4], digits[c&15]
		at += 2
	}
	return append(dst, text[:]...)
}

var errTooLong = errors.New("the number has more digits than are read back from a text")

// inQuotes tells the types whose values are in quotes inside of others.
func inQuotes(kind cql.Kind) bool {
	switch kind {
	case cql.Ascii, cql.Text, cql.Varchar, cql.Inet, cql.Date, cql.Time, cql.Timestamp:
		return true
	}
	return false
}

// appendInside appends a value that is inside of another; missing is what stands for null.
func appendInside(dst []byte, t *cql.Type, cell []byte, null, missing string) (_ []byte, err error) {
	if IsNull(t, cell) {
		return append(dst, missing...), nil
	}
	at := len(dst)
	if dst, err = AppendText(dst, t, cell, null); err != nil {
		return dst, err
	}
	text := dst[at:]
	milliseconds := t.Kind == cql.Timestamp && len(text) != len(timestampLayout) // which are no literal in quotes
	if inQuotes(t.Kind) && !milliseconds || string(text) == null && !isNested(t.Kind) {
		return quote(dst, at), nil
	}
	return dst, nil
}

// quote puts what is behind a place in single quotes.
func quote(dst []byte, at int) []byte {
	quotes := 2
	for _, c := range dst[at:] {
		if c == '\'' {
			quotes++
		}
	}
	from := len(dst) - 1
	for range quotes {
		dst = append(dst, '\'')
	}
	for to := len(dst) - 2; from >= at; from-- { // from the end, so that nothing is overwritten that is still needed
		dst[to] = dst[from]
		if to--; dst[from] == '\'' {
			dst[to] = '\''
			to--
		}
	}
	dst[at] = '\''
	return dst
}

// appendNested appends a value with others inside.
func appendNested(dst []byte, t *cql.Type, cell []byte, null string) ([]byte, error) {
	parts, err := decode.PartsOf(*t, cell)
	if err != nil {
		return dst, err
	}
	open, end, missing := byte('['), byte(']'), "null"
	switch t.Kind {
	case cql.Set, cql.Map:
		open, end = '{', '}'
	case cql.UDT:
		open, end, missing = '{', '}', inner(null)
	case cql.Tuple:
		open, end, missing = '(', ')', inner(null)
	}
	dst = append(dst, open)
	for i := 0; ; i++ {
		part, ok, err := parts.Next()
		if err != nil {
			return dst, fmt.Errorf("part %d: %w", i, err)
		}
		if !ok {
			if i > 0 && dst[len(dst)-1] == open { // a single null, which nothing stands for
				dst = append(dst, "null"...)
			}
			return append(dst, end), nil
		}
		elem := &t.Elems[0]
		switch t.Kind {
		case cql.Map:
			elem = &t.Elems[i%2]
		case cql.Tuple, cql.UDT:
			elem = &t.Elems[i]
		}
		if t.Kind == cql.Vector && IsNull(elem, part) {
			return dst, fmt.Errorf("part %d: %w", i, errNullInVector)
		}
		switch {
		case t.Kind == cql.Map && i%2 == 1:
			dst = append(dst, ": "...)
		case i > 0:
			dst = append(dst, ", "...)
		}
		if t.Kind == cql.UDT {
			dst = append(append(dst, cql.Quote(t.Fields[i])...), ": "...)
		}
		if dst, err = appendInside(dst, elem, part, null, missing); err != nil {
			return dst, fmt.Errorf("part %d: %w", i, err)
		}
	}
}
