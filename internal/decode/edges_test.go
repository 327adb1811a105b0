package decode_test

import (
	"database/sql"
	"math"
	"net"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
	"github.com/rxcql/rxcql/internal/typetest"
)

// TestDatesAsTextAndBack: as ISO 8601 has years beyond four digits, with a sign; the integration tests ask the server.
func TestDatesAsTextAndBack(t *testing.T) {
	date := kind(cql.Date)
	for _, s := range []string{
		"-5877641-06-23", "+5881580-07-11", "1970-01-01", "0000-02-29", "-0001-12-31", "9999-12-31", "+10000-01-01", "-9999-01-01", "0001-01-01",
	} {
		b := cell(t, date, s)
		got, err := decoded[string](date, b)
		require.NoError(t, err)
		require.Equal(t, s, got)
		at, err := decoded[time.Time](date, b)
		require.NoError(t, err)
		require.Equal(t, b, cell(t, date, at), s)
	}
	require.Equal(t, cell(t, date, "+5881580-07-11"), cell(t, date, "5881580-07-11"), "as the driver writes it")
	require.Equal(t, []byte{0, 0, 0, 0}, cell(t, date, "-5877641-06-23"))
	require.Equal(t, []byte{0xff, 0xff, 0xff, 0xff}, cell(t, date, "+5881580-07-11"))
	for _, s := range []string{
		"-5877641-06-22", "+5881580-07-12", "+9999999-01-01", "99999999999999999-01-01", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01", "2024-01-32",
		"2024-1-1", "24-01-01", "", "+-2024-01-01", "--2024-01-01", "2024-01-01 ", " 2024-01-01", "2024-01-01T00:00:00Z",
	} {
		_, err := date.Marshal(s)
		require.Error(t, err, "%q", s)
	}
}

// TestTheFirstDayOfAll: time.Time{} is an instant as any other, in what is written. The driver writes an empty value for
// it, which is read as it, too, but is null where that has a place.
func TestTheFirstDayOfAll(t *testing.T) {
	for ct, want := range map[cql.Kind][]byte{
		cql.Timestamp: {0xff, 0xff, 0xc7, 0x7c, 0xed, 0xd3, 0x28, 0x00}, cql.Date: {0x7f, 0xf5, 0x06, 0xc6},
	} {
		require.Equal(t, want, cell(t, kind(ct), time.Time{}))
		require.Equal(t, want, cell(t, kind(ct), time.Time{}.Local()))
		got, err := decoded[time.Time](kind(ct), want)
		require.NoError(t, err)
		require.Equal(t, time.Time{}, got)
		theirs, err := gocql.Marshal(kind(ct).TypeInfo(), time.Time{})
		require.NoError(t, err)
		require.Equal(t, []byte{}, theirs)
		got, err = decoded[time.Time](kind(ct), theirs)
		require.NoError(t, err)
		require.Equal(t, time.Time{}, got)
	}
}

// TestEmptyValues: where a type has no empty value, one is null to what has a place for null, and an error to what has
// none; but for time.Time, see above.
func TestEmptyValues(t *testing.T) {
	for _, k := range []cql.Kind{
		cql.Boolean, cql.Tinyint, cql.Smallint, cql.Int, cql.Bigint, cql.Counter, cql.Varint, cql.Decimal, cql.Float, cql.Double,
		cql.UUID, cql.Timeuuid, cql.Inet, cql.Timestamp, cql.Date, cql.Time, cql.Duration,
	} {
		emptyIsNull[any](t, kind(k))
		if k != cql.Duration {
			emptyIsNull[money](t, kind(k))
		}
	}
	emptyIsNull[*int](t, number)
	emptyIsNull[**int](t, number)
	emptyIsNull[sql.Null[int]](t, number)
	emptyIsNull[sql.NullInt32](t, number)
	emptyIsNull[[]byte](t, kind(cql.UUID))
	emptyIsNull[*[]byte](t, kind(cql.UUID))
	emptyIsNull[sql.Null[[]byte]](t, kind(cql.UUID))
	emptyIsNull[net.IP](t, kind(cql.Inet))
	emptyIsNull[*net.IP](t, kind(cql.Inet))
	emptyIsNull[sql.Null[net.IP]](t, kind(cql.Inet))
	emptyIsNull[*time.Time](t, kind(cql.Timestamp))
	emptyIsNull[sql.NullTime](t, kind(cql.Timestamp))
	emptyIsNull[*time.Time](t, kind(cql.Date))
	for _, elem := range []cql.Type{number, text} {
		v := vector(2, elem)
		emptyIsNull[any](t, v)
		emptyIsNull[[]any](t, v)
		emptyIsNull[*[]any](t, v)
		emptyIsNull[sql.Null[[]any]](t, v)
		emptyIsNull[*[2]any](t, v)
		strictEmpty[[2]any](t, v)
	}
	strictEmpty[int](t, number)
	strictEmpty[bool](t, kind(cql.Boolean))
	strictEmpty[float64](t, kind(cql.Double))
	strictEmpty[string](t, kind(cql.UUID))
	strictEmpty[gocql.UUID](t, kind(cql.UUID))
	strictEmpty[string](t, kind(cql.Date))
	strictEmpty[int64](t, kind(cql.Timestamp))
	strictEmpty[tag](t, kind(cql.Inet))

	b, err := decoded[*[]byte](kind(cql.Blob), []byte{})
	require.NoError(t, err)
	require.Equal(t, []byte{}, *b, "a blob has an empty value")
	s, err := decoded[sql.Null[string]](text, []byte{})
	require.NoError(t, err)
	require.True(t, s.Valid)
	l, err := decoded[*loud](number, []byte{})
	require.NoError(t, err)
	require.Equal(t, []byte{}, l.cell, "a type that decodes itself sees what there is")
}

func emptyIsNull[T any](t *testing.T, ct cql.Type) {
	t.Helper()
	null, err := decoded[T](ct, nil)
	require.NoError(t, err)
	empty, err := decoded[T](ct, []byte{})
	require.NoError(t, err, "%v into %T", ct, empty)
	require.Equal(t, null, empty, "%v into %T", ct, empty)
}

func strictEmpty[T any](t *testing.T, ct cql.Type) {
	t.Helper()
	_, err := decoded[T](ct, []byte{})
	require.ErrorIs(t, err, decode.ErrNull, "%v into %T", ct, *new(T))
	strict[T](t, ct)
}

// TestNullsInsideOfCollections: an any has places for them, if need be others than are natural for the type.
func TestNullsInsideOfCollections(t *testing.T) {
	for _, c := range []struct {
		ct      cql.Type
		written any
		want    any
	}{
		{list(number), []any{1, nil}, []any{1, nil}},
		{list(number), []int{1}, []int{1}},
		{set(kind(cql.UUID)), []any{nil, someID}, []any{nil, someID}},
		{list(list(number)), []any{[]int{1}, nil, []any{nil}}, []any{[]int{1}, nil, []any{nil}}},
		{list(list(number)), []any{[]int{1}, nil}, [][]int{{1}, nil}},
		{list(kind(cql.Blob)), []any{nil}, [][]byte{nil}},
		{mapping(text, number), map[string]any{"a": nil}, [][2]any{{"a", nil}}},
		{mapping(text, number), [][2]any{{nil, 1}}, [][2]any{{nil, 1}}},
		{mapping(number, list(number)), map[int]any{1: []any{nil}}, [][2]any{{1, []any{nil}}}},
		{tuple(list(number)), []any{[]any{nil}}, []any{[]any{nil}}},
		{address, map[string]any{"street": nil}, map[string]any{"street": nil, "house_no": nil}},
	} {
		b := cell(t, c.ct, c.written)
		got, err := value(c.ct, b)
		require.NoError(t, err, c.ct)
		require.True(t, typetest.Equal(c.want, got), "%v: %#v", c.ct, got)
		require.Equal(t, b, cell(t, c.ct, got), c.ct)
	}
	got, err := value(list(number), []byte{0, 0, 0, 1, 0, 0, 0, 0})
	require.NoError(t, err)
	require.Equal(t, []any{nil}, got, "an empty value is no more than null there, too")
	got, err = value(vector(2, kind(cql.Smallint)), []byte{0, 2, 0, 7})
	require.NoError(t, err)
	require.Equal(t, []any{nil, int16(7)}, got)
	_, err = decoded[[]int](list(number), cell(t, list(number), []any{1, nil}))
	require.ErrorIs(t, err, decode.ErrNull)
	require.ErrorContains(t, err, `column "c" (list<int>) into []int: element 1: null`)
}

// TestFloatsAreRounded: as any conversion in Go does, also to zero; but what is beyond the largest is no infinity.
func TestFloatsAreRounded(t *testing.T) {
	float := kind(cql.Float)
	for from, to := range map[float64]float32{
		0.1: 0.1, 1e-300: 0, -1e-300: float32(math.Copysign(0, -1)), 1 << 24: 1 << 24, 1<<24 + 1: 1 << 24, math.MaxFloat32: math.MaxFloat32,
		math.MaxFloat32 * (1 + 1e-9): math.MaxFloat32, math.Inf(-1): float32(math.Inf(-1)), math.SmallestNonzeroFloat32: math.SmallestNonzeroFloat32,
	} {
		got, err := decoded[float32](float, cell(t, float, from))
		require.NoError(t, err)
		require.Equal(t, math.Float32bits(to), math.Float32bits(got), from)
	}
	for _, v := range []float64{math.MaxFloat64, -math.MaxFloat64, math.MaxFloat32 * (1 + 1e-7)} {
		_, err := float.Marshal(v)
		require.ErrorContains(t, err, "out of range", v)
		_, err = list(float).Marshal([]float64{v})
		require.ErrorContains(t, err, "element 0: the value is out of range", v)
		_, err = float.Marshal(sql.NullFloat64{Float64: v, Valid: true})
		require.ErrorContains(t, err, "out of range", v)
	}
}
