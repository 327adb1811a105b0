package types

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func literal(t *testing.T, name string, kind LiteralKind, text string) []byte {
	t.Helper()
	typ, ok := Native(name)
	require.True(t, ok)
	b, err := Encode(typ, kind, text)
	require.NoError(t, err)
	return b
}

// TestOrder: values of a type in ascending order, which is not that of their bytes.
func TestOrder(t *testing.T) {
	for name, c := range map[string]struct {
		kind LiteralKind
		asc  []string
	}{
		"int":       {LitInteger, []string{"-2147483648", "-1", "0", "1", "256"}},
		"tinyint":   {LitInteger, []string{"-128", "-1", "0", "127"}},
		"bigint":    {LitInteger, []string{"-9223372036854775808", "-2", "5"}},
		"varint":    {LitInteger, []string{"-100000000000000000000", "-129", "-128", "0", "127", "128", "99999999999999999999"}},
		"double":    {LitFloat, []string{"-Infinity", "-1.5", "-0.0", "0.0", "1e-300", "3", "Infinity", "NaN"}},
		"float":     {LitFloat, []string{"-2.5", "0.25", "7"}},
		"decimal":   {LitFloat, []string{"-1e9", "-10.01", "-0.5", "0", "0.0001", "0.5", "9.99", "10", "1e1000"}},
		"timestamp": {LitString, []string{"1969-12-31", "1970-01-01", "2024-02-29 12:00"}},
		"date":      {LitString, []string{"1969-12-31", "1970-01-01", "2024-02-29"}},
		"time":      {LitString, []string{"00:00:00", "00:00:00.000000001", "23:59:59"}},
		"text":      {LitString, []string{"", "a", "ab", "b", "ü"}},
		"inet":      {LitString, []string{"10.0.0.1", "192.168.1.1"}},
		"boolean":   {LitBoolean, []string{"false", "true"}},
		"timeuuid": {LitUUID, []string{"ffffffff-0000-1000-8000-000000000000", "00000000-0001-1000-8000-000000000000",
			"00000000-0001-1000-8000-000000000001"}},
		"uuid": {LitUUID, []string{"ffffffff-0000-1000-8000-000000000000", "00000000-0001-1000-8000-000000000000",
			"00000000-0000-4000-8000-000000000000"}},
	} {
		typ, _ := Native(name)
		for i := range c.asc {
			for j := range c.asc {
				a, b := literal(t, name, c.kind, c.asc[i]), literal(t, name, c.kind, c.asc[j])
				require.Equal(t, i-j > 0, Compare(typ, a, b) > 0, "%s %s %s", name, c.asc[i], c.asc[j])
				require.Equal(t, i == j, Compare(typ, a, b) == 0, "%s %s %s", name, c.asc[i], c.asc[j])
				require.NoError(t, Validate(typ, a))
			}
		}
	}
}

func TestEqualDecimalsOfDifferentScale(t *testing.T) {
	typ := Of(Decimal)
	require.Zero(t, Compare(typ, literal(t, "decimal", LitFloat, "1.50"), literal(t, "decimal", LitFloat, "15e-1")))
	huge := append(binary.BigEndian.AppendUint32(nil, math.MaxInt32), 1)
	tiny := append(binary.BigEndian.AppendUint32(nil, 1<<31), 1)
	require.Negative(t, Compare(typ, huge, tiny), "scales four billion apart are compared without computing powers")
}

func TestVints(t *testing.T) {
	for n, want := range map[int64][]byte{0: {0}, -1: {1}, 1: {2}, 63: {0x7e}, 64: {0x80, 0x80}, 8191: {0xbf, 0xfe}, 8192: {0xc0, 0x40, 0}} {
		require.Equal(t, want, appendVint(nil, n), n)
	}
	require.Equal(t, append([]byte{0xff}, bytes.Repeat([]byte{0xff}, 8)...), appendVint(nil, math.MinInt64))
}

func TestIntegersOfAnyLength(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.Int64().Draw(rt, "n")
		v := bigInt(AppendInt(nil, 8, n))
		require.Equal(rt, n, v.Int64())
		require.Zero(rt, bigInt(appendBigInt(nil, v)).Cmp(v))
		require.LessOrEqual(rt, len(appendBigInt(nil, v)), 8)
	})
}

func TestSetsAndMapsAreKeptInOrder(t *testing.T) {
	set := &Type{Kind: Set, Elems: []*Type{Of(Int)}}
	b := Join(set, [][]byte{{0, 0, 0, 2}, {255, 255, 255, 255}, {0, 0, 0, 2}})
	got, err := Split(set, Canonical(set, b))
	require.NoError(t, err)
	require.Equal(t, [][]byte{{255, 255, 255, 255}, {0, 0, 0, 2}}, got)
	m := &Type{Kind: Map, Elems: []*Type{Of(Text), set}}
	b = Join(m, [][]byte{[]byte("b"), b, []byte("a"), Join(set, nil), []byte("b"), Join(set, nil)})
	got, err = Split(m, Canonical(m, b))
	require.NoError(t, err)
	require.Equal(t, [][]byte{[]byte("a"), {0, 0, 0, 0}, []byte("b"), {0, 0, 0, 0}}, got)
}

func TestWidths(t *testing.T) {
	require.ErrorContains(t, Validate(Of(Int), make([]byte, 8)), "Expected 4 or 0 byte int (8)")
	require.NoError(t, Validate(Of(Int), []byte{}))
	require.ErrorContains(t, Validate(Of(Tinyint), nil), "Expected 1 byte tinyint (0)")
	require.ErrorContains(t, Validate(Of(Inet), make([]byte, 5)), "got 5")
	require.Error(t, Validate(Of(Ascii), []byte("ü")))
	require.Error(t, Validate(Of(Text), []byte{0xff}))
	tuple := &Type{Kind: Tuple, Elems: []*Type{Of(Int), Of(Text)}}
	require.NoError(t, Validate(tuple, Join(tuple, [][]byte{{0, 0, 0, 1}, nil})))
	require.NoError(t, Validate(tuple, Join(tuple, [][]byte{{0, 0, 0, 1}})))
	require.Error(t, Validate(tuple, Join(tuple, [][]byte{{0, 0, 0, 1}, nil, nil})))
	v, err := VectorOf(Of(Float), 2)
	require.NoError(t, err)
	require.Error(t, Validate(v, make([]byte, 12)))
	require.Equal(t, "vector<float, 2>", v.String())
	_, err = VectorOf(Of(Text), 2)
	require.Error(t, err)
}

// FuzzValues: no bytes make the checks and comparisons of any type panic, and canonical values are valid and stay so.
func FuzzValues(f *testing.F) {
	all := []*Type{
		{Kind: Map, Elems: []*Type{Of(Int), ListOf(Of(Text))}}, {Kind: Set, Elems: []*Type{Of(Decimal)}},
		{Kind: Tuple, Elems: []*Type{Of(Int), Of(UUID)}}, {Kind: Custom, Elems: []*Type{Of(Float)}, Dim: 2},
	}
	for k := Ascii; k <= Duration; k++ {
		all = append(all, Of(k))
	}
	f.Add([]byte{0, 0, 0, 1, 0, 0, 0, 0}, []byte{0, 0, 0, 1, 0, 0, 0, 4, 1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		for _, typ := range all {
			if Compare(typ, a, b) != -Compare(typ, b, a) {
				t.Fatalf("%s: the order of %x and %x depends on which comes first", typ, a, b)
			}
			if Validate(typ, a) != nil {
				continue
			}
			c := Canonical(typ, a)
			if err := Validate(typ, c); err != nil || !bytes.Equal(c, Canonical(typ, c)) {
				t.Fatalf("%s: %x became %x: %v", typ, a, c, err)
			}
		}
	})
}
