package cql

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/internal/vint"
)

// appendTemporal appends a value that has to do with time. time.Time{} is the first of January of the year 1, as any
// other time is what it says. The driver writes it as an empty value, which other clients read as null, and which no
// comparison finds.
func appendTemporal(dst []byte, kind Kind, v reflect.Value) (_ []byte, ok bool, err error) {
	span := v.Type() == reflect.TypeFor[time.Duration]()
	switch kind {
	case Timestamp:
		if at, is := timeOf(v); is {
			if time.UnixMilli(at.UnixMilli()).Unix() != at.Unix() {
				return dst, true, errRange
			}
			return binary.BigEndian.AppendUint64(dst, uint64(at.UnixMilli())), true, nil
		}
		if v.Kind() == reflect.Int64 && !span {
			return appendInteger(dst, 8, v)
		}
	case Date:
		return appendDate(dst, v)
	case Time:
		if v.Kind() == reflect.Int64 {
			if n := v.Int(); n < 0 || n >= int64(24*time.Hour) {
				return dst, true, fmt.Errorf("%w of nanoseconds in a day", errRange)
			}
			return appendInteger(dst, 8, v)
		}
	case Duration:
		if span {
			return appendDuration(dst, gocql.Duration{Nanoseconds: v.Int()}), true, nil
		}
		if v.Type() == reflect.TypeFor[gocql.Duration]() {
			d := v.Interface().(gocql.Duration)
			if (d.Months < 0 || d.Days < 0 || d.Nanoseconds < 0) && (d.Months > 0 || d.Days > 0 || d.Nanoseconds > 0) {
				return dst, true, errors.New("months, days and nanoseconds must have the same sign")
			}
			return appendDuration(dst, d), true, nil
		}
	}
	return dst, false, nil
}

func timeOf(v reflect.Value) (time.Time, bool) {
	if v.Type() != reflect.TypeFor[time.Time]() {
		return time.Time{}, false
	}
	return v.Interface().(time.Time), true
}

// appendDate appends the number of the day in UTC; number 2³¹ is 1970-01-01.
func appendDate(dst []byte, v reflect.Value) (_ []byte, ok bool, err error) {
	at, ok := timeOf(v)
	if !ok {
		text, ok, err := textOf(v)
		if !ok || err != nil {
			return dst, ok, err
		}
		if at, ok = parseDate(text); !ok {
			return dst, true, errors.New("the text is not a date such as 2006-01-02")
		}
	}
	const perDay = 24 * 60 * 60
	s := at.Unix()
	day := s / perDay
	if s%perDay < 0 {
		day-- // days before 1970 start before it, too
	}
	if day += 1 << 31; day < 0 || day > math.MaxUint32 {
		return dst, true, errRange
	}
	return binary.BigEndian.AppendUint32(dst, uint32(day)), true, nil
}

// parseDate reads a day as ISO 8601 has it: years of more than four digits have a sign, which need not be there if it
// is +.
func parseDate(text string) (time.Time, bool) {
	const rest = "-01-02"
	at := len(text) - len(rest)
	if at < 4 {
		return time.Time{}, false
	}
	year, err := strconv.Atoi(text[:at])
	if digits := len(strings.TrimLeft(text[:at], "+-")); err != nil || digits < 4 || digits > 7 {
		return time.Time{}, false
	}
	day, err := time.Parse(rest, text[at:]) // of the year 0, a leap year
	if err != nil {
		return time.Time{}, false
	}
	date := time.Date(year, day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
	return date, date.Day() == day.Day()
}

func appendDuration(dst []byte, d gocql.Duration) []byte {
	dst = vint.Append(dst, vint.Zigzag(int64(d.Months)))
	dst = vint.Append(dst, vint.Zigzag(int64(d.Days)))
	return vint.Append(dst, vint.Zigzag(d.Nanoseconds))
}
