package source_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/files"
	"github.com/rxcql/rxcql/internal/typetest"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

type measure struct {
	Sensor int     `json:"sensor" cql:"sensor"`
	Value  float64 `json:"value" cql:"value"`
	Note   string  `json:"note,omitempty" cql:"note"`
}

func text(s string) source.Opener {
	return func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }
}

func TestJSONLines(t *testing.T) {
	rows, err := source.JSONL[measure](text("\ufeff" + `{"sensor": 1, "value": 2.5}` + "\r\n\n  \n" + `{"VALUE": 3, "note": "x", "sensor": 2}`)).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []measure{{1, 2.5, ""}, {2, 3, "x"}}, rows)

	pointers, err := source.JSONL[*measure](text(`{"sensor": 1, "value": 2.5}`)).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []*measure{{1, 2.5, ""}}, pointers)

	anys, err := source.JSONL[any](text("1\n\"a\"\n[null]\n")).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []any{1.0, "a", []any{nil}}, anys)

	none, err := source.JSONL[int](text("")).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestJSONLinesKeepTheContract(t *testing.T) {
	rxtest.Source(t, rxtest.Case[int]{New: source.JSONL[int](text("0\n1\n2\n3\n")).Rows, Want: upTo(4)})
	rxtest.Source(t, rxtest.Case[int]{New: source.JSONL[int](text("0\n1\nx\n3\n")).Rows, Want: upTo(2), Err: cql.Malformed})
}

func TestLinesThatAreNoRows(t *testing.T) {
	type tagged struct {
		N int8      `json:"n"`
		T time.Time `json:"t,omitzero"`
	}
	for line, want := range map[string]string{
		`{"n": }`:                  `x.jsonl:2:7: invalid character '}' looking for beginning of value`,
		`{"n": 1`:                  `x.jsonl:2:8: the value has no end`,
		`{"n": 1} 2`:               `x.jsonl:2:9: there is more behind the value`,
		`{"n": 300}`:               `x.jsonl:2:9: column "n": a JSON number does not fit a Go int8`,
		`{"n": "geheim"}`:          `x.jsonl:2:14: column "n": a JSON string does not fit a Go int8`,
		`{"n": 1, "x": 2}`:         `x.jsonl:2:1: unknown field "x", but "n": names are those of tags ` + "`json:\"name\"`" + `, or of the fields; a lenient reader passes over it`,
		`{}`:                       `x.jsonl:2:1: column "n": it is missing; a lenient reader takes the zero value`,
		`null`:                     `x.jsonl:2:1: it is no object`,
		`{"n": 1, "t": "geheim"}`:  `x.jsonl:2:1: a value is refused by the Go type of its field (*time.ParseError)`,
		`{"n": ` + "\xff" + `}`:    `x.jsonl:2:7: invalid character 'ÿ' looking for beginning of value`,
		strings.Repeat("x", 1<<17): "x.jsonl:2:1: the line has 131073 bytes, more than the 100000 that are allowed",
	} {
		var file source.Opener = source.Reader("x.jsonl", strings.NewReader("{\"n\": 1}\n"+line+"\n{\"n\": 2}\n"))
		var wrong []*source.TextError
		records, err := source.JSONL[tagged](file).MaxLine(100_000).OnError(func(_ context.Context, e *source.TextError) error {
			wrong = append(wrong, e)
			return nil
		}).Records().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, records, 2)
		require.Equal(t, int64(2), records[1].Start.Line)
		require.Len(t, wrong, 1)
		require.EqualError(t, wrong[0], "source: "+want)
		require.NotContains(t, wrong[0].Error(), "geheim")
		require.Equal(t, (line + "\n")[:min(len(line)+1, 100_000)], string(wrong[0].Record))

		file = source.Reader("x.jsonl", strings.NewReader("{\"n\": 1}\n"+line+"\n{\"n\": 2}\n"))
		rows, err := source.JSONL[tagged](file).MaxLine(100_000).Rows().Collect(t.Context())
		require.EqualError(t, err, "source: "+want)
		require.ErrorIs(t, err, cql.Malformed)
		require.Len(t, rows, 1)
	}
	lenient, err := source.JSONL[tagged](text(`{"x": 1}`)).Lenient().Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []tagged{{}}, lenient)

	stop := errors.New("stop")
	err = source.JSONL[int](text("x")).OnError(func(context.Context, *source.TextError) error { return stop }).Rows().ForEach(t.Context(), nil)
	require.ErrorIs(t, err, stop)
}

func TestReadingGoesOnAtAPosition(t *testing.T) {
	var plain, packed bytes.Buffer
	for i := range 5000 {
		fmt.Fprintf(&plain, "%d\n%s", i, strings.Repeat(" \n", i%3))
	}
	z := gzip.NewWriter(&packed)
	_, err := z.Write(plain.Bytes())
	require.NoError(t, err)
	require.NoError(t, z.Close())
	dir := t.TempDir()
	for name, content := range map[string][]byte{"a": plain.Bytes(), "b": packed.Bytes()} {
		path := filepath.Join(dir, name)
		require.NoError(t, files.Write(path, files.Private, content))
		lines := source.JSONL[int](source.File(path))
		records, err := lines.Records().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, records, 5000)
		for _, from := range []int{0, 1, 777, 4998, 4999} {
			rest, err := lines.From(records[from].End).Records().Collect(t.Context())
			require.NoError(t, err)
			require.Equal(t, records[from+1:], append([]source.Record[int]{}, rest...))
		}
		err = lines.From(source.Position{Offset: 1 << 30}).Rows().ForEach(t.Context(), nil)
		require.ErrorContains(t, err, "before the position to go on from")
	}
}

func TestATextThatEndsTooEarlyGivesNoHalfRow(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write([]byte("1234\n5678\n"))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	cut := source.Reader("cut.gz", bytes.NewReader(packed.Bytes()[:packed.Len()-8]))
	_, err = source.JSONL[int](cut).Rows().Collect(t.Context())
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.ErrorContains(t, err, "source: cut.gz:")
}

func TestWhatCannotBeOpened(t *testing.T) {
	err := source.JSONL[int](source.File(filepath.Join(t.TempDir(), "none"))).Rows().ForEach(t.Context(), nil)
	require.ErrorIs(t, err, os.ErrNotExist)
	once := source.JSONL[int](source.Reader("a", strings.NewReader("1"))).Rows()
	require.NoError(t, once.ForEach(t.Context(), func(int) error { return nil }))
	require.ErrorIs(t, once.ForEach(t.Context(), nil), rx.ErrConsumed)
	require.ErrorContains(t, source.JSONL[source.Row](text("")).Rows().ForEach(t.Context(), nil), "say which by Columns")
	require.Panics(t, func() { source.JSONL[int](nil) })
	require.Panics(t, func() { source.JSONL[int](text("")).MaxLine(0) })
}

func TestRowsOfJSONByTheirColumns(t *testing.T) {
	columns := []cql.Column{
		{Name: "sensor", Type: cql.Type{Kind: cql.Int}}, {Name: "value", Type: cql.Type{Kind: cql.Double}}, {Name: "note", Type: cql.Type{Kind: cql.Varchar}},
	}
	const lines = `{"sensor": 1, "value": "NaN", "note": null}` + "\n" + `{"note": "x", "value": -0.0, "sensor": 2}` + "\n"
	type row struct {
		Sensor int
		Value  float64
		Note   *string
	}
	structs, err := source.JSONL[row](text(lines)).Columns(columns).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Nil(t, structs[0].Note)
	require.Equal(t, "x", *structs[1].Note)

	rows := source.JSONL[source.Row](text(lines)).Columns(columns).Rows()
	var back bytes.Buffer
	_, err = sink.To(&back, sink.JSONL[source.Row]()).Write(t.Context(), rows)
	require.NoError(t, err)
	require.Equal(t, `{"sensor": 1, "value": "NaN", "note": null}`+"\n"+`{"sensor": 2, "value": -0.0, "note": "x"}`+"\n", back.String())

	_, err = source.JSONL[source.Row](text(lines + `{"sensor": 1, "value": true, "note": null}`)).Columns(columns).Rows().Collect(t.Context())
	require.EqualError(t, err, `source: 3:24: column "value": true is no double`)
	_, err = source.JSONL[measure](text(lines)).Columns(columns).Rows().Collect(t.Context())
	require.ErrorIs(t, err, source.ErrNull)
	_, err = source.JSONL[measure](text(lines)).Columns(columns[:2]).Rows().Collect(t.Context())
	require.ErrorContains(t, err, "Note")
}

// TestEveryTypeIsTheSameInAFileAndBack writes rows with each value of each CQL type, null and empty ones too.
func TestEveryTypeIsTheSameInAFileAndBack(t *testing.T) {
	var columns []cql.Column
	most := 0
	for i, c := range typetest.All {
		columns = append(columns, cql.Column{Name: fmt.Sprint("C", i), Type: c.Type})
		most = max(most, len(c.Values))
	}
	var rows []source.Row
	for i := range most + 2 {
		cells := make([][]byte, len(columns))
		for j, c := range typetest.All {
			var err error
			switch {
			case i == 0:
			case i == 1 && c.Type.Kind != cql.Duration:
				cells[j] = []byte{}
			default:
				cells[j], err = c.Type.Marshal(c.Values[i%len(c.Values)].Go)
			}
			require.NoError(t, err)
		}
		var r source.Row
		require.NoError(t, r.UnmarshalRow(columns, cells))
		rows = append(rows, r)
	}
	path := filepath.Join(t.TempDir(), "all.jsonl.zst")
	report, err := sink.File(path, sink.JSONL[source.Row]()).Write(t.Context(), rx.From(rows...))
	require.NoError(t, err)
	require.EqualValues(t, len(rows), report.Rows)
	back, err := source.JSONL[source.Row](source.File(path)).Columns(columns).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, back, len(rows))
	for i, r := range rows {
		require.True(t, r.Equal(back[i]), "row %d", i)
	}
}
