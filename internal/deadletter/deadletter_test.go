package deadletter

import (
	"database/sql"
	"math"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
	"gopkg.in/inf.v0"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
)

type base struct{ Made time.Time }

type level uint8

// everything is a row with a field of each kind that has a form of its own.
type everything struct {
	base
	*inner
	Bool    bool
	Int     int
	Small   int8
	Level   level
	Big     uint64
	F32     float32
	F64     float64
	Text    string `json:"-"`
	Blob    []byte `json:"blob,omitempty"`
	Hash    [4]byte
	UUID    gocql.UUID
	List    []int32
	Set     map[string]struct{}
	Map     map[[2]int8]*float64
	Deep    **string
	Ref     *int
	Refs    *[]int
	Any     any
	Anys    map[string]any
	Took    time.Duration
	Lasts   gocql.Duration
	Varint  *big.Int
	Decimal inf.Dec
	Addr    netip.Addr
	IP      net.IP
	URL     netip.Prefix
	Null    sql.Null[int]
	Name    sql.NullString
	Inner   inner
	cache   int
}

type inner struct{ A, B string }

// again gives what is read of what was written of v.
func again[T any](t testing.TB, v T) T {
	t.Helper()
	line, err := Append(nil, Letter{Class: cql.Invalid}, v)
	require.NoError(t, err)
	got, item, err := new(Reader[T]).Parse(line)
	require.NoError(t, err, "%s", line)
	require.Equal(t, Letter{Class: cql.Invalid}, got)
	text, err := Encode(nil, v)
	require.NoError(t, err)
	same, err := Encode(nil, item)
	require.NoError(t, err)
	require.Equal(t, string(text), string(same))
	return item
}

func same[T any](t testing.TB, v T) { t.Helper(); require.Equal(t, v, again(t, v)) }

func ptr[T any](v T) *T { return &v }

func TestValuesAreReadAsTheyWereWritten(t *testing.T) {
	same(t, 5)
	same(t, int64(math.MinInt64))
	same(t, uint64(math.MaxUint64))
	same(t, "")
	same(t, "a \"quoted\" line\nand <html> \u2028 \x00")
	same(t, "no UTF-8: \xff\xfe")
	same(t, []byte{})
	same(t, []byte(nil))
	same(t, []int{})
	same(t, []int(nil))
	same(t, map[string]int{})
	same(t, map[string]int(nil))
	same(t, map[string]int{"a": 1, "\xff": 2})
	same(t, math.Inf(1))
	same(t, float32(math.Inf(-1)))
	same(t, math.SmallestNonzeroFloat64)
	same(t, float32(math.MaxFloat32))
	require.True(t, math.Signbit(again(t, math.Copysign(0, -1))))
	for _, bits := range []uint32{0x7fc00000, 0x7fa00001, 0xffffffff} {
		require.Equal(t, bits, math.Float32bits(again(t, math.Float32frombits(bits))))
	}
	require.Equal(t, uint64(0x7ff0000000000001), math.Float64bits(again(t, math.Float64frombits(0x7ff0000000000001))))
	same(t, (*int)(nil))
	same(t, ptr(0))
	same(t, ptr((*int)(nil)))
	same(t, ptr([]string(nil)))
	same(t, ptr(ptr([]string{""})))
	same(t, ptr(any(nil)))
	same(t, [3]string{"", "b"})
	same(t, [][2]any{{[]int{1}, nil}})
	same(t, sql.Null[int]{})
	same(t, sql.Null[int]{V: 0, Valid: true})
	same(t, inf.NewDec(math.MaxInt64, math.MaxInt32))
	same(t, inf.NewDec(-1, math.MinInt32))
	same(t, *inf.NewDec(125, 2))
	same(t, *new(big.Int).Lsh(big.NewInt(-3), 1000))
	same(t, net.IP{1, 2, 3, 4})
	same(t, net.IP{1, 2, 3})
	same(t, netip.MustParseAddr("fe80::1%eth0"))
	same(t, netip.Addr{})
	same(t, gocql.UUID{1, 2})
	same(t, gocql.Duration{Months: -1, Days: -2, Nanoseconds: math.MinInt64})
	same(t, url.URL{Scheme: "https", Host: "example.org"})
	same(t, struct{}{})
	same(t, base{})
}

func TestTimesKeepTheirInstant(t *testing.T) {
	for _, v := range []time.Time{
		{}, time.Unix(0, 0), time.Unix(1, 999_999_999), time.UnixMilli(math.MaxInt64), time.UnixMilli(math.MinInt64),
		time.Date(9999, 12, 31, 23, 59, 59, 1, time.UTC), time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 5*3600+1800)), time.Date(1800, 1, 1, 0, 0, 0, 0, time.FixedZone("odd", 1234)),
	} {
		require.True(t, v.Equal(again(t, v)), "%v", v)
	}
	there := time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 5*3600+1800))
	require.Equal(t, there.Day(), again(t, there).Day(), "and the offset of the zone")
}

func TestWhatIsInAnAnyKeepsItsType(t *testing.T) {
	for _, v := range []any{
		nil, 1, int8(1), int64(1), float32(1), "x", []byte{1}, true, []any{nil, 1, []any{}}, map[string]any{"a": map[string]any{}},
		[]string{"x"}, map[int]bool{1: true}, map[[2]int8]string{{1, 2}: "x"}, ptr(5), (*int)(nil), []int(nil),
		time.Second, gocql.UUID{5}, gocql.Duration{Days: 1}, big.NewInt(5), inf.NewDec(5, 1), netip.MustParseAddr("::1"), net.IP{1, 2, 3, 4},
		[][2]any{{1, "x"}}, [2]any{1, nil}, cql.Unset, map[any]any{"x": 1, 5: nil},
	} {
		same(t, v)
		same(t, []any{v, v})
		same(t, map[string]any{"k": v})
	}
}

func TestARowWithEverything(t *testing.T) {
	full := everything{
		base: base{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}, Bool: true, Int: -1, Small: math.MinInt8, Level: 7, Big: math.MaxUint64,
		F32: 0.1, F64: 1e300, Text: "kept, whatever its tag says", Blob: []byte{}, Hash: [4]byte{1, 2, 3, 4}, UUID: gocql.UUID{9},
		List: []int32{1, 2}, Set: map[string]struct{}{"x": {}}, Map: map[[2]int8]*float64{{1, 2}: ptr(1.5), {}: nil},
		Deep: ptr(ptr("x")), Ref: ptr(0), Refs: ptr([]int(nil)), Any: int16(5), Anys: map[string]any{"a": []int{1}}, Took: time.Second,
		Lasts: gocql.Duration{Months: 1}, Varint: big.NewInt(-5), Decimal: *inf.NewDec(5, -3), Addr: netip.MustParseAddr("10.0.0.1"),
		IP: net.IPv4(1, 2, 3, 4), URL: netip.MustParsePrefix("10.0.0.0/8"), Null: sql.Null[int]{V: 1, Valid: true},
		Inner: inner{"a", "b"},
	}
	same(t, full)
	same(t, everything{Decimal: *inf.NewDec(0, 0)})
	same(t, &full)
	same(t, (*everything)(nil))
	full.cache = 5
	require.Zero(t, again(t, full).cache, "what is hidden beside fields that are not is no column")
}

// Rows of any values.
func TestAnyRowIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.MakeCustom[struct {
			A []string
			B map[string]*[]int8
			C *struct {
				D **float64
				E [2]uint16
			}
			F map[int32]bool
			G []byte
			H string
		}](rapid.MakeConfig{Types: map[reflect.Type]*rapid.Generator[any]{
			reflect.TypeFor[string](): rapid.Custom(func(t *rapid.T) any { return string(rapid.SliceOf(rapid.Byte()).Draw(t, "text")) }),
		}}).Draw(t, "row")
		text, err := Encode(nil, v)
		require.NoError(t, err)
		line, err := Append(nil, Letter{}, v)
		require.NoError(t, err)
		_, got, err := new(Reader[any]).Parse(line)
		require.Error(t, err, "an any has a type: %v", got)
		_, read, err := reader(v).Parse(line)
		require.NoError(t, err)
		require.Equal(t, v, read)
		again, err := Encode(nil, read)
		require.NoError(t, err)
		require.Equal(t, string(text), string(again))
	})
}

func reader[T any](T) *Reader[T] { return new(Reader[T]) }

func TestWhatCannotBeKept(t *testing.T) {
	type own struct{ A int }
	for _, v := range []any{own{1}, []own{{1}}, make(chan int), [1000]int{}, [2][2]int{}, 1i} {
		_, err := Encode(nil, v)
		require.ErrorContains(t, err, "cannot be kept in a file", "%T", v)
	}
	_, err := Encode(nil, struct{ C chan int }{make(chan int)})
	require.ErrorContains(t, err, "C: a chan int cannot be kept")
	type secret struct{ hidden int }
	_, err = Encode(nil, secret{1})
	require.ErrorContains(t, err, "its fields are hidden")
	_, err = Encode(nil, everything{inner: &inner{}})
	require.ErrorContains(t, err, "embed it without the pointer")
	type ring struct{ Next *ring }
	round := &ring{}
	round.Next = round
	_, err = Encode(nil, round)
	require.ErrorIs(t, err, errDeep)
}

func TestALineForPeople(t *testing.T) {
	line, err := Append(nil, Letter{
		At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Table: "shop.items", Row: 17, Class: cql.WriteTimeout, Attempts: 5, Reason: "no answer",
	}, map[string]any{"k": 1})
	require.NoError(t, err)
	require.Equal(t, `{"at":"2026-01-02T03:04:05Z","table":"shop.items","row":17,"class":"write timeout","malformed":false,"attempts":5,"maybe_written":false,`+
		`"reason":"no answer","item":[["k",{"int":1}]]}`+"\n", string(line))
}

func TestLinesThatAreNone(t *testing.T) {
	whole, err := Append(nil, Letter{Class: cql.Invalid}, inner{"a", "b"})
	require.NoError(t, err)
	for n := 1; n < len(whole)-1; n++ {
		_, _, err := new(Reader[inner]).Parse(whole[:n])
		require.ErrorIs(t, err, ErrCutOff, "%s", whole[:n])
	}
	for _, line := range []string{
		"nonsense", `{}`, `[]`, `{"class":"invalid request"}`, `{"class":"x","item":{"A":"","B":""}}`, `{"class":"invalid request","item":{"A":"","B":""}} x`,
		`{"class":"invalid request","item":{"A":"","B":""}}}`, `{"class":"invalid request","other":1,"item":{"A":"","B":""}}`,
	} {
		_, _, err := new(Reader[inner]).Parse([]byte(line))
		require.Error(t, err, line)
		require.NotErrorIs(t, err, ErrCutOff)
	}
	_, _, err = new(Reader[struct{ A string }]).Parse(whole)
	require.ErrorContains(t, err, "has no field B")
	_, _, err = new(Reader[struct{ A, B, C string }]).Parse(whole)
	require.ErrorContains(t, err, "has a field C, which is not in the file")
	for _, item := range []string{
		`1`, `"x"`, `{"int":1,"string":"x"}`, `{"own":1}`, `{"any":1}`, `{"[]":[]}`, `{"map[[]int]int":[]}`, `{"[2][2]int":[[1,2],[1,2]]}`,
		`{"[1000000000]int":[]}`, `{"int8":128}`, `{"int":1.5}`, `{"time.Time":"yesterday"}`, `{"inf.Dec":"1"}`, `{"inf.Dec":"1E3000000000"}`,
		`{"map[any]int":[[{"[]int":[]},1]]}`, `{"float64":"NaN:zz"}`, `{"float32":"nan"}`, `{"[2]int":[1]}`, `{"bool":1}`, `{"uint8":-1}`,
		`{"gocql.UUID":"x"}`, `{"[]uint8":"!"}`, `{"time.Time":"@1.x"}`, `{"*[]int":[]}`,
	} {
		_, _, err := new(Reader[any]).Parse([]byte(`{"class":"invalid request","item":` + item + `}`))
		require.Error(t, err, item)
	}
}

// Whatever is in a file, it is read without harm, and what is read is what is written of it.
func FuzzParse(f *testing.F) {
	for _, v := range []everything{{}, {Any: map[string]any{"a": []any{nil, 1.5}}, F32: float32(math.NaN()), Refs: ptr([]int{1})}} {
		line, err := Append(nil, Letter{Class: cql.Invalid}, v)
		require.NoError(f, err)
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		_, v, err := new(Reader[everything]).Parse(line)
		if err != nil {
			return
		}
		text, err := Encode(nil, v)
		require.NoError(t, err)
		_, same, err := new(Reader[everything]).Parse([]byte(`{"class":"invalid request","item":` + string(text) + `}`))
		require.NoError(t, err, "%s", text)
		again, err := Encode(nil, same)
		require.NoError(t, err)
		require.Equal(t, string(text), string(again))
	})
}
