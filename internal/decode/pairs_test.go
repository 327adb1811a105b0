package decode_test

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
	"gopkg.in/inf.v0"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
)

func kind(k cql.Kind) cql.Type { return cql.Type{Kind: k} }

func list(e cql.Type) cql.Type { return cql.Type{Kind: cql.List, Elems: []cql.Type{e}} }
func set(e cql.Type) cql.Type  { return cql.Type{Kind: cql.Set, Elems: []cql.Type{e}} }
func mapping(k, v cql.Type) cql.Type {
	return cql.Type{Kind: cql.Map, Elems: []cql.Type{k, v}}
}
func tuple(es ...cql.Type) cql.Type { return cql.Type{Kind: cql.Tuple, Elems: es} }
func vector(n int, e cql.Type) cql.Type {
	return cql.Type{Kind: cql.Vector, Elems: []cql.Type{e}, Dimensions: n}
}

var address = cql.Type{Kind: cql.UDT, Keyspace: "ks", Name: "address", Fields: []string{"street", "house_no"}, Elems: []cql.Type{text, number}}

var (
	text   = kind(cql.Varchar)
	number = kind(cql.Int)
)

func decoded[T any](ct cql.Type, cell []byte) (T, error) {
	return decode.Cell[T](cql.Column{Name: "c", Type: ct}, cell)
}

// goes checks that values of a Go type go into a CQL type and come back, as do those that may be null.
func goes[T any](t *testing.T, ct cql.Type, values ...T) {
	t.Helper()
	for _, v := range values {
		b := cell(t, ct, v)
		require.Equal(t, b, cell(t, ct, &v))
		require.Equal(t, b, cell(t, ct, sql.Null[T]{V: v, Valid: true}))
		got, err := decoded[T](ct, b)
		require.NoError(t, err, "%v into %T", ct, v)
		require.EqualValues(t, fmt.Sprintf("%#v", v), fmt.Sprintf("%#v", got), "%v into %T", ct, v)
		p, err := decoded[**T](ct, b)
		require.NoError(t, err)
		require.EqualValues(t, fmt.Sprintf("%#v", v), fmt.Sprintf("%#v", **p))
		n, err := decoded[sql.Null[T]](ct, b)
		require.NoError(t, err)
		require.True(t, n.Valid)
		require.EqualValues(t, fmt.Sprintf("%#v", v), fmt.Sprintf("%#v", n.V))
	}
	p, err := decoded[*T](ct, nil)
	require.NoError(t, err)
	require.Nil(t, p)
	require.Nil(t, cell(t, ct, p))
	n, err := decoded[sql.Null[T]](ct, nil)
	require.NoError(t, err)
	require.False(t, n.Valid)
	require.Nil(t, cell(t, ct, n))
}

// strict checks that a Go type has no place for null.
func strict[T any](t *testing.T, ct cql.Type) {
	t.Helper()
	_, err := decoded[T](ct, nil)
	require.ErrorIs(t, err, decode.ErrNull, "%v into %T", ct, *new(T))
}

type (
	word    string
	bits    []byte
	flag    bool
	small   int8
	natural uint64
	ratio   float64
	id      [16]byte
	words   []word
	place   struct {
		Street  string
		HouseNo *int
	}
)

func TestGoTypes(t *testing.T) {
	blob, decimal, varint, uuid, inet := kind(cql.Blob), kind(cql.Decimal), kind(cql.Varint), kind(cql.UUID), kind(cql.Inet)
	for _, ct := range []cql.Type{text, kind(cql.Ascii)} {
		goes(t, ct, "", "x")
		goes(t, ct, word("x"))
		goes(t, ct, []byte{}, []byte("x"))
		goes(t, ct, netip.MustParseAddr("::1"))
		goes(t, ct, time.Unix(1, 0).UTC())
		strict[string](t, ct)
	}
	goes(t, blob, []byte{}, []byte{1})
	goes(t, blob, bits{1})
	goes(t, blob, "x")
	goes(t, blob, [3]byte{1, 2, 3})
	strict[[3]byte](t, blob)
	goes(t, kind(cql.Boolean), true, false)
	goes(t, kind(cql.Boolean), flag(true))
	for k, width := range map[cql.Kind]int{cql.Tinyint: 8, cql.Smallint: 16, cql.Int: 32, cql.Bigint: 64, cql.Counter: 64, cql.Varint: 64} {
		ct, largest := kind(k), int64(1)<<(width-1)-1
		goes(t, ct, 0, int(largest), int(-largest-1))
		goes(t, ct, int8(-1), math.MaxInt8)
		goes(t, ct, small(-1))
		goes(t, ct, uint8(1), 127)
		goes(t, ct, uint32(1))
		goes(t, ct, uint64(largest))
		goes(t, ct, *big.NewInt(largest))
		strict[int](t, ct)
	}
	goes(t, varint, uint64(math.MaxUint64))
	goes(t, varint, natural(math.MaxUint64))
	goes(t, varint, strings.Repeat("9", 60), "-1")
	goes(t, decimal, *inf.NewDec(1, 2))
	goes(t, decimal, "0.01", "-1", "12E400", "1E-101")
	goes(t, kind(cql.Float), float32(1.5), float32(math.Inf(1)))
	goes(t, kind(cql.Float), 1.5, math.NaN())
	goes(t, kind(cql.Double), 0.1, math.NaN(), math.Inf(-1))
	goes(t, kind(cql.Double), ratio(0.1))
	for _, ct := range []cql.Type{uuid, kind(cql.Timeuuid)} {
		goes(t, ct, gocql.UUID{1})
		goes(t, ct, id{1})
		goes(t, ct, make([]byte, 16))
		goes(t, ct, "00000000-0000-0000-0000-000000000001")
		strict[id](t, ct)
	}
	goes(t, inet, netip.MustParseAddr("1.2.3.4"), netip.MustParseAddr("::ffff:1.2.3.4"), netip.IPv6Unspecified())
	goes(t, inet, net.IPv4(1, 2, 3, 4).To4(), net.IPv6loopback)
	goes(t, inet, "1.2.3.4", "::1")
	strict[netip.Addr](t, inet)
	goes(t, kind(cql.Timestamp), time.UnixMilli(-1).UTC(), time.Time{})
	goes(t, kind(cql.Timestamp), int64(-1))
	goes(t, kind(cql.Date), time.Unix(0, 0).UTC(), time.Time{})
	goes(t, kind(cql.Date), "1969-12-31")
	goes(t, kind(cql.Time), time.Second)
	goes(t, kind(cql.Time), int64(1))
	goes(t, kind(cql.Duration), gocql.Duration{Months: 1})
	goes(t, kind(cql.Duration), -time.Second)

	goes(t, list(text), []string{}, []string{"a"})
	goes(t, list(text), words{"a"})
	goes(t, list(text), [2]string{"a", "b"})
	goes(t, list(text), []any{"a"})
	goes(t, list(list(number)), [][]int8{nil, {}, {1}})
	goes(t, set(number), map[int]struct{}{1: {}})
	goes(t, mapping(text, number), map[word]int64{"a": 1})
	goes(t, mapping(text, number), [][2]any{{"a", 1}})
	goes(t, mapping(list(text), number), [][2]any{{[]string{"a"}, 1}})
	goes(t, mapping(kind(cql.Double), text), map[float64]string{math.NaN(): "a"})
	goes(t, vector(2, kind(cql.Float)), []float32{1, 2})
	goes(t, vector(2, text), [2]string{"", strings.Repeat("x", 300)})
	goes(t, tuple(number, text), struct {
		A int
		B string
	}{1, "x"})
	goes(t, tuple(number, text), []any{1, nil}, []any{nil, "x"})
	goes(t, tuple(number, number), [2]int{1, 2})
	goes(t, address, place{Street: "x"})
	goes(t, address, map[string]any{"street": nil, "house_no": 1})
	goes(t, list(address), []place{{Street: "x"}})
	goes(t, kind(cql.Custom), []byte{1})
}

// TestOlderSQLNulls: sql.NullString and its relatives.
func TestOlderSQLNulls(t *testing.T) {
	for _, c := range []struct {
		ct cql.Type
		v  any
	}{
		{text, sql.NullString{String: "x", Valid: true}}, {number, sql.NullInt32{Int32: 1, Valid: true}},
		{kind(cql.Boolean), sql.NullBool{Bool: true, Valid: true}}, {kind(cql.Double), sql.NullFloat64{Float64: 1, Valid: true}},
		{kind(cql.Timestamp), sql.NullTime{Time: time.UnixMilli(1).UTC(), Valid: true}},
	} {
		require.NotNil(t, cell(t, c.ct, c.v))
	}
	s, err := decoded[sql.NullString](text, []byte("x"))
	require.NoError(t, err)
	require.Equal(t, sql.NullString{String: "x", Valid: true}, s)
	n, err := decoded[sql.NullInt64](number, []byte{})
	require.NoError(t, err)
	require.False(t, n.Valid, "an empty int is null")
}

// money is what it scans, as text.
type money struct{ seen any }

func (m *money) Scan(v any) error            { m.seen = v; return nil }
func (m money) Value() (driver.Value, error) { return m.seen, nil }

// loud unmarshals itself as the driver has it, and keeps what it gets.
type loud struct{ cell []byte }

func (l *loud) UnmarshalCQL(info gocql.TypeInfo, cell []byte) error {
	if info.Type() == gocql.TypeBlob {
		return fmt.Errorf("not for blobs")
	}
	l.cell = cell
	return nil
}
func (l *loud) MarshalCQL(gocql.TypeInfo) ([]byte, error) { return l.cell, nil }

// fieldwise is a user-defined type that handles each field itself.
type fieldwise struct{ seen string }

func (f *fieldwise) UnmarshalUDT(name string, _ gocql.TypeInfo, data []byte) error {
	f.seen += fmt.Sprintf("%s=%q ", name, data)
	return nil
}

func (f fieldwise) MarshalUDT(name string, _ gocql.TypeInfo) ([]byte, error) {
	if name == "street" {
		return []byte(f.seen), nil
	}
	return nil, nil
}

func TestTypesWithMethodsOfTheirOwn(t *testing.T) {
	for ct, want := range map[cql.Kind]any{
		cql.Varchar: "x", cql.Int: int64(7), cql.Double: 1.5, cql.Boolean: true, cql.Blob: []byte{1}, cql.Decimal: "0.1",
		cql.Timestamp: time.UnixMilli(1).UTC(), cql.UUID: "00000000-0000-0000-0000-000000000001", cql.Inet: "::1",
	} {
		b := cell(t, kind(ct), money{want})
		got, err := decoded[money](kind(ct), b)
		require.NoError(t, err)
		require.Equal(t, want, got.seen)
		got, err = decoded[money](kind(ct), nil)
		require.NoError(t, err)
		require.Nil(t, got.seen)
		require.Nil(t, cell(t, kind(ct), money{}))
	}
	_, err := decoded[money](list(text), nil)
	require.ErrorContains(t, err, "cannot hold list<text>")

	b := []byte("x")
	l, err := decoded[loud](text, b)
	require.NoError(t, err)
	b[0] = 'y'
	require.Equal(t, "x", string(l.cell), "a copy")
	require.Equal(t, []byte("x"), cell(t, text, l))
	require.Equal(t, []byte("x"), cell(t, text, &l))
	_, err = decoded[[]loud](list(kind(cql.Blob)), []byte{0, 0, 0, 1, 0, 0, 0, 0})
	require.ErrorContains(t, err, "element 0: not for blobs")

	b = cell(t, address, fieldwise{"x"})
	require.Equal(t, []byte{0, 0, 0, 1, 'x', 0xff, 0xff, 0xff, 0xff}, b)
	u, err := decoded[fieldwise](address, b)
	require.NoError(t, err)
	require.Equal(t, `street="x" house_no="" `, u.seen)
	strict[fieldwise](t, address)
}

// row embeds a type with methods, and has columns all the same.
type row struct {
	place
	time.Time `cql:"at"`
	Skipped   chan int `cql:"-"`
}

func TestAnEmbeddedTypesMethodsAreNotTheRows(t *testing.T) {
	var d decode.Decoder[row]
	cs := []cql.Column{{Name: "street", Type: text}, {Name: "at", Type: kind(cql.Timestamp)}, {Name: "house_no", Type: number}}
	require.NoError(t, d.Page(cs, 1))
	got, err := d.Row([][]byte{[]byte("x"), make([]byte, 8), nil})
	require.NoError(t, err)
	require.Equal(t, row{place: place{Street: "x"}, Time: time.UnixMilli(0).UTC()}, got)
}
