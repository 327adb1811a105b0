package decode_test

import (
	"errors"
	"math"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
	"gopkg.in/inf.v0"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
)

// driverType is a CQL type with what the tests need of the driver.
type driverType struct{ cql.Type }

func (t driverType) marshal(tb testing.TB, v any) []byte {
	data, err := gocql.Marshal(t.TypeInfo(), v)
	require.NoError(tb, err)
	return data
}

func native(t gocql.Type) driverType {
	return driverType{cql.Type{Kind: cql.Kind(t)}}
}

func listOf(elem driverType) driverType {
	return driverType{cql.Type{Kind: cql.List, Elems: []cql.Type{elem.Type}}}
}

func mapOf(key, elem driverType) driverType {
	return driverType{cql.Type{Kind: cql.Map, Elems: []cql.Type{key.Type, elem.Type}}}
}

func columns(pairs ...any) []cql.Column {
	var cs []cql.Column
	for i := 0; i < len(pairs); i += 2 {
		cs = append(cs, cql.Column{Name: pairs[i].(string), Type: pairs[i+1].(driverType).Type})
	}
	return cs
}

// one decodes a single cell as a T.
func one[T any](ct driverType, cell []byte) (T, error) {
	var d decode.Decoder[T]
	if err := d.Page(columns("c", ct), 1); err != nil {
		return *new(T), err
	}
	return d.Row([][]byte{cell})
}

type named string
type level int16

// roundTrip writes v as gocql does and reads it as T.
func roundTrip[T any](t *testing.T, ct driverType, v T) {
	t.Helper()
	got, err := one[T](ct, ct.marshal(t, v))
	require.NoError(t, err, "%s into %T", ct, v)
	require.EqualValues(t, v, got, "%s into %T", ct, v)
	p, err := one[*T](ct, ct.marshal(t, v))
	require.NoError(t, err, "%s into *%T", ct, v)
	require.EqualValues(t, v, *p)
	null, err := one[*T](ct, nil)
	require.NoError(t, err)
	require.Nil(t, null)
}

func TestValuesOfEachTypeThatTheDriverScans(t *testing.T) {
	for _, ct := range []driverType{native(gocql.TypeVarchar), native(gocql.TypeAscii), native(gocql.TypeText)} {
		for _, s := range []string{"", "a", "größer", "\x00"} {
			roundTrip(t, ct, s)
			roundTrip(t, ct, named(s))
			roundTrip(t, ct, []byte(s))
		}
	}
	roundTrip(t, native(gocql.TypeBlob), []byte{0, 255})
	roundTrip(t, native(gocql.TypeBoolean), true)
	roundTrip(t, native(gocql.TypeBoolean), false)
	for _, v := range []int64{0, 1, -1, math.MinInt8, math.MaxInt8} {
		roundTrip(t, native(gocql.TypeTinyInt), int8(v))
		roundTrip(t, native(gocql.TypeTinyInt), int(v))
	}
	for _, v := range []int64{0, -1, math.MinInt16, math.MaxInt16} {
		roundTrip(t, native(gocql.TypeSmallInt), int16(v))
		roundTrip(t, native(gocql.TypeSmallInt), level(v))
	}
	for _, v := range []int64{0, -1, math.MinInt32, math.MaxInt32} {
		roundTrip(t, native(gocql.TypeInt), int32(v))
		roundTrip(t, native(gocql.TypeInt), int(v))
		roundTrip(t, native(gocql.TypeInt), v)
	}
	for _, v := range []int64{0, -1, math.MinInt64, math.MaxInt64} {
		roundTrip(t, native(gocql.TypeBigInt), v)
		roundTrip(t, native(gocql.TypeCounter), int(v))
		roundTrip(t, native(gocql.TypeTime), time.Duration(v))
	}
	for _, v := range []float64{0, -1.5, math.Inf(1), math.SmallestNonzeroFloat64, math.MaxFloat64} {
		roundTrip(t, native(gocql.TypeDouble), v)
	}
	roundTrip(t, native(gocql.TypeFloat), float32(1.5))
	wide, err := one[float64](native(gocql.TypeFloat), native(gocql.TypeFloat).marshal(t, float32(1.5)))
	require.NoError(t, err)
	require.Equal(t, 1.5, wide)
	roundTrip(t, native(gocql.TypeUUID), gocql.TimeUUID())
	roundTrip(t, native(gocql.TypeTimeUUID), gocql.TimeUUID())
	id, err := one[[16]byte](native(gocql.TypeUUID), make([]byte, 16))
	require.NoError(t, err)
	require.Zero(t, id)
	for _, at := range []time.Time{time.UnixMilli(0).UTC(), time.Date(1969, 7, 20, 20, 17, 0, 1e6, time.UTC), time.UnixMilli(math.MaxInt64).UTC()} {
		roundTrip(t, native(gocql.TypeTimestamp), at)
	}
	roundTrip(t, native(gocql.TypeDate), time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC))
	roundTrip(t, native(gocql.TypeDuration), gocql.Duration{Months: 1, Days: -2, Nanoseconds: 3})
	roundTrip(t, native(gocql.TypeVarint), *big.NewInt(-129))
	roundTrip(t, native(gocql.TypeDecimal), *inf.NewDec(-12345, 3))
	roundTrip(t, native(gocql.TypeInet), net.ParseIP("192.168.0.1").To4())
	roundTrip(t, listOf(native(gocql.TypeInt)), []int{1, 2})
	roundTrip(t, mapOf(native(gocql.TypeVarchar), listOf(native(gocql.TypeInt))), map[string][]int{"a": {1}, "b": nil})
}

func TestNullsNeedAPlace(t *testing.T) {
	for _, ct := range []driverType{native(gocql.TypeInt), native(gocql.TypeVarchar), native(gocql.TypeTimestamp), native(gocql.TypeVarint)} {
		v, err := one[any](ct, nil)
		require.NoError(t, err)
		require.Nil(t, v)
	}
	var notNull *decode.Error
	_, err := one[int](native(gocql.TypeInt), nil)
	require.ErrorIs(t, err, decode.ErrNull)
	require.ErrorAs(t, err, &notNull)
	require.Equal(t, "c", notNull.Column)
	_, err = one[string](native(gocql.TypeVarchar), nil)
	require.ErrorIs(t, err, decode.ErrNull)
	_, err = one[time.Time](native(gocql.TypeTimestamp), nil)
	require.ErrorIs(t, err, decode.ErrNull)
	_, err = one[time.Time](native(gocql.TypeDate), nil)
	require.ErrorIs(t, err, decode.ErrNull)
	_, err = one[int](native(gocql.TypeInt), []byte{})
	require.ErrorIs(t, err, decode.ErrNull, "an empty int is as null")
	list, err := one[[]int](listOf(native(gocql.TypeInt)), nil)
	require.NoError(t, err)
	require.Nil(t, list)
	blob, err := one[[]byte](native(gocql.TypeBlob), []byte{})
	require.NoError(t, err)
	require.NotNil(t, blob, "empty is not null")
}

func TestWrongWidthsAndRangesAreErrors(t *testing.T) {
	_, err := one[int](native(gocql.TypeInt), []byte("text"+"!"))
	require.ErrorContains(t, err, "5 bytes instead of 4")
	_, err = one[int8](native(gocql.TypeInt), native(gocql.TypeInt).marshal(t, 128))
	require.ErrorContains(t, err, "out of range")
	_, err = one[uint](native(gocql.TypeInt), native(gocql.TypeInt).marshal(t, -1))
	require.ErrorContains(t, err, "out of range")
	u, err := one[uint8](native(gocql.TypeBigInt), native(gocql.TypeBigInt).marshal(t, 255))
	require.NoError(t, err)
	require.EqualValues(t, 255, u)
	_, err = one[float64](native(gocql.TypeDouble), []byte{1})
	require.ErrorContains(t, err, "1 bytes instead of 8")
	_, err = one[time.Time](native(gocql.TypeTimestamp), []byte{1})
	require.ErrorContains(t, err, "1 bytes instead of 8")
	_, err = one[[16]byte](native(gocql.TypeUUID), []byte{1})
	require.ErrorContains(t, err, "1 bytes instead of 16")
	_, err = one[bool](native(gocql.TypeBoolean), []byte{1, 1})
	require.ErrorContains(t, err, "2 bytes instead of 1")
}

type reading struct {
	Sensor int
	At     time.Time
	Note   *string
}

var readingColumns = columns("at", native(gocql.TypeTimestamp), "note", native(gocql.TypeVarchar), "sensor", native(gocql.TypeInt))

func cells(t *testing.T, cs []cql.Column, values ...any) [][]byte {
	row := make([][]byte, len(cs))
	for i, v := range values {
		row[i] = driverType{cs[i].Type}.marshal(t, v)
	}
	return row
}

func TestRowsOfStructs(t *testing.T) {
	at := time.UnixMilli(1).UTC()
	row := cells(t, readingColumns, at, "x", 7)
	note := "x"
	var d decode.Decoder[reading]
	require.NoError(t, d.Page(readingColumns, 2))
	got, err := d.Row(row)
	require.NoError(t, err)
	require.Equal(t, reading{7, at, &note}, got)
	row[1] = nil
	got, err = d.Row(row)
	require.NoError(t, err)
	require.Equal(t, reading{7, at, nil}, got)
}

func TestRowsOfPointersAreNeverReused(t *testing.T) {
	var d decode.Decoder[*reading]
	var rows []*reading
	for page := range 3 {
		require.NoError(t, d.Page(readingColumns, 2))
		for i := range 2 {
			r, err := d.Row(cells(t, readingColumns, time.UnixMilli(0), "x", page*2+i))
			require.NoError(t, err)
			rows = append(rows, r)
		}
	}
	for i, r := range rows {
		require.Equal(t, i, r.Sensor)
	}
}

func TestRowsWithoutAStruct(t *testing.T) {
	row := cells(t, readingColumns, time.UnixMilli(1), nil, 7)
	var m decode.Decoder[map[string]any]
	require.NoError(t, m.Page(readingColumns, 1))
	got, err := m.Row(row)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"at": time.UnixMilli(1).UTC(), "note": nil, "sensor": 7}, got)
	var s decode.Decoder[[]any]
	require.NoError(t, s.Page(readingColumns, 1))
	values, err := s.Row(row)
	require.NoError(t, err)
	require.Equal(t, []any{time.UnixMilli(1).UTC(), nil, 7}, values)
}

func TestSlicesOfRowsAreNotShared(t *testing.T) {
	type row struct{ C []int }
	list := listOf(native(gocql.TypeInt))
	var d decode.Decoder[row]
	require.NoError(t, d.Page(columns("c", list), 2))
	a, err := d.Row([][]byte{list.marshal(t, []int{1, 2, 3})})
	require.NoError(t, err)
	_, err = d.Row([][]byte{list.marshal(t, []int{9, 9})})
	require.NoError(t, err)
	require.Equal(t, []int{1, 2, 3}, a.C)
}

func TestAChangeOfColumnsIsNoticed(t *testing.T) {
	var d decode.Decoder[map[string]any]
	require.NoError(t, d.Page(columns("c", native(gocql.TypeInt)), 1))
	v, err := d.Row([][]byte{{0, 0, 0, 1}})
	require.NoError(t, err)
	require.Equal(t, 1, v["c"])
	require.NoError(t, d.Page(columns("c", native(gocql.TypeVarchar)), 1))
	v, err = d.Row([][]byte{[]byte("one")})
	require.NoError(t, err)
	require.Equal(t, "one", v["c"])
	require.NoError(t, d.Page(columns("c", listOf(native(gocql.TypeInt))), 1))
	require.NoError(t, d.Page(columns("c", listOf(native(gocql.TypeVarchar))), 1))
	v, err = d.Row([][]byte{listOf(native(gocql.TypeVarchar)).marshal(t, []string{"a"})})
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, v["c"])
}

func TestColumnsAndFieldsMustMatch(t *testing.T) {
	type narrow struct{ Sensor int }
	err := new(decode.Decoder[narrow]).Page(readingColumns, 1)
	require.ErrorContains(t, err, `column "at" (timestamp) into decode_test.narrow: the struct has no field`)

	type wide struct {
		Sensor int
		At     time.Time
		Note   *string
		Unit   string
	}
	err = new(decode.Decoder[wide]).Page(readingColumns, 1)
	require.ErrorContains(t, err, `column "unit" into string (field Unit): the result has no such column`)

	err = new(decode.Decoder[int]).Page(readingColumns, 1)
	require.ErrorContains(t, err, "int holds one column, and the result has 3 (at, note, sensor)")

	var d decode.Decoder[reading]
	require.NoError(t, d.Page(readingColumns, 3))
	_, err = d.Row(cells(t, readingColumns, time.UnixMilli(0), "x", 1))
	require.NoError(t, err)
	_, err = d.Row([][]byte{nil, nil, nil})
	require.EqualError(t, err, `column "at" (timestamp) into time.Time (field At), row 1 of the page: null; make it a pointer to tell null from a value`)
	var e *decode.Error
	require.True(t, errors.As(err, &e))
	require.Equal(t, 1, e.Row)
}

func TestColumnsThatComeTwiceOrHaveNoExportedField(t *testing.T) {
	type row struct{ N int }
	n := native(gocql.TypeInt)
	err := new(decode.Decoder[row]).Page(columns("n", n, "n", n), 1)
	require.ErrorContains(t, err, "the result has this column twice")
	err = new(decode.Decoder[map[string]any]).Page(columns("n", n, "n", n), 1)
	require.ErrorContains(t, err, "the result has this column twice")
	require.NoError(t, new(decode.Decoder[[]any]).Page(columns("n", n, "n", n), 1))
	type hidden struct {
		N     int
		other int
	}
	_ = hidden{}.other
	err = new(decode.Decoder[hidden]).Page(columns("n", n, "other", n), 1)
	require.ErrorContains(t, err, "the struct's field other is not exported")
}

func TestALargePageIsAllocatedInBlocks(t *testing.T) {
	type row struct{ N int }
	var d decode.Decoder[*row]
	cs := columns("n", native(gocql.TypeInt))
	require.NoError(t, d.Page(cs, math.MaxInt32))
	var rows []*row
	for i := range 12_000 {
		r, err := d.Row(cells(t, cs, i))
		require.NoError(t, err)
		rows = append(rows, r)
	}
	for i, r := range rows {
		require.Equal(t, i, r.N)
	}
}
