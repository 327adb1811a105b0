package cqltext

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/rxcql/rxcql/cql"
)

var (
	errBoolean = errors.New("it is neither True nor False")
	errBlob    = errors.New("it is no blob: 0x and hexadecimal digits, two for each byte")
	errUUID    = errors.New("it is no UUID")
	errInet    = errors.New("it is no IP address without a zone")
	errASCII   = errors.New("it has characters that are not ASCII")
	errUTF8    = errors.New("it is not UTF-8")
)

// AppendCell appends the cell whose text is given. It is never null: whether a text as a whole stands for null is for
// the caller to know. null stands for nulls inside of others, as do nothing and the word null. An error does not show
// the text.
func AppendCell(dst []byte, t *cql.Type, text, null string) ([]byte, error) {
	if IsText(t) {
		return parseText(dst, t, text)
	}
	text = trim(text)
	if isNested(t.Kind) {
		return parseNested(dst, t, text, null)
	}
	return parseScalar(dst, t, text)
}

// trim cuts white space off, which most texts do not have.
func trim(text string) string {
	if text == "" || text[0] > ' ' && text[len(text)-1] > ' ' {
		return text
	}
	return strings.Trim(text, " \t\r\n")
}

func parseText(dst []byte, t *cql.Type, text string) ([]byte, error) {
	switch {
	case t.Kind != cql.Ascii:
		if !utf8.ValidString(text) {
			return dst, errUTF8
		}
	case !IsASCII(text):
		return dst, errASCII
	}
	return append(dst, text...), nil
}

// parseScalar reads a value without others inside.
func parseScalar(dst []byte, t *cql.Type, text string) ([]byte, error) {
	switch t.Kind {
	case cql.Ascii, cql.Text, cql.Varchar:
		return parseText(dst, t, text)
	case cql.Blob, cql.Custom:
		if len(text) < 2 || text[0] != '0' || text[1]|0x20 != 'x' {
			return dst, errBlob
		}
		return parseHex(dst, text[2:], errBlob)
	case cql.Boolean:
		switch {
		case strings.EqualFold(text, "true"):
			return append(dst, 1), nil
		case strings.EqualFold(text, "false"):
			return append(dst, 0), nil
		}
		return dst, errBoolean
	case cql.Tinyint, cql.Smallint, cql.Int, cql.Bigint, cql.Counter:
		return parseInt(dst, widthOf(t.Kind), text)
	case cql.Varint:
		return parseVarint(dst, text)
	case cql.Decimal:
		return parseDecimal(dst, text)
	case cql.Float:
		return parseFloat(dst, 32, text)
	case cql.Double:
		return parseFloat(dst, 64, text)
	case cql.UUID, cql.Timeuuid:
		return parseUUID(dst, text)
	case cql.Inet:
		addr, err := netip.ParseAddr(text)
		if err != nil || addr.Zone() != "" {
			return dst, errInet
		}
		return append(dst, addr.AsSlice()...), nil
	case cql.Timestamp:
		return parseTimestamp(dst, text)
	case cql.Date:
		return parseDate(dst, text)
	case cql.Time:
		return parseTime(dst, text)
	case cql.Duration:
		return parseDuration(dst, text)
	}
	return dst, fmt.Errorf("values of type %v have no text", t)
}

// parseHex reads hexadecimal digits, any number of pairs.
func parseHex(dst []byte, text string, syntax error) ([]byte, error) {
	at := len(dst)
	dst = append(dst, text...) // decoded in place, which halves it
	n, err := hex.Decode(dst[at:], dst[at:])
	if err != nil {
		return dst[:at], syntax
	}
	return dst[:at+n], nil
}

// parseUUID reads 32 digits, with hyphens where they belong or none.
func parseUUID(dst []byte, text string) (_ []byte, err error) {
	switch len(text) {
	case 32:
		return parseHex(dst, text, errUUID)
	case 36:
	default:
		return dst, errUUID
	}
	for i, part := range [...][2]int{{0, 8}, {9, 13}, {14, 18}, {19, 23}, {24, 36}} {
		if i > 0 && text[part[0]-1] != '-' {
			return dst, errUUID
		}
		if dst, err = parseHex(dst, text[part[0]:part[1]], errUUID); err != nil {
			return dst, err
		}
	}
	return dst, nil
}
