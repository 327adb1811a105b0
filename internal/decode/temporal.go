package decode

import (
	"encoding/binary"
	"errors"
	"reflect"
	"time"
	"unsafe"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql"
)

// temporal finds the function for a CQL type that has to do with time; nil if there is none.
func temporal(kind cql.Kind, t reflect.Type) cellFunc {
	span := t == reflect.TypeFor[time.Duration]()
	at := t == reflect.TypeFor[time.Time]()
	switch kind {
	case cql.Timestamp:
		switch {
		case at:
			return timestamp
		case t.Kind() == reflect.Int64 && !span:
			return integer(8, reflect.Int64) // milliseconds since 1970
		}
	case cql.Time:
		if t.Kind() == reflect.Int64 {
			return integer(8, reflect.Int64) // nanoseconds since midnight
		}
	case cql.Date:
		switch {
		case at:
			return date
		case t.Kind() == reflect.String:
			return dateText
		}
	case cql.Timeuuid:
		if at {
			return timeOfUUID
		}
	case cql.Duration:
		switch {
		case t == reflect.TypeFor[gocql.Duration]():
			return duration
		case span:
			return timeSpan
		}
	}
	return nil
}

// timestamp reads milliseconds since 1970. An empty value reads as time.Time{}, for which the driver writes it; a
// pointer, an sql.Null and an any have null for it, as they have for all such.
func timestamp(p unsafe.Pointer, cell []byte) error {
	if cell != nil && len(cell) == 0 {
		*(*time.Time)(p) = time.Time{}
		return nil
	}
	if err := width(cell, 8); err != nil {
		return err
	}
	*(*time.Time)(p) = time.UnixMilli(int64(binary.BigEndian.Uint64(cell))).UTC()
	return nil
}

// takeDate reads days, of which number 2³¹ is 1970-01-01.
func takeDate(cell []byte) (time.Time, error) {
	if err := width(cell, 4); err != nil {
		return time.Time{}, err
	}
	const day = 24 * 60 * 60
	return time.Unix((int64(binary.BigEndian.Uint32(cell))-1<<31)*day, 0).UTC(), nil
}

// date reads the day's start in UTC; an empty value as time.Time{}, as timestamp does.
func date(p unsafe.Pointer, cell []byte) error {
	if cell != nil && len(cell) == 0 {
		*(*time.Time)(p) = time.Time{}
		return nil
	}
	at, err := takeDate(cell)
	if err != nil {
		return err
	}
	*(*time.Time)(p) = at
	return nil
}

func dateText(p unsafe.Pointer, cell []byte) error {
	at, err := takeDate(cell)
	if err != nil {
		return err
	}
	*(*string)(p) = at.Format(time.DateOnly)
	if at.Year() > 9999 {
		*(*string)(p) = "+" + *(*string)(p) // as ISO 8601 and Cassandra have it
	}
	return nil
}

func timeOfUUID(p unsafe.Pointer, cell []byte) error {
	if err := width(cell, 16); err != nil {
		return err
	}
	id := gocql.UUID(cell)
	if id.Version() != 1 {
		return errors.New("the timeuuid is not one of version 1, so it has no time")
	}
	*(*time.Time)(p) = id.Time()
	return nil
}

func takeDuration(cell []byte) (d gocql.Duration, err error) {
	if len(cell) == 0 {
		return d, ErrNull
	}
	months, rest, err := takeSigned(cell)
	if err != nil {
		return d, err
	}
	days, rest, err := takeSigned(rest)
	if err != nil {
		return d, err
	}
	nanoseconds, rest, err := takeSigned(rest)
	if err != nil {
		return d, err
	}
	if len(rest) > 0 {
		return d, errTrailing
	}
	if months != int64(int32(months)) || days != int64(int32(days)) {
		return d, errRange
	}
	return gocql.Duration{Months: int32(months), Days: int32(days), Nanoseconds: nanoseconds}, nil
}

func duration(p unsafe.Pointer, cell []byte) error {
	d, err := takeDuration(cell)
	if err != nil {
		return err
	}
	*(*gocql.Duration)(p) = d
	return nil
}

func timeSpan(p unsafe.Pointer, cell []byte) error {
	d, err := takeDuration(cell)
	if err != nil {
		return err
	}
	if d.Months != 0 || d.Days != 0 {
		return errors.New("months and days have no fixed length, so time.Duration cannot hold the duration; gocql.Duration can")
	}
	*(*time.Duration)(p) = time.Duration(d.Nanoseconds)
	return nil
}
