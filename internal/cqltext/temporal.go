package cqltext

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

var (
	errTimestamp = errors.New("it is no timestamp such as 2006-01-02 15:04:05.000+0000")
	errDate      = errors.New("it is no date such as 2006-01-02")
	errTime      = errors.New("it is no time such as 15:04:05.000000000")
)

// timestampLayout is that of the timestamps of the years 1 to 9999.
const timestampLayout = "2006-01-02 15:04:05.000+0000"

const perDay = 24 * 60 * 60

// appendDigits appends a number that is not negative, with leading zeros.
func appendDigits(dst []byte, n, width int) []byte {
	dst = append(dst, "000000000"[:width]...)
	for i := len(dst) - 1; n > 0; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
	return dst
}

// digit gives the digit of a number that stands for so many.
func digit(n, of int) byte { return byte('0' + n/of%10) }

func appendDay(dst []byte, year, month, day int) []byte {
	return append(dst, digit(year, 1000), digit(year, 100), digit(year, 10), digit(year, 1), '-',
		digit(month, 10), digit(month, 1), '-', digit(day, 10), digit(day, 1))
}

// appendClock appends the time of a day, in seconds.
func appendClock(dst []byte, seconds int) []byte {
	hour, minute, second := seconds/3600, seconds/60%60, seconds%60
	return append(dst, digit(hour, 10), digit(hour, 1), ':', digit(minute, 10), digit(minute, 1), ':', digit(second, 10), digit(second, 1))
}

func appendTimestamp(dst []byte, ms int64) []byte {
	year, month, day := time.UnixMilli(ms).UTC().Date()
	if year < 1 || year > 9999 {
		return strconv.AppendInt(dst, ms, 10)
	}
	return append(appendMoment(dst, year, int(month), day, ms), "+0000"...)
}

// AppendMoment appends a time of the years 1 to 9999, in milliseconds since 1970, as 2006-01-02 15:04:05.000 in UTC:
// several times as fast as time.Time's AppendFormat.
func AppendMoment(dst []byte, ms int64) []byte {
	year, month, day := time.UnixMilli(ms).UTC().Date()
	return appendMoment(dst, year, int(month), day, ms)
}

func appendMoment(dst []byte, year, month, day int, ms int64) []byte {
	if ms %= perDay * 1000; ms < 0 {
		ms += perDay * 1000
	}
	dst = appendClock(append(appendDay(dst, year, month, day), ' '), int(ms/1000))
	n := int(ms % 1000)
	return append(dst, '.', digit(n, 100), digit(n, 10), digit(n, 1))
}

// appendDate appends a day, of which number 2³¹ is 1970-01-01, as ISO 8601 and the server have it.
func appendDate(dst []byte, day uint32) []byte {
	at := time.Unix((int64(day)-1<<31)*perDay, 0).UTC()
	year, month, date := at.Date()
	if year >= 0 && year <= 9999 {
		return appendDay(dst, year, int(month), date)
	} else if year > 9999 {
		dst = append(dst, '+')
	}
	return at.AppendFormat(dst, time.DateOnly)
}

func appendTime(dst []byte, ns int64) ([]byte, error) {
	if ns < 0 || ns >= int64(24*time.Hour) {
		return dst, errors.New("the time is not within a day; was the table altered or made anew?")
	}
	dst = append(appendClock(dst, int(ns/1e9)), '.')
	return appendDigits(dst, int(ns%1e9), 9), nil
}

// cutDate reads the date that a text starts with. A year has four digits, or a sign and up to nine.
func cutDate(text string) (at time.Time, rest string, ok bool) {
	sign := len(text) - len(strings.TrimLeft(text, "+-"))
	end := strings.IndexByte(text[sign:], '-')
	if sign > 1 || end < 4 || end > 9 || sign == 0 && end > 4 {
		return at, "", false
	}
	year, err := strconv.Atoi(text[:sign+end])
	if err != nil {
		return at, "", false
	}
	month, rest, ok1 := cutNumber(text[sign+end+1:], 2)
	rest, ok2 := strings.CutPrefix(rest, "-")
	day, rest, ok3 := cutNumber(rest, 2)
	at = time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return at, rest, ok1 && ok2 && ok3 && month > 0 && month <= 12 && at.Day() == day
}

// cutNumber reads a number of so many digits.
func cutNumber(text string, width int) (n int, rest string, ok bool) {
	if len(text) < width {
		return 0, "", false
	}
	for i := range width {
		c := text[i]
		if c < '0' || c > '9' {
			return 0, "", false
		}
		n = 10*n + int(c-'0')
	}
	return n, text[width:], true
}

// cutClock reads the time of day that a text starts with: hours and minutes at least.
func cutClock(text string) (ns int64, rest string, ok bool) {
	hour, rest, ok := cutNumber(text, 2)
	if !ok || hour > 23 {
		return 0, "", false
	}
	var parts [2]int64 // minutes, seconds
	for i := range parts {
		after, more := strings.CutPrefix(rest, ":")
		if !more && i > 0 {
			break
		}
		n, r, ok := cutNumber(after, 2)
		if !more || !ok || n > 59 {
			return 0, "", false
		}
		parts[i], rest = int64(n), r
		if fraction, more := strings.CutPrefix(rest, "."); more && i > 0 {
			width := len(fraction) - len(strings.TrimLeft(fraction, "0123456789"))
			if width < 1 || width > 9 {
				return 0, "", false
			}
			n, rest, _ = cutNumber(fraction, width)
			for range 9 - width {
				n *= 10
			}
			ns = int64(n)
		}
	}
	return ns + 1e9*(3600*int64(hour)+60*parts[0]+parts[1]), rest, true
}

// zone reads all of a text as a time zone, in seconds to the east.
func zone(text string) (seconds int, ok bool) {
	switch text = strings.TrimLeft(text, " "); strings.ToUpper(text) {
	case "", "Z", "UTC", "GMT":
		return 0, true
	}
	sign := 1
	switch text[0] {
	case '-':
		sign = -1
	case '+':
	default:
		return 0, false
	}
	hours, rest, ok := cutNumber(text[1:], 2)
	minutes := 0
	if ok && rest != "" {
		minutes, rest, ok = cutNumber(strings.TrimPrefix(rest, ":"), 2)
	}
	return sign * 60 * (60*hours + minutes), ok && rest == "" && hours <= 18 && minutes < 60
}

func parseTimestamp(dst []byte, text string) ([]byte, error) {
	if digits(text, errTimestamp) == nil { // the milliseconds
		return parseInt(dst, 8, text)
	}
	at, rest, ok := cutDate(text)
	if !ok {
		return dst, errTimestamp
	}
	var ns int64
	if rest != "" && strings.ContainsRune("Tt ", rune(rest[0])) && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9' {
		if ns, rest, ok = cutClock(rest[1:]); !ok {
			return dst, errTimestamp
		}
	}
	east, ok := zone(rest)
	if !ok {
		return dst, errTimestamp
	}
	at = at.Add(time.Duration(ns) - time.Duration(east)*time.Second)
	ms := at.UnixMilli()
	if time.UnixMilli(ms).Unix() != at.Unix() {
		return dst, errRange
	}
	return binary.BigEndian.AppendUint64(dst, uint64(ms)), nil
}

func parseDate(dst []byte, text string) ([]byte, error) {
	at, rest, ok := cutDate(text)
	if !ok || rest != "" {
		return dst, errDate
	}
	day := at.Unix()/perDay + 1<<31
	if day < 0 || day > math.MaxUint32 {
		return dst, errRange
	}
	return binary.BigEndian.AppendUint32(dst, uint32(day)), nil
}

func parseTime(dst []byte, text string) ([]byte, error) {
	ns, rest, ok := cutClock(text)
	if !ok || rest != "" {
		return dst, errTime
	}
	return binary.BigEndian.AppendUint64(dst, uint64(ns)), nil
}
