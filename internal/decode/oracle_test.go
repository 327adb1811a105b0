package decode_test

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/typetest"
)

// sound checks the outcome for any bytes: an error, or a value that they are the encoding of. With the driver as the
// oracle: the same value, and no error where what it decodes has the bytes as its encoding.
//
// It differs from the driver, which decodes without an error, or panics:
//   - a fixed width: the driver reads zero of other lengths, or the first bytes;
//   - bytes behind the last value, a duration's too, months and days beyond 32 bits, negative lengths other than null's;
//   - a tuple or user-defined type that ends within a length or a value;
//   - a decimal without digits; two keys or elements of a Go map that are the same;
//   - an empty value where a type has none is zero to the driver, and null to us; so is null inside a value.
func sound(t require.TestingT, ct cql.Type, cell []byte) {
	ours, err := value(ct, cell)
	if err == nil && ours != nil {
		again, err := ct.Marshal(ours)
		if err != nil && contains(ct, cql.Time, cql.Duration, cql.Vector) {
			return // beyond a day, of different signs, with an empty element: no server has it, and none takes it
		}
		require.NoError(t, err, "%v 0x%x", ct, cell)
		decoded, err := value(ct, again)
		require.NoError(t, err, "%v 0x%x", ct, cell)
		require.True(t, typetest.Equal(ours, decoded), "%v 0x%x: %#v became %#v", ct, cell, ours, decoded)
		require.True(t, hadEmpty(ct, ours) || sameCell(ct, again, cell), "%v: 0x%x was decoded as %#v, which is 0x%x", ct, cell, ours, again)
	}
	if tooMuchForDriver(ct, cell, err != nil) {
		return
	}
	theirs, driverErr := typetest.DriverValue(ct, cell)
	switch {
	case err == nil && driverErr == nil:
		require.True(t, typetest.EqualToDriver(ours, theirs), "%v 0x%x: %#v, and gocql has %#v", ct, cell, ours, theirs)
	case err != nil && driverErr == nil:
		again, err2 := typetest.DriverCell(ct, theirs)
		require.False(t, err2 == nil && bytes.Equal(again, cell), "%v: gocql reads and writes 0x%x as %#v, but: %v", ct, cell, theirs, err)
	}
}

// sameCell tells whether bytes that were decoded and encoded again are what they were, where a value has one encoding.
// A tuple or a user-defined type may be shorter than its type: nulls were added.
func sameCell(ct cql.Type, again, cell []byte) bool {
	switch {
	case ct.Kind == cql.Tuple || ct.Kind == cql.UDT:
		for _, e := range ct.Elems {
			if !oneEncoding(e) {
				return true
			}
		}
		for rest := cell; len(rest) >= 4; {
			n := int32(binary.BigEndian.Uint32(rest))
			if n == 0 {
				return true // it may be no more than null
			}
			rest = rest[4+max(n, 0):]
		}
		return bytes.HasPrefix(again, cell) && len(bytes.TrimLeft(again[len(cell):], "\xff")) == 0
	case oneEncoding(ct):
		return bytes.Equal(again, cell)
	}
	return true
}

// hadEmpty tells whether a value may have been made of an empty one, which is not what it is encoded as: a list or set
// that is a []any has nulls, and time.Time{} may be empty.
func hadEmpty(ct cql.Type, v any) bool {
	switch {
	case v == nil:
		return false
	case ct.Kind == cql.Timestamp || ct.Kind == cql.Date:
		return v.(time.Time).IsZero()
	case ct.Kind == cql.List || ct.Kind == cql.Set:
		if _, ok := v.([]any); ok {
			return true
		}
		elems := reflect.ValueOf(v)
		for i := range elems.Len() {
			if hadEmpty(ct.Elems[0], elems.Index(i).Interface()) {
				return true
			}
		}
	case ct.Kind == cql.Tuple:
		for i, part := range v.([]any) {
			if hadEmpty(ct.Elems[i], part) {
				return true
			}
		}
	case ct.Kind == cql.UDT:
		for i, name := range ct.Fields {
			if hadEmpty(ct.Elems[i], v.(map[string]any)[name]) {
				return true
			}
		}
	}
	return false
}

func contains(ct cql.Type, kinds ...cql.Kind) bool {
	return slices.Contains(kinds, ct.Kind) || slices.ContainsFunc(ct.Elems, func(e cql.Type) bool { return contains(e, kinds...) })
}

func oneEncoding(ct cql.Type) bool {
	switch ct.Kind {
	case cql.Boolean, cql.Float, cql.Varint, cql.Decimal, cql.Inet, cql.Duration, cql.Map, cql.Tuple, cql.UDT:
		return false // any byte but 0 is true; of NaN, numbers and lengths there are longer encodings; maps have no order
	case cql.List, cql.Set:
		return oneEncoding(ct.Elems[0])
	case cql.Vector:
		return false // the lengths
	default:
		return true
	}
}

// tooMuchForDriver tells whether gocql might allocate by a count that lies.
func tooMuchForDriver(ct cql.Type, cell []byte, malformed bool) bool {
	switch ct.Kind {
	case cql.List, cql.Set, cql.Map:
		if len(cell) >= 4 && int64(binary.BigEndian.Uint32(cell)) > int64(len(cell)) {
			return true
		}
	}
	if malformed {
		for _, e := range ct.Elems {
			if len(e.Elems) > 0 {
				return true // it may be in there
			}
		}
	}
	return false
}
