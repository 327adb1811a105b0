package decode_test

import (
	"database/sql"
	"math"
	"math/big"
	"net"
	"net/netip"
	"reflect"
	"time"

	"github.com/gocql/gocql"
	"gopkg.in/inf.v0"

	"github.com/rxcql/rxcql/cql"
)

// pair is a CQL type with a Go type that its values decode into.
type pair struct {
	cql    cql.Type
	goType reflect.Type
	seeds  []any
	decode func(cell []byte) (any, error)
	again  func(before, cell []byte) (any, error) // decodes a cell where one was decoded before
	driver bool                                   // gocql decodes the pair too
	opaque bool                                   // the Go type decodes itself as the driver has it, so only the driver tells what to expect
	read   bool                                   // is not written
}

func into[T any](ct cql.Type, seeds ...any) pair {
	return pair{cql: ct, goType: reflect.TypeFor[T](), seeds: seeds, decode: func(cell []byte) (any, error) {
		return decoded[T](ct, cell)
	}, again: func(before, cell []byte) (any, error) { return again[T](ct, before, cell) }}
}

func byDriver[T any](ct cql.Type, seeds ...any) pair {
	p := into[T](ct, seeds...)
	p.driver = true
	return p
}

func itself[T any](ct cql.Type, seeds ...any) pair {
	p := byDriver[T](ct, seeds...)
	p.opaque = true
	return p
}

func readOnly[T any](ct cql.Type, seeds ...any) pair {
	p := into[T](ct, seeds...)
	p.read = true
	return p
}

// tag unmarshals itself from text.
type tag struct{ text string }

func (g *tag) UnmarshalText(b []byte) error { g.text = string(b); return nil }
func (g tag) MarshalText() ([]byte, error)  { return []byte(g.text), nil }

var (
	someID = gocql.UUID{0x50, 0x55, 0x4d, 0x6e, 0x29, 0xbb, 0x11, 0xe5, 0xb3, 0x45, 0xfe, 0xff, 0x81, 0x9c, 0xdc, 0x9f}
	late   = time.UnixMilli(math.MaxInt64).UTC()
	epoch  = time.Unix(0, 0).UTC()
	huge   = new(big.Int).Lsh(big.NewInt(-3), 90)
)

var scalarPairs = []pair{
	byDriver[string](text, "", "größer"), byDriver[[]byte](text, "a"), byDriver[word](text, "a"), byDriver[bits](text, "a"),
	byDriver[*string](text, "a"), byDriver[**string](text, "a"), into[sql.NullString](text, "", "a"), into[sql.Null[word]](text, "a"),
	into[tag](text, "a"), into[*tag](text, "a"), into[money](text, "a"), into[netip.Addr](text, "::1", "1.2.3.4"), itself[loud](text, "a"), itself[*loud](text, "a"),
	byDriver[string](kind(cql.Ascii), "a"),
	byDriver[[]byte](kind(cql.Blob), []byte{}, []byte{0}), byDriver[string](kind(cql.Blob), "a"), byDriver[*[]byte](kind(cql.Blob), []byte{}, []byte{0}),
	into[[4]byte](kind(cql.Blob), "abcd"), into[sql.Null[[]byte]](kind(cql.Blob), "", "a"), into[money](kind(cql.Blob), "a"),
	byDriver[bool](kind(cql.Boolean), true, false), byDriver[flag](kind(cql.Boolean), true), byDriver[*bool](kind(cql.Boolean), true), into[sql.NullBool](kind(cql.Boolean), true),
	byDriver[int8](kind(cql.Tinyint), -1), byDriver[uint8](kind(cql.Tinyint), 1, -1), byDriver[int](kind(cql.Tinyint), -128), byDriver[*uint16](kind(cql.Tinyint), 1),
	byDriver[big.Int](kind(cql.Tinyint), -128), into[sql.NullByte](kind(cql.Tinyint), 1),
	byDriver[int16](kind(cql.Smallint), -1), byDriver[int8](kind(cql.Smallint), 128, -128), byDriver[uint16](kind(cql.Smallint), 1, -1), into[sql.NullInt16](kind(cql.Smallint), 1),
	byDriver[int](number, -1), byDriver[int32](number, math.MinInt32), byDriver[int8](number, 127, 128), byDriver[small](number, -1), byDriver[uint](number, 1, -1),
	byDriver[uint32](number, 1, -1), byDriver[*int](number, 1), byDriver[big.Int](number, -1), into[sql.NullInt32](number, 1), into[sql.Null[uint16]](number, 65535, 65536),
	into[money](number, -1), itself[loud](number, 1), itself[*loud](number, 1),
	byDriver[int64](kind(cql.Bigint), math.MinInt64), byDriver[int32](kind(cql.Bigint), math.MaxInt32, math.MaxInt32+1), byDriver[uint64](kind(cql.Bigint), 1, -1),
	byDriver[natural](kind(cql.Bigint), 1), byDriver[*big.Int](kind(cql.Bigint), math.MinInt64), into[sql.NullInt64](kind(cql.Bigint), 1), byDriver[int64](kind(cql.Counter), -1),
	byDriver[big.Int](kind(cql.Varint), 0, huge), byDriver[*big.Int](kind(cql.Varint), 128, -129, huge), byDriver[int64](kind(cql.Varint), math.MinInt64, huge),
	into[uint64](kind(cql.Varint), uint64(math.MaxUint64), -1), into[int8](kind(cql.Varint), 127, 128), into[uint](kind(cql.Varint), 1), into[*string](kind(cql.Varint), huge),
	into[sql.Null[int]](kind(cql.Varint), 1), into[tag](kind(cql.Varint), huge), into[money](kind(cql.Varint), huge),
	byDriver[inf.Dec](kind(cql.Decimal), "-12.50"), byDriver[*inf.Dec](kind(cql.Decimal), "1E10", "1E-101", "7E-2147483647"), into[string](kind(cql.Decimal), "-0.010", "1E10", "1E-101", "7E2147483648"),
	into[sql.Null[inf.Dec]](kind(cql.Decimal), "1.5"), into[tag](kind(cql.Decimal), "1.5", "7E2147483648"),
	byDriver[float32](kind(cql.Float), 1.5, math.NaN()), into[float64](kind(cql.Float), 1.5, math.Inf(1)), into[ratio](kind(cql.Float), 1.5), byDriver[*float32](kind(cql.Float), 0.1),
	into[sql.NullFloat64](kind(cql.Float), 1.5), into[money](kind(cql.Boolean), true),
	byDriver[float64](kind(cql.Double), 0.1, math.NaN()), byDriver[ratio](kind(cql.Double), 0.1), byDriver[*float64](kind(cql.Double), 0.1), into[sql.Null[float64]](kind(cql.Double), 0.1),
	byDriver[gocql.UUID](kind(cql.UUID), someID), byDriver[[16]byte](kind(cql.UUID), someID), into[id](kind(cql.UUID), someID), byDriver[[]byte](kind(cql.UUID), someID),
	into[*[]byte](kind(cql.UUID), someID), byDriver[string](kind(cql.UUID), someID), into[sql.Null[[]byte]](kind(cql.UUID), someID), into[*gocql.UUID](kind(cql.UUID), someID),
	into[tag](kind(cql.UUID), someID), into[money](kind(cql.UUID), someID),
	byDriver[gocql.UUID](kind(cql.Timeuuid), someID), readOnly[time.Time](kind(cql.Timeuuid), someID), into[*string](kind(cql.Timeuuid), someID),
	into[netip.Addr](kind(cql.Inet), "1.2.3.4", "::1"), into[*netip.Addr](kind(cql.Inet), "::1"), byDriver[net.IP](kind(cql.Inet), "1.2.3.4", "::1"), into[[]byte](kind(cql.Inet), "::1"),
	byDriver[string](kind(cql.Inet), "1.2.3.4", "::1"), into[sql.Null[netip.Addr]](kind(cql.Inet), "::1"), into[*net.IP](kind(cql.Inet), "::1"),
	byDriver[time.Time](kind(cql.Timestamp), epoch, late, time.Time{}), byDriver[*time.Time](kind(cql.Timestamp), late), into[sql.NullTime](kind(cql.Timestamp), late),
	byDriver[int64](kind(cql.Timestamp), late), into[sql.Null[*time.Time]](kind(cql.Timestamp), epoch), into[money](kind(cql.Timestamp), late),
	byDriver[time.Time](kind(cql.Date), epoch, "-5877641-06-23", "+5881580-07-11"), into[string](kind(cql.Date), epoch, "-5877641-06-23", "+5881580-07-11", "0000-02-29"),
	byDriver[*time.Time](kind(cql.Date), epoch), into[*string](kind(cql.Date), epoch), into[tag](kind(cql.Date), epoch),
	byDriver[time.Duration](kind(cql.Time), time.Nanosecond), byDriver[int64](kind(cql.Time), 24*time.Hour-1), byDriver[*time.Duration](kind(cql.Time), time.Nanosecond),
	byDriver[gocql.Duration](kind(cql.Duration), gocql.Duration{Months: -1, Days: -2, Nanoseconds: -3}), byDriver[*gocql.Duration](kind(cql.Duration), time.Second),
	into[time.Duration](kind(cql.Duration), -time.Second, gocql.Duration{Days: 1}), into[sql.Null[time.Duration]](kind(cql.Duration), time.Second),
}

type (
	home struct {
		Street string `cql:"street"`
		No     *int   `cql:"no"`
	}
	homeOfNulls struct {
		Street sql.NullString
		No     sql.Null[uint8]
	}
	numbered struct {
		No int
	}
	homeInParts struct {
		Street *word
		numbered
	}
	person struct {
		Name  *string              `cql:"name"`
		Home  home                 `cql:"home"`
		Marks []string             `cql:"marks"`
		Since *time.Time           `cql:"since"`
		Pets  map[string]time.Time `cql:"pets"`
	}
	personOfPointers struct {
		Name  string
		Home  *home
		Marks map[word]struct{}
		Since sql.NullTime
		Pets  map[word]*time.Time
	}
	couple struct {
		A int
		B string
	}
	coupleOfPointers struct {
		A *int8
		B *[]byte
	}
)

var (
	homeType = cql.Type{Kind: cql.UDT, Keyspace: "ks", Name: "home", Fields: []string{"street", "no"}, Elems: []cql.Type{text, number}}
	twoInts  = cql.Type{Kind: cql.UDT, Keyspace: "ks", Name: "two", Fields: []string{"a", "b"}, Elems: []cql.Type{number, number}}
	someone  = cql.Type{
		Kind: cql.UDT, Keyspace: "ks", Name: "person", Fields: []string{"name", "home", "marks", "since", "pets"},
		Elems: []cql.Type{text, homeType, set(text), kind(cql.Timestamp), mapping(text, kind(cql.Date))},
	}
	numberAndText = tuple(number, text)

	aHome   = map[string]any{"street": "s", "no": 1}
	aPerson = map[string]any{"name": "n", "home": aHome, "marks": []string{"m"}, "since": epoch, "pets": map[string]time.Time{"p": epoch}}
	wholes  = [][2]any{{1, []string{"a", ""}}, {2, []string{}}}
)

var nestedPairs = []pair{
	byDriver[[]int](list(number), []int{1, -1}, []int{}), byDriver[[]int8](list(number), []int{1, -128}, []int{1, 128}), byDriver[[]*int](list(number), []any{1, nil}), byDriver[[2]int](list(number), []int{1, 2}),
	into[[]sql.Null[int]](list(number), []any{1, nil}), into[[]any](list(number), []any{1, nil}), byDriver[[]big.Int](list(number), []int{1}), into[*[]int](list(number), []int{}),
	into[[]money](list(number), []int{1}), byDriver[[][]string](list(list(text)), [][]string{{"a"}, {}}), into[[]*[]word](list(list(text)), [][]string{{"a"}, {}}),
	into[[][2]byte](list(kind(cql.Blob)), []string{"ab", "cd"}, []string{"ab", "c"}), byDriver[[]time.Time](list(kind(cql.Timestamp)), []time.Time{late}), byDriver[[]*time.Time](list(kind(cql.Timestamp)), []time.Time{epoch}),
	into[[][]byte](list(kind(cql.UUID)), []gocql.UUID{someID}), into[[]float64](list(kind(cql.Float)), []float32{1}), itself[[]loud](list(text), []string{"a", ""}),
	itself[[]*loud](list(text), []any{"a", nil, ""}), into[any](list(number), []any{1, nil}), into[any](list(list(number)), []any{[]any{nil}}),
	into[map[int]struct{}](set(number), []int{1, 2}), into[map[int8]struct{}](set(number), []int{1, 2}, []int{1, 200}), into[map[word]struct{}](set(text), []string{"a", ""}), byDriver[[2]int](set(number), []int{1, 2}),
	into[map[string]struct{}](set(kind(cql.Varint)), []int{1, 2}), into[map[int64]struct{}](set(kind(cql.Varint)), []int{1, 2}, []*big.Int{huge}), into[[]tag](set(text), []string{"a"}),
	into[map[[2]int]struct{}](set(list(number)), [][]int{{1, 2}}),

	byDriver[map[string]int](mapping(text, number), map[string]int{"a": 1}), byDriver[map[word]*int8](mapping(text, number), map[string]int{"a": 1, "b": -1}, map[string]int{"a": 200}),
	into[map[string]sql.Null[int]](mapping(text, number), map[string]int{"a": 1}), into[map[string]any](mapping(text, number), map[string]any{"a": nil}), into[any](mapping(text, number), map[string]any{"a": nil}),
	byDriver[map[int32][]string](mapping(number, list(text)), wholes), into[map[int]any](mapping(number, list(text)), wholes), into[map[string]tag](mapping(kind(cql.Varint), text), [][2]any{{1, "a"}}),
	into[map[float64]string](mapping(kind(cql.Double), text), [][2]any{{math.NaN(), "a"}}), byDriver[map[[16]byte]map[string]int](mapping(kind(cql.UUID), mapping(text, number)), [][2]any{{someID, map[string]int{"a": 1}}}),
	into[[][2]any](mapping(list(number), text), [][2]any{{[]int{1}, "a"}}), into[map[[1]int]string](mapping(list(number), text), [][2]any{{[]int{1}, "a"}}),
	into[map[couple]int](mapping(numberAndText, number), [][2]any{{couple{1, "a"}, 1}}), itself[map[string]loud](mapping(text, number), map[string]int{"a": 1}),

	into[[]float32](vector(3, kind(cql.Float)), []float32{1, 2, 3}), into[[3]float64](vector(3, kind(cql.Float)), []float32{1, 2, 3}), into[*[]float32](vector(3, kind(cql.Float)), []float32{1, 2, 3}),
	into[sql.Null[[]ratio]](vector(3, kind(cql.Float)), []float32{1, 2, 3}), into[[]string](vector(2, text), []string{"a", ""}), into[[2]word](vector(2, text), []string{"a", ""}), into[*[2]word](vector(2, text), []string{"a", ""}),
	into[[]*big.Int](vector(2, kind(cql.Varint)), []*big.Int{huge, huge}), into[[2]int64](vector(2, kind(cql.Varint)), []int{1, 2}, []*big.Int{huge, huge}), into[[2][2]int](vector(2, vector(2, number)), [2][2]int{}),
	into[[][]int64](vector(2, vector(2, number)), [2][2]int{}), into[[][]int](vector(2, list(number)), [][]int{{1}, {}}), into[[]couple](vector(2, numberAndText), []couple{{1, "a"}, {2, "b"}}), into[[2]int16](vector(2, kind(cql.Smallint)), []int{1, 2}),

	byDriver[couple](numberAndText, couple{1, "a"}, []any{1, nil}), into[coupleOfPointers](numberAndText, []any{1, nil}, []any{nil, "a"}), into[*couple](numberAndText, couple{1, "a"}), byDriver[[]any](numberAndText, []any{nil, "a"}),
	byDriver[[2]any](numberAndText, []any{nil, "a"}), into[[2]int](tuple(number, number), []int{1, 2}), into[[]*int8](tuple(number, number), []any{nil, 1}, []any{nil, 128}), into[[2]sql.Null[int]](tuple(number, number), []any{nil, 1}),
	into[struct {
		At    time.Time
		Inner couple
	}](tuple(kind(cql.Date), numberAndText), []any{epoch, couple{1, "a"}}),

	byDriver[home](homeType, aHome, map[string]any{"street": ""}), into[*home](homeType, aHome), into[homeOfNulls](homeType, aHome), into[homeInParts](homeType, aHome, map[string]any{"no": 1}), byDriver[map[string]any](homeType, aHome, map[string]any{}),
	into[map[string]int](twoInts, map[string]any{"a": 1, "b": 2}), into[map[word]*int8](twoInts, map[string]any{"a": 1}), into[person](someone, aPerson), into[personOfPointers](someone, aPerson, map[string]any{"name": ""}),
	into[[]home](list(homeType), []any{aHome}), into[map[string]*home](mapping(text, homeType), map[string]any{"a": aHome}),
}
