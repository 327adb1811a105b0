package cqljson_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
	"gopkg.in/inf.v0"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cqljson"
	"github.com/rxcql/rxcql/internal/typetest"
)

// cellsOf gives cells of each value of a case, an empty one and one that is null.
func cellsOf(t *testing.T, c typetest.Case) [][]byte {
	t.Helper()
	all := [][]byte{nil}
	if c.Type.Kind != cql.Duration { // of which none is empty, in the server either
		all = append(all, []byte{})
	}
	for _, v := range c.Values {
		cell, err := c.Type.Marshal(v.Go)
		require.NoError(t, err)
		all = append(all, cell)
	}
	return all
}

func TestEveryTypeThereAndBack(t *testing.T) {
	n := 0
	for _, c := range typetest.All {
		for _, cell := range cellsOf(t, c) {
			text, err := cqljson.Append([]byte("x"), &c.Type, cell)
			require.NoError(t, err, "%v: %x", c.Type, cell)
			require.Equal(t, byte('x'), text[0])
			require.True(t, json.Valid(text[1:]), "%v: %s", c.Type, text)
			back, null, err := cqljson.Parse([]byte("y"), &c.Type, text[1:])
			require.NoError(t, err, "%v: %s", c.Type, text)
			require.Equal(t, cell == nil, null)
			require.Equal(t, "y"+string(cell), string(back), "%v: %s", c.Type, text)
			n++
		}
	}
	require.Greater(t, n, 700)
}

func TestForms(t *testing.T) {
	scalar := func(k cql.Kind) cql.Type { return cql.Type{Kind: k} }
	ints := cql.Type{Kind: cql.List, Elems: []cql.Type{scalar(cql.Int)}}
	address := cql.Type{Kind: cql.UDT, Keyspace: "k", Name: "a", Fields: []string{"street", "No"}, Elems: []cql.Type{scalar(cql.Text), scalar(cql.Int)}}
	for _, c := range []struct {
		t    cql.Type
		v    any
		want string
	}{
		{scalar(cql.Text), "a\"b\\c\n\x01\u2028\U0001F600</", `"a\"b\\c\n\u0001` + "\u2028\U0001F600</\""},
		{scalar(cql.Boolean), true, `true`},
		{scalar(cql.Boolean), false, `false`},
		{scalar(cql.Bigint), int64(math.MinInt64), `-9223372036854775808`},
		{scalar(cql.Float), float32(0.1), `0.1`},
		{scalar(cql.Double), math.Copysign(0, -1), `-0.0`},
		{scalar(cql.Double), 1e300, `1e+300`},
		{scalar(cql.Double), math.Inf(-1), `"-Infinity"`},
		{scalar(cql.Varint), new(big.Int).Lsh(big.NewInt(1), 70), `1180591620717411303424`},
		{scalar(cql.Decimal), inf.NewDec(110, 2), `"1.10"`},
		{scalar(cql.Blob), []byte{1, 0xff}, `"0x01ff"`},
		{scalar(cql.Timestamp), time.Date(2015, 7, 1, 2, 3, 4, 5e6, time.UTC), `"2015-07-01 02:03:04.005Z"`},
		{scalar(cql.Timestamp), time.Date(1492, 10, 12, 0, 0, 0, 0, time.UTC), `-15059606400000`},
		{scalar(cql.Date), time.Date(2015, 7, 1, 0, 0, 0, 0, time.UTC), `"2015-07-01"`},
		{scalar(cql.Time), 90 * time.Minute, `"01:30:00.000000000"`},
		{scalar(cql.Inet), "2001:db8::1", `"2001:db8::1"`},
		{ints, []int{1, -2}, `[1, -2]`},
		{cql.Type{Kind: cql.Map, Elems: []cql.Type{scalar(cql.Int), ints}}, map[int][]int{7: {1}}, `{"7": [1]}`},
		{cql.Type{Kind: cql.Map, Elems: []cql.Type{ints, scalar(cql.Int)}}, [][2]any{{[]int{1, 2}, 3}}, `{"[1, 2]": 3}`},
		{cql.Type{Kind: cql.Tuple, Elems: []cql.Type{scalar(cql.Int), scalar(cql.Text)}}, []any{1, nil}, `[1, null]`},
		{address, map[string]any{"street": "x", "No": 3}, `{"street": "x", "\"No\"": 3}`},
	} {
		cell, err := c.t.Marshal(c.v)
		require.NoError(t, err)
		text, err := cqljson.Append(nil, &c.t, cell)
		require.NoError(t, err)
		require.Equal(t, c.want, string(text))
	}
}

func TestOtherFormsThatTheServerTakes(t *testing.T) {
	for _, c := range []struct {
		k    cql.Kind
		text string
		want any
	}{
		{cql.Int, `"12"`, 12},
		{cql.Varint, ` "-12" `, big.NewInt(-12)},
		{cql.Decimal, `1.10`, inf.NewDec(110, 2)},
		{cql.Decimal, `-1E+3`, inf.NewDec(-1, -3)},
		{cql.Double, `3`, 3.0},
		{cql.Double, `"1e3"`, 1000.0},
		{cql.Boolean, `"True"`, true},
		{cql.Timestamp, `1000`, time.UnixMilli(1000)},
		{cql.Timestamp, `"2015-07-01T02:03Z"`, time.Date(2015, 7, 1, 2, 3, 0, 0, time.UTC)},
		{cql.Date, `"2147483649"`, time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC)},
		{cql.Duration, `""`, gocql.Duration{}},
		{cql.Text, `"\u00e9\ud83d\ude00\/\b"`, "é\U0001F600/\b"},
	} {
		want, err := cql.Type{Kind: c.k}.Marshal(c.want)
		require.NoError(t, err)
		cell, _, err := cqljson.Parse(nil, &cql.Type{Kind: c.k}, []byte(c.text))
		require.NoError(t, err, c.text)
		require.Equal(t, want, cell, c.text)
	}
	ints := cql.Type{Kind: cql.List, Elems: []cql.Type{{Kind: cql.Int}}}
	want, err := ints.Marshal([]int{1, 2})
	require.NoError(t, err)
	cell, _, err := cqljson.Parse(nil, &ints, []byte(`" [1,\"2\"] "`))
	require.NoError(t, err)
	require.Equal(t, want, cell)
}

func TestAPartThatIsLeftOut(t *testing.T) {
	address := cql.Type{Kind: cql.UDT, Fields: []string{"a", "b", "C"}, Elems: []cql.Type{{Kind: cql.Text}, {Kind: cql.Text}, {Kind: cql.Text}}}
	for text, want := range map[string]string{
		`{}`:                                "",
		`{"a": "x"}`:                        "\x00\x00\x00\x01x",
		`{"B": "x"}`:                        "\xff\xff\xff\xff\x00\x00\x00\x01x",
		`{"\"C\"": "x", "a": null}`:         "\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x01x",
		`{"a": null, "b": "", "\"C\"": ""}`: "\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00",
	} {
		cell, null, err := cqljson.Parse(nil, &address, []byte(text))
		require.NoError(t, err)
		require.False(t, null)
		require.Equal(t, want, string(cell), text)
	}
	pair := cql.Type{Kind: cql.Tuple, Elems: []cql.Type{{Kind: cql.Text}, {Kind: cql.Text}}}
	cell, _, err := cqljson.Parse(nil, &pair, []byte(`["x"]`))
	require.NoError(t, err)
	require.Equal(t, "\x00\x00\x00\x01x", string(cell))
}

func TestWhatIsWrongIsToldWithItsPlace(t *testing.T) {
	ints := cql.Type{Kind: cql.List, Elems: []cql.Type{{Kind: cql.Int}}}
	three := cql.Type{Kind: cql.Vector, Elems: []cql.Type{{Kind: cql.Int}}, Dimensions: 3}
	pair := cql.Type{Kind: cql.Tuple, Elems: []cql.Type{{Kind: cql.Text}, {Kind: cql.Text}}}
	udt := cql.Type{Kind: cql.UDT, Fields: []string{"a"}, Elems: []cql.Type{{Kind: cql.Text}}}
	counts := cql.Type{Kind: cql.Map, Elems: []cql.Type{{Kind: cql.Int}, {Kind: cql.Int}}}
	text := cql.Type{Kind: cql.Text}
	for _, c := range []struct {
		t    cql.Type
		text string
		at   int
		want string
	}{
		{text, ``, 0, "no value"},
		{text, `nul`, 0, "no value"},
		{text, `"a`, 2, "no end"},
		{text, `"a\`, 2, "no end"},
		{text, "\"a\nb\"", 2, "control character"},
		{text, `"a\x"`, 2, "no such escape"},
		{text, `"\u12"`, 1, "four digits"},
		{text, `"\ud800"`, 1, "surrogates"},
		{text, "\"\xff\"", 1, "UTF-8"},
		{text, `"a" b`, 4, "more behind"},
		{text, `7`, 0, "a number is no text"},
		{text, `[]`, 0, "an array is no text"},
		{text, `true`, 0, "true is no text"},
		{cql.Type{Kind: cql.Ascii}, `"ä"`, 0, "ASCII"},
		{ints, `{"a": 1}`, 0, "a list begins with ["},
		{ints, `[1, x]`, 4, "no value"},
		{ints, `[1 2]`, 3, "neither , nor ']'"},
		{ints, `[1, 1.5]`, 4, "integer"},
		{ints, `[1,]`, 3, "no value"},
		{ints, `[01]`, 2, "neither"},
		{ints, `[-]`, 2, "a number goes on otherwise"},
		{ints, `"[1"`, 0, "the JSON in quotes: there is neither"},
		{three, `[1, 2]`, 0, "has 2 elements"},
		{three, `[1, 2, 3, 4]`, 10, "more than 3 elements"},
		{three, `[1, null, 3]`, 4, "null"},
		{three, `[1, "", 3]`, 4, "empty"},
		{pair, `["a", "b", "c"]`, 11, "more than 2 elements"},
		{udt, `{"b": 1}`, 5, "no such field"},
		{udt, `{"a": "", "A": ""}`, 14, "comes twice"},
		{counts, `{1: 2}`, 1, "no key in quotes"},
		{counts, `{"1" 2}`, 5, "no ':'"},
		{counts, `{"x": 2}`, 5, "a key"},
	} {
		_, _, err := cqljson.Parse(nil, &c.t, []byte(c.text))
		var e *cqljson.Error
		require.ErrorAs(t, err, &e, c.text)
		require.ErrorContains(t, err, c.want, c.text)
		require.Equal(t, c.at, e.Offset, "%s: %v", c.text, err)
	}
}

func TestCellsThatHaveNoJSON(t *testing.T) {
	ints := cql.Type{Kind: cql.List, Elems: []cql.Type{{Kind: cql.Int}}}
	counts := cql.Type{Kind: cql.Map, Elems: []cql.Type{{Kind: cql.Int}, {Kind: cql.Int}}}
	for _, c := range []struct {
		t    cql.Type
		cell string
	}{
		{cql.Type{Kind: cql.Text}, "\xff"}, {cql.Type{Kind: cql.Int}, "abc"}, {cql.Type{Kind: cql.Boolean}, "ab"},
		{cql.Type{Kind: cql.Float}, "a"}, {cql.Type{Kind: cql.Double}, "a"}, {cql.Type{Kind: cql.Timestamp}, "a"}, {cql.Type{Kind: cql.Inet}, "a"},
		{ints, "ab"}, {ints, "\x00\x00\x00\x01\x00\x00\x00\x01a"}, {ints, "\x7f\xff\xff\xff"},
		{counts, "\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff"},
	} {
		_, err := cqljson.Append(nil, &c.t, []byte(c.cell))
		require.Error(t, err, "%v: %x", c.t, c.cell)
	}
}

func columns(all ...any) []cql.Column {
	var c []cql.Column
	for i := 0; i < len(all); i += 2 {
		c = append(c, cql.Column{Name: all[i].(string), Type: cql.Type{Kind: all[i+1].(cql.Kind)}})
	}
	return c
}

type row [][]byte

func (r row) Cell(i int) []byte { return r[i] }

func TestRows(t *testing.T) {
	c := columns("id", cql.Int, "Name", cql.Text, `"x"`, cql.Text, "größe", cql.Double)
	w, err := cqljson.NewWriter(c)
	require.NoError(t, err)
	cells := [][]byte{{0, 0, 0, 7}, []byte("n"), nil, {}}
	text, err := w.Append(nil, row(cells))
	require.NoError(t, err)
	require.Equal(t, `{"id": 7, "\"Name\"": "n", "\"\"x\"\"": null, "größe": ""}`, string(text))

	r := cqljson.NewReader(c, false)
	for range 2 {
		back, err := r.Row(text)
		require.NoError(t, err)
		require.Equal(t, cells, back)
	}
	back, err := r.Row([]byte(`{"GRÖSSE": 1, "GRÖßE": "", "ID": 7, "\"\"x\"\"": null, "\"Name\"":"n"}`))
	require.Nil(t, back)
	require.ErrorContains(t, err, "no such column")
	back, err = r.Row([]byte(` {"GRÖßE": "", "ID": 7, "\"\"x\"\"": null, "\"Name\"":"n"} `))
	require.NoError(t, err)
	require.Equal(t, cells, back)

	lenient := cqljson.NewReader(c, true)
	back, err = lenient.Row([]byte(`{"name": [1, {"a": null}, true, "x"], "id": 7}`))
	require.NoError(t, err)
	require.Equal(t, [][]byte{{0, 0, 0, 7}, nil, nil, nil}, back)

	for text, want := range map[string]cqljson.Error{
		`{"id": 7}`:              {Name: "Name", Err: errors.New("missing")},
		`{"id": 7, "id": 8}`:     {Offset: 14, Name: "id", Err: errors.New("twice")},
		`{"id": "x"}`:            {Offset: 7, Name: "id", Err: errors.New("integer")},
		`{"id": 7, "what": 1}`:   {Offset: 16, Name: "what", Err: errors.New("no such column")},
		`[]`:                     {Err: errors.New("'{'")},
		`{"id": 7} {}`:           {Offset: 10, Err: errors.New("more")},
		strings.Repeat("[", 999): {Err: errors.New("'{'")},
	} {
		_, err := r.Row([]byte(text))
		var e *cqljson.Error
		require.ErrorAs(t, err, &e, text)
		require.ErrorContains(t, err, want.Err.Error())
		require.Equal(t, want.Name, e.Name, text)
		if want.Offset > 0 {
			require.Equal(t, want.Offset, e.Offset, text)
		}
	}
	_, err = lenient.Row([]byte(`{"x":` + strings.Repeat("[", 100_000)))
	require.ErrorContains(t, err, "1000 deep")

	none, err := cqljson.NewWriter(nil)
	require.NoError(t, err)
	text, err = none.Append(nil, nil)
	require.NoError(t, err)
	require.Equal(t, "{}", string(text))
	bad, err := cqljson.NewWriter(columns("id", cql.Int))
	require.NoError(t, err)
	_, err = bad.Append(nil, row{[]byte("geheim")})
	require.ErrorContains(t, err, `column "id": int: `)
	require.NotContains(t, err.Error(), "geheim")
}

func TestKeys(t *testing.T) {
	var keys []string
	require.NoError(t, cqljson.Keys([]byte(` {"a": {"b": 1}, "c\n": [1]} `), func(k []byte) { keys = append(keys, string(k)) }))
	require.Equal(t, []string{"a", "c\n"}, keys)
	require.Error(t, cqljson.Keys([]byte(`{"a": 1} 2`), func([]byte) {}))
}
