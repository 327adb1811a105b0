package sink_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
)

func jsonlOf[T any](t *testing.T, f sink.JSONLines[T], items ...T) (string, error) {
	t.Helper()
	var to bytes.Buffer
	_, err := sink.To(&to, f).Write(t.Context(), rx.From(items...))
	return to.String(), err
}

// TestJSONLinesByColumns writes what INSERT JSON takes, in the columns' order.
func TestJSONLinesByColumns(t *testing.T) {
	columns := []cql.Column{
		{Name: "Key", Type: cql.Type{Kind: cql.Int}}, {Name: "dec", Type: cql.Type{Kind: cql.Decimal}},
		{Name: "null", Type: cql.Type{Kind: cql.Varchar}}, {Name: "at", Type: cql.Type{Kind: cql.Date}},
	}
	format := sink.JSONL[everything]().Columns(columns)
	got, err := jsonlOf(t, format, someOfEverything, someOfEverything)
	require.NoError(t, err)
	want := `{"\"Key\"": -1, "dec": "1.2", "null": null, "at": "2026-01-02"}` + "\n"
	require.Equal(t, want+want, got)
	got, err = jsonlOf(t, sink.JSONL[*everything]().Columns(columns), &someOfEverything, nil)
	require.ErrorContains(t, err, "row 1 of the stream: the item is nil")
	require.Equal(t, want, got)

	row := cells{columns[:1], [][]byte{{0, 0, 0, 1}}}
	got, err = jsonlOf(t, sink.JSONL[sink.Schematic]().Columns(columns[:1]), sink.Schematic(row))
	require.NoError(t, err)
	require.Equal(t, `{"\"Key\"": 1}`+"\n", got)
	_, err = jsonlOf(t, sink.JSONL[cells]().Columns(columns), row)
	require.ErrorContains(t, err, "row 0 of the stream: the row has 1 columns, and the file 4")
	_, err = jsonlOf(t, sink.JSONL[cells]().Columns([]cql.Column{{Name: "Key", Type: cql.Type{Kind: cql.Bigint}}}), row)
	require.ErrorContains(t, err, `column 0 of the row is "Key" int, and of the file "Key" bigint`)

	_, err = jsonlOf(t, sink.JSONL[everything]().Columns([]cql.Column{{Name: "nope", Type: cql.Type{Kind: cql.Int}}}))
	require.ErrorContains(t, err, `column "nope": sink_test.everything has no field for it`)
	_, err = jsonlOf(t, sink.JSONL[int]().Columns(columns))
	require.ErrorContains(t, err, "int is neither a struct")
}
