package cqltext

import (
	"errors"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
)

var errDuration = errors.New("it is no duration such as 1y2mo3w4d5h6m7s8ms9us10ns")

// unit is what a duration counts in.
type unit struct {
	name  string
	of    int    // which of months, days and nanoseconds
	value uint64 // how many of these
	shown bool
}

// units are in their order, from the largest one.
var units = []unit{
	{"y", 0, 12, true}, {"mo", 0, 1, true}, {"w", 1, 7, false}, {"d", 1, 1, true}, {"h", 2, 3600e9, true}, {"m", 2, 60e9, true},
	{"s", 2, 1e9, true}, {"ms", 2, 1e6, true}, {"us", 2, 1e3, true}, {"µs", 2, 1e3, false}, {"ns", 2, 1, true},
}

func appendDuration(dst, cell []byte) ([]byte, error) {
	d, err := decode.Cell[gocql.Duration](cql.Column{Type: cql.Type{Kind: cql.Duration}}, cell)
	if err != nil {
		return dst, errors.Unwrap(err)
	}
	negative := d.Months < 0 || d.Days < 0 || d.Nanoseconds < 0
	if negative && (d.Months > 0 || d.Days > 0 || d.Nanoseconds > 0) {
		return dst, errors.New("the parts of a duration have different signs")
	}
	left := [3]uint64{magnitude(int64(d.Months)), magnitude(int64(d.Days)), magnitude(d.Nanoseconds)}
	if left == [3]uint64{} {
		return append(dst, "0s"...), nil
	}
	if negative {
		dst = append(dst, '-')
	}
	for _, u := range units {
		if n := left[u.of] / u.value; u.shown && n > 0 {
			dst = append(strconv.AppendUint(dst, n, 10), u.name...)
			left[u.of] %= u.value
		}
	}
	return dst, nil
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// parseDuration reads what appendDuration writes, in any case, and ISO 8601's PnYnMnDTnHnMnS and PnW. Each unit comes
// once at most, in their order.
func parseDuration(dst []byte, text string) ([]byte, error) {
	rest := strings.ToLower(text)
	rest, negative := strings.CutPrefix(rest, "-")
	rest, iso := strings.CutPrefix(rest, "p")
	clock := false // behind ISO's T
	var sum [3]uint64
	next := 0
	for first := true; rest != "" || first; first = false {
		if after, t := strings.CutPrefix(rest, "t"); iso && t && !clock && after != "" {
			rest, clock = after, true
		}
		width := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n, err := strconv.ParseUint(rest[:width], 10, 64)
		if err != nil {
			return dst, reason(err, errDuration)
		}
		rest = rest[width:]
		width = len(rest) - len(strings.TrimLeft(rest, "abcdefghijklmnopqrsuvwxyzµ"))
		name := rest[:width]
		rest = rest[width:]
		if iso {
			if len(name) != 1 || clock != strings.Contains("hms", name) && !(name == "m" && !clock) {
				return dst, errDuration
			}
			if name == "m" && !clock {
				name = "mo"
			}
		}
		for next < len(units) && units[next].name != name {
			next++
		}
		if next == len(units) {
			return dst, errDuration
		}
		u := units[next]
		next++
		high, low := bits.Mul64(n, u.value)
		total, carry := bits.Add64(sum[u.of], low, 0)
		if high != 0 || carry != 0 {
			return dst, errRange
		}
		sum[u.of] = total
	}
	var parts [3]int64
	for i, most := range [3]uint64{math.MaxInt32, math.MaxInt32, math.MaxInt64} {
		if negative {
			most++
		}
		if sum[i] > most {
			return dst, errRange
		}
		if parts[i] = int64(sum[i]); negative {
			parts[i] = -parts[i]
		}
	}
	return appendMarshaled(dst, cql.Duration, gocql.Duration{Months: int32(parts[0]), Days: int32(parts[1]), Nanoseconds: parts[2]})
}
