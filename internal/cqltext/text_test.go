package cqltext_test

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cqltext"
	"github.com/rxcql/rxcql/internal/typetest"
)

// TestEveryTypeThereAndBack: the bytes of each value of each type are the same after having been a text, whatever stands
// for null, and those that the server made of the literal are ours.
func TestEveryTypeThereAndBack(t *testing.T) {
	for _, c := range typetest.All {
		for _, v := range c.Values {
			cell, err := c.Type.Marshal(v.Go)
			require.NoError(t, err)
			if golden, ok := typetest.Golden(c, v); ok {
				require.Equal(t, golden, cell)
			}
			require.False(t, cqltext.IsNull(&c.Type, cell), "%v", c.Type)
			for _, null := range []string{"", "null", "NULL", `\N`, "0", "a, b"} {
				text, err := cqltext.AppendText([]byte("<"), &c.Type, cell, null)
				require.NoError(t, err, "%v: %.80s", c.Type, v.CQL)
				require.Equal(t, "<", string(text[:1]))
				back, err := cqltext.AppendCell([]byte("<"), &c.Type, string(text[1:]), null)
				require.NoError(t, err, "%v: %.80s", c.Type, text)
				require.Equal(t, append([]byte("<"), cell...), back, "%v: %.80s", c.Type, text)
			}
		}
		require.True(t, cqltext.IsNull(&c.Type, nil))
	}
}

// TestLiteralsAreRead: what CQL writes is read, but for numbers of days and nanoseconds, and quotes around a whole text.
func TestLiteralsAreRead(t *testing.T) {
	for _, c := range typetest.All {
		if contains(c.Type, cql.Date, cql.Time) || cqltext.IsText(&c.Type) || c.Type.Kind == cql.Inet {
			continue
		}
		for _, v := range c.Values {
			cell, err := c.Type.Marshal(v.Go)
			require.NoError(t, err)
			back, err := cqltext.AppendCell([]byte{}, &c.Type, v.CQL, "")
			require.NoError(t, err, "%v: %.80s", c.Type, v.CQL)
			require.Equal(t, cell, back, "%v: %.80s", c.Type, v.CQL)
		}
	}
}

// contains tells whether a type is or has inside one of some kinds.
func contains(t cql.Type, kinds ...cql.Kind) bool {
	return slices.Contains(kinds, t.Kind) || slices.ContainsFunc(t.Elems, func(e cql.Type) bool { return contains(e, kinds...) })
}

func of(kind cql.Kind, elems ...cql.Type) cql.Type { return cql.Type{Kind: kind, Elems: elems} }

var (
	integer = of(cql.Int)
	text    = of(cql.Varchar)
	street  = cql.Type{Kind: cql.UDT, Keyspace: "ks", Name: "street", Fields: []string{"name", "No", "order"}, Elems: []cql.Type{text, integer, integer}}
)

// TestTexts are those that cqlsh writes, but for where package comment says otherwise.
func TestTexts(t *testing.T) {
	for _, c := range []struct {
		t    cql.Type
		text string
		read string // other texts for the same, one a line
	}{
		{of(cql.Boolean), "True", "true\n TRUE "},
		{of(cql.Boolean), "False", "false"},
		{integer, "-17", " -17\t"},
		{integer, "5", "+5\n05"},
		{of(cql.Varint), "123456789012345678901234567890", "+123456789012345678901234567890"},
		{of(cql.Decimal), "-0.005", "-.005\n-5E-3\n-0.5e-2\n-0005e-3"},
		{of(cql.Decimal), "12", "12E0\n12.\n1.2E+1"},
		{of(cql.Decimal), "1E+10", "1e10\n1E+0010"},
		{of(cql.Decimal), "5E-101", "0.5E-100"},
		{of(cql.Float), "0.1", "1e-1\n0.10000000149"},
		{of(cql.Double), "1000000", "1e6\n1E+6"},
		{of(cql.Double), "1e-07", "0.0000001"},
		{of(cql.Double), "-0", "-0.0"},
		{of(cql.Double), "NaN", "nan"},
		{of(cql.Double), "-Infinity", "-inf"},
		{of(cql.Blob), "0x00ff", "0X00FF"},
		{of(cql.Blob), "0x", " 0x"},
		{of(cql.UUID), "6f9619ff-8b86-4011-b42d-00cf4fc964ff", "6F9619FF-8B86-4011-B42D-00CF4FC964FF\n6f9619ff8b864011b42d00cf4fc964ff"},
		{of(cql.Inet), "2001:db8::ff", "2001:0DB8:0::ff"},
		{of(cql.Inet), "::ffff:10.0.0.1", ""},
		{of(cql.Timestamp), "2015-01-01 00:00:00.000+0000", "2015-01-01\n2015-01-01 00:00\n2015-01-01T01:00+01\n2015-01-01T00:00:00Z\n2015-01-01 00:00:00.0009 UTC\n2014-12-31 19:30:00-0430\n1420070400000\n2015-01-01 +0000"},
		{of(cql.Timestamp), "0001-01-01 00:00:00.000+0000", "-62135596800000"},
		{of(cql.Timestamp), "253402300800000", "+10000-01-01 00:00:00.000+0000"},
		{of(cql.Timestamp), "-1000000000000000", "-29719-04-05T22:13:20Z"},
		{of(cql.Date), "2024-02-29", ""},
		{of(cql.Date), "-0001-12-31", ""},
		{of(cql.Date), "+10000-01-01", ""},
		{of(cql.Time), "12:34:56.000000789", ""},
		{of(cql.Time), "12:34:00.000000000", "12:34\n12:34:00\n12:34:00.0"},
		{of(cql.Duration), "1y2mo3d4h5m6s7ms8us9ns", "14mo3d4h5m6s7008009ns\n1Y2MO3D4H5M6S7MS8µS9NS"},
		{of(cql.Duration), "-1y21d1h2m3s", "-P1Y21DT1H2M3S\n-1y3w1h2m3s"},
		{of(cql.Duration), "0s", "0y\nPT0S\n-0d"},
		{of(cql.List, text), "['it''s', '', 'null', 'a,b']", "[ it's , '','null',  'a,b'  ]"},
		{of(cql.List, integer), "[1, null, 2]", "[1,,2]\n[1, NULL, 2]"},
		{of(cql.List, integer), "[null]", ""},
		{of(cql.List, integer), "[]", "[ ]"},
		{of(cql.Set, of(cql.Date)), "{'2015-01-01'}", "{2015-01-01}"},
		{of(cql.List, of(cql.Timestamp)), "['2015-01-01 00:00:00.000+0000', 253402300800000]", "[1420070400000, 253402300800000]"},
		{of(cql.Map, text, of(cql.Time)), "{'a:b': '12:34:56.000000000'}", "{'a:b':12:34:56}"},
		{of(cql.Map, of(cql.List, text), of(cql.List, integer)), "{['a', 'b']: [1], []: []}", "{[a,b]:[1],[]:[]}"},
		{of(cql.Tuple, integer, text), "(1, )", "(1,null)"},
		{of(cql.Tuple, integer, text), "(, '')", "(null, '')"},
		{of(cql.Tuple, integer, text), "(1)", ""},
		{of(cql.Tuple, integer), "(null)", "( null )"},
		{of(cql.Tuple, integer), "()", ""},
		{street, `{name: 'a', "No": 1, "order": 2}`, "{No: 1, NAME: a, order: 2}\n{'order': 2, \"No\": 1, 'name': 'a'}"},
		{street, `{name: , "No": 1, "order": }`, "{name:null,No:1,order:null}"},
		{street, `{name: , "No": , "order": 2}`, "{order: 2}"},
		{street, `{name: 'a'}`, "{name:a}"},
		{street, `{}`, ""},
		{cql.Type{Kind: cql.Vector, Dimensions: 2, Elems: []cql.Type{of(cql.Float)}}, "[1, -0.5]", "[1.0,-5e-1]"},
		{cql.Type{Kind: cql.Vector, Dimensions: 2, Elems: []cql.Type{text}}, "['', 'x']", "['',x]"},
	} {
		cell, err := cqltext.AppendCell(nil, &c.t, c.text, "")
		require.NoError(t, err, "%v %s", c.t, c.text)
		back, err := cqltext.AppendText(nil, &c.t, cell, "")
		require.NoError(t, err)
		require.Equal(t, c.text, string(back))
		for line := range strings.Lines(c.read) {
			other, err := cqltext.AppendCell(nil, &c.t, strings.TrimSuffix(line, "\n"), "")
			require.NoError(t, err, "%v %s", c.t, line)
			require.Equal(t, cell, other, "%v %s", c.t, line)
		}
	}
}

// TestTheMarkerOfNullInside stands where it can be told from what else is there.
func TestTheMarkerOfNullInside(t *testing.T) {
	pair := of(cql.Tuple, integer, integer)
	cell, err := cqltext.AppendCell(nil, &pair, "(0, )", "")
	require.NoError(t, err)
	for null, want := range map[string]string{"": "(0, )", "NULL": "(0, NULL)", "0": "('0', 0)", "a,b": "(0, null)", "-": "(0, -)"} {
		text, err := cqltext.AppendText(nil, &pair, cell, null)
		require.NoError(t, err)
		require.Equal(t, want, string(text))
		back, err := cqltext.AppendCell(nil, &pair, want, null)
		require.NoError(t, err)
		require.Equal(t, cell, back)
	}
}

// TestEmptyValuesAreNull where the type has no such value, inside of others too.
func TestEmptyValuesAreNull(t *testing.T) {
	require.True(t, cqltext.IsNull(&integer, []byte{}))
	require.False(t, cqltext.IsNull(&text, []byte{}))
	require.False(t, cqltext.IsNull(&cql.Type{Kind: cql.Blob}, []byte{}))
	ints := of(cql.List, integer)
	got, err := cqltext.AppendText(nil, &ints, []byte{0, 0, 0, 1, 0, 0, 0, 0}, "")
	require.NoError(t, err)
	require.Equal(t, "[null]", string(got))
}

func TestWhatIsNoValue(t *testing.T) {
	many := strings.Repeat("9", cqltext.MaxDigits+1)
	vector := cql.Type{Kind: cql.Vector, Dimensions: 2, Elems: []cql.Type{integer}}
	words := cql.Type{Kind: cql.Vector, Dimensions: 2, Elems: []cql.Type{text}}
	for _, c := range []struct {
		t     cql.Type
		texts []string
		says  string
	}{
		{of(cql.Boolean), []string{"", "1", "yes", "'true'"}, "neither True nor False"},
		{integer, []string{"", "1.0", "0x1", "1_000", "secret"}, "no integer"},
		{integer, []string{"2147483648"}, "out of range"},
		{of(cql.Tinyint), []string{"128", "-129"}, "out of range"},
		{of(cql.Varint), []string{"", "-", "+-1", "1-", "1e3"}, "no integer"},
		{of(cql.Varint), []string{many, "-" + many}, "more digits"},
		{of(cql.Decimal), []string{"", ".", "1E", "E5", "1E5.0", "1.-5", "NaN", "1 0"}, "no decimal"},
		{of(cql.Decimal), []string{"1E2147483649", "1E-2147483648", "1E99999999999"}, "out of range"},
		{of(cql.Decimal), []string{many}, "more digits"},
		{of(cql.Float), []string{"", "1,5", "one"}, "no number"},
		{of(cql.Float), []string{"1e39"}, "out of range"},
		{of(cql.Blob), []string{"", "00", "0x0", "0xgg", "'0x00'"}, "no blob"},
		{of(cql.UUID), []string{"", "6f9619ff", "6f9619ff-8b86-4011-b42d_00cf4fc964ff", "6f9619ff-8b86-4011-b42d-00cf4fc964fg"}, "no UUID"},
		{of(cql.Inet), []string{"", "10.0.0", "fe80::1%eth0", "localhost"}, "no IP address"},
		{of(cql.Timestamp), []string{"", "2015-13-01", "2015-02-30", "2015-01-01T", "2015-01-01 24:00", "2015-01-01 12", "2015-01-01 12:00 CET", "2015-01-01x", "20150101T00"}, "no timestamp"},
		{of(cql.Timestamp), []string{"+999999999-01-01", "9223372036854775808"}, "out of range"},
		{of(cql.Date), []string{"", "20150101", "2015-1-1", "2015-00-10", "10000-01-01", "16436"}, "no date"},
		{of(cql.Date), []string{"+5881581-01-01", "-999999999-01-01"}, "out of range"},
		{of(cql.Time), []string{"", "12", "24:00:00", "12:60", "12:00:00.", "12:00:00.0000000001", "12:00:00Z"}, "no time"},
		{of(cql.Duration), []string{"", "-", "1", "y", "1x", "1d1y", "1s1s", "P", "PT", "P1H", "PT1D", "P1DT", "1.5s"}, "no duration"},
		{of(cql.Duration), []string{"2147483648mo", "178956971y", "9223372036854775808ns", "18446744073709551616ns", "99999999999999999h"}, "out of range"},
		{of(cql.Ascii), []string{"é"}, "not ASCII"},
		{text, []string{"\xff"}, "not UTF-8"},
		{of(cql.List, integer), []string{"", "1, 2", "{1}"}, "a list begins with ["},
		{of(cql.List, integer), []string{"[1", "[1, 2"}, "neither a comma nor ]"},
		{of(cql.List, integer), []string{"[1]]", "[1] [2]"}, "more behind the end"},
		{of(cql.List, integer), []string{"['1"}, "quote is not closed"},
		{of(cql.List, integer), []string{"[1}", "[1 2]"}, "no integer"},
		{of(cql.List, of(cql.List, integer)), []string{"['x'[1]]", "[1]"}, "no list"},
		{of(cql.Map, text, integer), []string{"{'a'}", "{'a', 1}", "{'a' 1}"}, "no colon"},
		{of(cql.Tuple, integer, integer), []string{"(1, 2, 3)"}, "no more elements"},
		{street, []string{"{x: 1}", "{: 1}"}, "no such field"},
		{street, []string{"{No: 1, No: 2}"}, "twice"},
		{street, []string{"{name}", "{name 'a'}"}, "no colon"},
		{vector, []string{"[1]", "[]"}, "has 2 elements"},
		{vector, []string{"[1, 2, 3]"}, "no more elements"},
		{vector, []string{"[1, null]"}, "cannot be null"},
		{words, []string{"[a, ]"}, "cannot be null"},
	} {
		for _, bad := range c.texts {
			_, err := cqltext.AppendCell(nil, &c.t, bad, "")
			require.ErrorContains(t, err, c.says, "%v %.80s", c.t, bad)
			require.NotContains(t, err.Error(), "secret")
		}
	}
}

func TestCellsWithoutText(t *testing.T) {
	for _, c := range []struct {
		t    cql.Type
		cell string
	}{
		{integer, "01"}, {of(cql.Inet), "0102"}, {of(cql.Decimal), "00000000"}, {of(cql.Time), "ffffffffffffffff"},
		{of(cql.Time), fmt.Sprintf("%016x", int64(24*3600*1e9))}, {of(cql.Duration), "020100"}, {of(cql.Duration), "02"},
		{of(cql.Varint), strings.Repeat("7f", 1<<16)}, {of(cql.List, integer), ""}, {of(cql.List, integer), "0000000100000001"},
		{of(cql.List, integer), "00000001000000010000"}, {of(cql.Tuple, integer), "0000000400000001ff"},
		{cql.Type{Kind: cql.Vector, Dimensions: 2, Elems: []cql.Type{of(cql.Smallint)}}, "0000"},
		{cql.Type{Kind: cql.UDT}, "00"}, {cql.Type{Kind: 0x99}, "00"},
	} {
		cell, err := hex.DecodeString(c.cell)
		require.NoError(t, err)
		_, err = cqltext.AppendText(nil, &c.t, cell, "")
		require.Error(t, err, "%v %s", c.t, c.cell)
	}
}
