package source_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/source"
)

func TestHeadersThatAreNotWhatWasExpected(t *testing.T) {
	type row struct{ K, V int }
	for in, want := range map[string]string{
		"K,V\n1,2\n":         `source: 1:1: column "k": the header has no such column, but "K", "V"; names are told apart by case: see Rename; ask`,
		"k;v\n1;2\n":         `column "k": the header has no such column, but "k;v"; is ';' what stands between values? See Delimiter; ask`,
		"k\tv\n1\t2\n":       `is '\t' what stands between values?`,
		"k,w\n1,2\n":         `column "v": the header has no such column, but "k", "w"; ask for a lenient reading`,
		"k,v,extra\n1,2,3\n": `column "extra": nobody asked for this column of the header, but for "k", "v"; ask`,
		"":                   "source: 1:1: there is nothing in it, not even a line with the names of the columns",
		strings.Repeat("c,", 40) + strings.Repeat("x", 100) + "\n": "twice",
	} {
		_, err := source.CSV[row](text(in)).Rows().Collect(t.Context())
		require.ErrorContains(t, err, want, "%q", in)
		require.ErrorIs(t, err, cql.Malformed)
	}
	var many strings.Builder
	for i := range 40 {
		many.WriteString(strings.Repeat("x", 60+i) + ",")
	}
	_, err := source.CSV[row](text(many.String() + "z\n")).Rows().Collect(t.Context())
	require.ErrorContains(t, err, strings.Repeat("x", 60)+"…")
	require.ErrorContains(t, err, "and 11 more")

	for _, none := range []source.CSVText[row]{source.CSV[row](text("")).Lenient(), source.CSV[row](text("")).NoHeader()} {
		rows, err := none.Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Empty(t, rows)
	}
}

func TestColumnsUnderOtherNames(t *testing.T) {
	type row struct{ K, V int }
	names := map[string]string{"Order ID": "k", "V": "v"}
	csv := source.CSV[row](text("V,Order ID\n2,1\n")).Rename(names)
	names["V"] = "x" // the reading has its own
	rows, err := csv.Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []row{{1, 2}}, rows)

	short := source.CSV[row](text("k,v\n1,2\n")).Rename(map[string]string{"K": "k"})
	_, err = short.Rows().Collect(t.Context())
	require.ErrorContains(t, err, `the header does not have all columns that Rename names; it has "k", "v"`)
	rows, err = short.Lenient().Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, rows, 1)
	_, err = source.CSV[row](text("k,v\n1,2\n")).Rename(map[string]string{"k": "v"}).Rows().Collect(t.Context())
	require.ErrorContains(t, err, "twice")
	require.Panics(t, func() { csv.Rename(map[string]string{"a": "k", "b": "k"}) })
	require.Panics(t, func() { csv.NoHeader().Rows() })
}
