package typetest

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/gocql/gocql"
	"gopkg.in/inf.v0"

	"github.com/rxcql/rxcql/cql"
)

func itoa(n int) string { return strconv.Itoa(n) }

// each makes values, each with its literal.
func each[T any](literal func(T) string, values ...T) []Value {
	all := make([]Value, len(values))
	for i, v := range values {
		all[i] = Value{v, literal(v)}
	}
	return all
}

func plain[T any](v T) string { return fmt.Sprint(v) }

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// floating writes a number in as many digits as tell it from others of its size.
func floating[F float32 | float64](bits int) func(F) string {
	return func(f F) string {
		switch v := float64(f); {
		case math.IsNaN(v):
			return "NaN"
		case math.IsInf(v, 1):
			return "Infinity"
		case math.IsInf(v, -1):
			return "-Infinity"
		default:
			return strconv.FormatFloat(v, 'e', -1, bits)
		}
	}
}

func number(s string) *big.Int {
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		panic("typetest: no number: " + s)
	}
	return n
}

func day(n int64) time.Time { return time.Unix((n-1<<31)*24*60*60, 0).UTC() }

func uuid(s string) gocql.UUID {
	id, err := gocql.ParseUUID(s)
	if err != nil {
		panic(err)
	}
	return id
}

// The types without others inside, each with zero, empty and the extremes.
var (
	Ascii    = native(cql.Ascii, each(quoted, "", "a", "it's \x7f")...)
	Text     = native(cql.Varchar, each(quoted, "", "größer", "日本\U0001F600", strings.Repeat("x", 1<<16))...)
	Blob     = native(cql.Blob, each(func(b []byte) string { return "0x" + hex.EncodeToString(b) }, []byte{}, []byte{0}, []byte{0xff, 0, 0x80})...)
	Boolean  = native(cql.Boolean, each(plain[bool], false, true)...)
	Tinyint  = native(cql.Tinyint, each(plain[int8], 0, 1, -1, math.MinInt8, math.MaxInt8)...)
	Smallint = native(cql.Smallint, each(plain[int16], 0, -1, math.MinInt16, math.MaxInt16)...)
	Int      = native(cql.Int, each(plain[int], 0, -1, math.MinInt32, math.MaxInt32)...)
	Bigint   = native(cql.Bigint, each(plain[int64], 0, -1, math.MinInt64, math.MaxInt64)...)
	Varint   = native(cql.Varint, each((*big.Int).String, number("0"), number("-1"), number("127"), number("128"), number("-128"), number("-129"),
		number("9223372036854775807"), number("9223372036854775808"), number("-9223372036854775809"), number("-"+strings.Repeat("9", 60)))...)
	Decimal = native(cql.Decimal, each(func(d *inf.Dec) string { return d.UnscaledBig().String() + "E" + itoa(-int(d.Scale())) },
		inf.NewDec(0, 0), inf.NewDec(0, 2), inf.NewDec(-12345, 3), inf.NewDec(1, -10), inf.NewDecBig(number(strings.Repeat("9", 40)), 100))...)
	Float = native(cql.Float, each(floating[float32](32), 0, -1.5, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32,
		float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)))...)
	Double = native(cql.Double, each(floating[float64](64), 0, 0.1, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64,
		math.Float64frombits(0x7ff8<<48), math.Inf(1), math.Inf(-1))...)
	UUID     = native(cql.UUID, each(gocql.UUID.String, gocql.UUID{}, uuid("ffffffff-ffff-ffff-ffff-ffffffffffff"), uuid("6f9619ff-8b86-4011-b42d-00cf4fc964ff"))...)
	Timeuuid = native(cql.Timeuuid, each(gocql.UUID.String, uuid("00000000-0000-1000-8080-808080808080"), uuid("ffffffff-ffff-1fff-bf7f-7f7f7f7f7f7f"),
		uuid("50554d6e-29bb-11e5-b345-feff819cdc9f"))...)
	Inet      = native(cql.Inet, each(quoted, "0.0.0.0", "255.255.255.255", "::", "2001:db8::ff")...)
	Timestamp = native(cql.Timestamp, each(func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) },
		time.UnixMilli(0).UTC(), time.Date(1969, 7, 20, 20, 17, 40, 1e6, time.UTC), time.UnixMilli(-1).UTC(),
		time.UnixMilli(math.MinInt64).UTC(), time.UnixMilli(math.MaxInt64).UTC())...)
	Date = native(cql.Date, each(func(t time.Time) string { return strconv.FormatInt(t.Unix()/(24*60*60)+1<<31, 10) },
		day(1<<31), day(1<<31-1), day(0), day(math.MaxUint32), time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC))...)
	Time     = native(cql.Time, each(func(d time.Duration) string { return strconv.FormatInt(int64(d), 10) }, 0, 1, 24*time.Hour-1)...)
	Duration = native(cql.Duration, each(func(d gocql.Duration) string {
		if d.Months < 0 || d.Days < 0 || d.Nanoseconds < 0 {
			return fmt.Sprintf("-%dmo%dd%dns", -int64(d.Months), -int64(d.Days), uint64(-d.Nanoseconds))
		}
		return fmt.Sprintf("%dmo%dd%dns", d.Months, d.Days, d.Nanoseconds)
	}, gocql.Duration{Nanoseconds: 1}, gocql.Duration{Months: 1, Days: 2, Nanoseconds: 3}, gocql.Duration{Months: -1, Days: -200},
		gocql.Duration{Months: math.MaxInt32, Days: math.MaxInt32, Nanoseconds: math.MaxInt64},
		gocql.Duration{Months: -math.MaxInt32, Days: -math.MaxInt32, Nanoseconds: -math.MaxInt64})...)
	// Counter is only of tables of counters, and never inside another type.
	Counter = native(cql.Counter, each(plain[int64], 0, -1, math.MinInt64, math.MaxInt64)...)
)

// Scalars are the types without others inside, but for counter.
var Scalars = []Case{
	Ascii, Text, Blob, Boolean, Tinyint, Smallint, Int, Bigint, Varint, Decimal, Float, Double, UUID, Timeuuid, Inet,
	Timestamp, Date, Time, Duration,
}

// Address and Person are user-defined types, one inside the other.
var (
	Address = udtOf("address", []string{"street", "no"}, Text, Int)
	Person  = udtOf("person", []string{"age", "home"}, Bigint, Address)
)

// Nested are types with others inside.
var Nested = func() []Case {
	var all []Case
	for _, c := range Scalars {
		all = append(all, listOf(cql.List, c), tupleOf(c), vectorOf(c, c.Values[0], c.Values[1]))
		if c.Type.Kind != cql.Duration { // which has no order
			all = append(all, listOf(cql.Set, c), mapOf(c, Text))
		}
		all = append(all, mapOf(Int, c))
	}
	return append(all, Mixed...)
}()

// Mixed are types with others inside in all the ways there are.
var Mixed = func() []Case {
	ints := listOf(cql.List, Int)
	pair := tupleOf(Int, Text)
	three := vectorOf(Float, Float.Values[0], Float.Values[1], Float.Values[2])
	words := vectorOf(Text, Text.Values[1], Text.Values[0])
	return []Case{
		listOf(cql.List, ints), ints.Frozen(), listOf(cql.Set, Text).Frozen(), mapOf(Text, Int).Frozen(),
		mapOf(Text, listOf(cql.Set, listOf(cql.List, Text))),
		mapOf(ints, Int),
		mapOf(pair, ints).Frozen(),
		tupleOf(ints, mapOf(Text, Int), pair),
		Address, Person, Address.Frozen(), Person.Frozen(),
		listOf(cql.List, Address), mapOf(Text, Person), tupleOf(Int, Address),
		three, words,
		listOf(cql.List, three), mapOf(Int, words), tupleOf(three, words),
		vectorOf(three, three.Values[0], three.Values[0]),
		vectorOf(words, words.Values[0]),
		vectorOf(ints, ints.Values[0], ints.Values[len(ints.Values)-1]),
		vectorOf(pair, pair.Values[0], pair.Values[1]),
		vectorOf(Address, Address.Values[0]),
		vectorOf(mapOf(Int, three), mapOf(Int, three).Values[1]),
	}
}()

// All are all types.
var All = append(append(append([]Case{}, Scalars...), Counter), Nested...)
