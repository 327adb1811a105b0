package source

import (
	"database/sql/driver"
	"math"
	"math/big"
	"net/netip"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
)

func canonical(t require.TestingT, args ...any) string {
	b, err := canonicalArguments(args)
	require.NoError(t, err, "%#v", args)
	return string(b)
}

func TestEqualArguments(t *testing.T) {
	type id string
	type street struct {
		Name   string
		Number *int
	}
	n, n32, s := 5, int32(5), "x"
	ps := &s
	at := time.Date(2025, 3, 30, 1, 2, 3, 4, time.UTC)
	monotonic := time.Now()
	uuid := gocql.TimeUUID()
	for _, same := range [][]any{
		{5, int8(5), int16(5), int32(5), int64(5), uint(5), uint8(5), uint16(5), uint32(5), uint64(5), &n, &n32},
		{"x", id("x"), &s, &ps},
		{nil, (*int)(nil), []byte(nil), []int(nil), map[int]int(nil), (**string)(nil)},
		{0.5, float32(0.5)},
		{at, &at, at.In(time.FixedZone("x", 3600))},
		{monotonic, monotonic.Round(0)},
		{[]byte("ab"), [2]byte{'a', 'b'}},
		{uuid, [16]byte(uuid), &uuid},
		{[]int{1, 2}, []int64{1, 2}, [2]int{1, 2}, []any{1, uint8(2)}},
		{map[string]int{"a": 1, "b": 2, "c": 3}, map[id]any{"c": 3, "b": 2, "a": int64(1)}},
		{street{"x", &n}, &street{"x", &[]int{5}[0]}},
		{big.NewInt(7), new(big.Int).SetInt64(7), *big.NewInt(7)},
		{time.Minute, int64(time.Minute)},
	} {
		for _, v := range same {
			require.Equal(t, canonical(t, same[0]), canonical(t, v), "%T %v", v, v)
		}
	}
}

func TestDifferentArguments(t *testing.T) {
	type pair struct{ A, B string }
	type other struct{ A, C string }
	seen := map[string][]any{}
	for _, args := range [][]any{
		{}, {nil}, {nil, nil}, {cql.Unset}, {0}, {1}, {-1}, {uint64(math.MaxUint64)}, {math.MinInt64}, {int64(math.MaxInt64)},
		{uint64(math.MaxInt64 + 1)}, {true}, {false}, {0.0}, {math.Copysign(0, -1)}, {1.0}, {math.NaN()}, {math.Inf(1)},
		{""}, {"0"}, {"a"}, {[]byte{}}, {[]byte("a")}, {"ab"}, {"a", "b"}, {"", "ab"}, {[]string{"a", "b"}},
		{[]string{}}, {[]string{""}}, {[]any{[]any{}, "a"}}, {[]any{[]any{"a"}}}, {[]any{nil}}, {[]string{"b", "a"}},
		{map[string]string{}}, {map[string]string{"a": "b"}}, {map[string]string{"b": "a"}}, {map[string]any{"a": nil}},
		{pair{"a", "b"}}, {pair{"ab", ""}}, {other{"a", "b"}}, {struct{ A string }{"a"}},
		{time.Time{}}, {time.Unix(0, 0)}, {time.Unix(0, 1)}, {big.NewInt(1)}, {netip.MustParseAddr("::1")}, {"::1"},
		{gocql.UUID{}}, {gocql.Duration{Days: 1}}, {gocql.Duration{Months: 1}},
	} {
		c := canonical(t, args...)
		require.NotContains(t, seen, c, "%#v looks like %#v", args, seen[c])
		seen[c] = args
	}
}

type hidden struct{ secret string }

type embedded struct {
	time.Time
	zone string
}

type masked string

func (masked) MarshalText() ([]byte, error) { return []byte("***"), nil }

// veiled is sent as its Value; its text is for logs.
type veiled struct{ secret string }

func (veiled) MarshalText() ([]byte, error)   { return []byte("***"), nil }
func (v veiled) Value() (driver.Value, error) { return v.secret, nil }

// partly is sent as its text to a text column, and as its fields to a tuple.
type partly struct {
	A      string
	hidden int
}

func (partly) MarshalText() ([]byte, error) { return []byte("***"), nil }

type cellular struct{ n string }

func (cellular) MarshalText() ([]byte, error)                { return []byte("***"), nil }
func (cellular) Value() (driver.Value, error)                { return "***", nil }
func (c cellular) MarshalCQL(gocql.TypeInfo) ([]byte, error) { return []byte(c.n), nil }

func TestWhatIsSentIsSigned(t *testing.T) {
	require.NotEqual(t, canonical(t, veiled{"a"}), canonical(t, veiled{"b"}))
	require.Equal(t, canonical(t, veiled{"a"}), canonical(t, &veiled{"a"}))
	require.NotEqual(t, canonical(t, partly{"a", 1}), canonical(t, partly{"b", 1}))
}

type broken struct{ _ int }

func (broken) MarshalText() ([]byte, error) { return nil, errNoKeys }

func TestWhatCannotBeSigned(t *testing.T) {
	type loop *loop
	var endless loop
	endless = &endless
	circle := []any{nil}
	circle[0] = circle
	for want, arg := range map[string]any{
		"a chan int has no canonical form": make(chan int),
		"a func() has no canonical form":   func() {},
		"unexported field secret":          hidden{"x"},
		"unexported field zone":            embedded{zone: "x"}, // the text is that of the time alone
		"element 1: a complex128":          []any{1, 1i},
		"in a map: a uintptr":              map[string]uintptr{"a": 1},
		"field C: a chan int":              struct{ C chan int }{},
		"nested too deeply":                endless,
		"it is nested":                     circle,
		errNoKeys.Error():                  broken{},
		"encodes itself":                   cellular{"x"},
	} {
		_, err := canonicalArguments([]any{1, arg})
		require.ErrorContains(t, err, "argument 2 cannot be part of a token or paging state: ")
		require.ErrorContains(t, err, want)
	}
	require.NotEqual(t, canonical(t, masked("a")), canonical(t, masked("b")), "a text is not trusted where the value can be seen")
}

// TestCanonicalArgumentsAreExact writes random values, each in two random guises.
func TestCanonicalArgumentsAreExact(t *testing.T) {
	// A plain value is nil, an int, a string or a []any of plain values.
	plain := rapid.Custom(func(t *rapid.T) any { return plainValue(t, 3) })
	rapid.Check(t, func(t *rapid.T) {
		a, b := plain.Draw(t, "a"), plain.Draw(t, "b")
		require.Equal(t, canonical(t, guise(t, a)), canonical(t, guise(t, a)))
		require.Equal(t, equalPlain(a, b), canonical(t, guise(t, a)) == canonical(t, guise(t, b)))
	})
}

func plainValue(t *rapid.T, depth int) any {
	switch rapid.IntRange(0, min(depth, 1)*3).Draw(t, "kind") {
	case 0:
		return rapid.IntRange(-2, 2).Draw(t, "int")
	case 1:
		return rapid.StringOfN(rapid.RuneFrom([]rune("sli\x00")), 0, 3, -1).Draw(t, "string")
	case 2:
		return nil
	default:
		list := make([]any, rapid.IntRange(0, 3).Draw(t, "length"))
		for i := range list {
			list[i] = plainValue(t, depth-1)
		}
		return list
	}
}

func equalPlain(a, b any) bool {
	as, isList := a.([]any)
	bs, _ := b.([]any)
	if !isList {
		_, isList = b.([]any)
		return !isList && a == b
	}
	if bs == nil || len(as) != len(bs) {
		return false
	}
	for i := range as {
		if !equalPlain(as[i], bs[i]) {
			return false
		}
	}
	return true
}

// guise is a value that is bound as v is.
func guise(t *rapid.T, v any) any {
	if n, ok := v.(int); ok {
		v = []any{n, int8(n), int32(n), int64(n)}[rapid.IntRange(0, 3).Draw(t, "width")]
	}
	if list, ok := v.([]any); ok {
		other := make([]any, len(list))
		for i := range list {
			other[i] = guise(t, list[i])
		}
		v = other
	}
	if rapid.Bool().Draw(t, "pointer") {
		return &v
	}
	return v
}
