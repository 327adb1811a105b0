package sink

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/inf.v0"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
)

var decimals = cql.Type{Kind: cql.Decimal}

func keyOfCell(t require.TestingT, typ cql.Type, value any) string {
	cell, err := typ.Marshal(value)
	require.NoError(t, err)
	return string(appendEqual(nil, &typ, cell))
}

// What a server holds to be the same row must not be in flight twice, nor in a batch with one timestamp.
func TestKeysThatAreEqualToTheServers(t *testing.T) {
	dec := inf.NewDec
	for _, c := range []struct {
		cql   cql.Type
		equal [2]any
	}{
		{decimals, [2]any{dec(10, 1), dec(1, 0)}},
		{decimals, [2]any{dec(-1000, 1), dec(-1, -2)}},
		{decimals, [2]any{dec(0, 7), dec(0, -7)}},
		{cql.Type{Kind: cql.Double}, [2]any{math.NaN(), math.Float64frombits(0xfff8000000000001)}},
		{cql.Type{Kind: cql.List, Elems: []cql.Type{decimals}}, [2]any{[]*inf.Dec{dec(20, 1), dec(3, 0)}, []*inf.Dec{dec(2, 0), dec(300, 2)}}},
	} {
		require.Equal(t, keyOfCell(t, c.cql, c.equal[0]), keyOfCell(t, c.cql, c.equal[1]), "%v", c)
	}
	varint := cql.Type{Kind: cql.Varint}
	short := appendEqual(nil, &varint, []byte{0x80})
	require.Equal(t, short, appendEqual(nil, &varint, []byte{0xff, 0xff, 0x80}))
	require.NotEqual(t, short, appendEqual(nil, &varint, []byte{0, 0x80}))
}

func TestKeysOfDecimalsAreAsTheNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) *inf.Dec {
			n := new(big.Int).Mul(big.NewInt(rapid.Int64Range(-3000, 3000).Draw(t, name)), big.NewInt(rapid.SampledFrom([]int64{1, 10, 1000}).Draw(t, "times")))
			return inf.NewDecBig(n, inf.Scale(rapid.IntRange(-3, 3).Draw(t, "scale")))
		}
		a, b := draw("a"), draw("b")
		require.Equal(t, a.Cmp(b) == 0, keyOfCell(t, decimals, a) == keyOfCell(t, decimals, b), "%v and %v", a, b)
	})
}

func TestTheKeysOfDifferentListsDiffer(t *testing.T) {
	seen := map[string][]string{}
	for _, list := range [][]string{{}, {""}, {"a"}, {"a", ""}, {"", "a"}, {"ab"}, {"a", "b"}} {
		key := keyOfCell(t, cql.Type{Kind: cql.List, Elems: []cql.Type{{Kind: cql.Text}}}, list)
		require.NotContains(t, seen, key, "%q", list)
		seen[key] = list
	}
}
