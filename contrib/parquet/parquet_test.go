package parquet_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	pq "github.com/parquet-go/parquet-go"

	"github.com/rxcql/rxcql/contrib/parquet"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/typetest"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
	"github.com/rxcql/rxcql/source"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func rowOf(t *testing.T, columns []cql.Column, cells ...[]byte) source.Row {
	t.Helper()
	var r source.Row
	require.NoError(t, r.UnmarshalRow(columns, cells))
	return r
}

// TestEveryTypeIsTheSameInAFileAndBack writes rows with each value of each CQL type, and null.
func TestEveryTypeIsTheSameInAFileAndBack(t *testing.T) {
	var columns []cql.Column
	most := 0
	for i, c := range typetest.All {
		columns = append(columns, cql.Column{Name: fmt.Sprint("C", i), Type: c.Type})
		most = max(most, len(c.Values))
	}
	var rows []source.Row
	for i := range most + 1 {
		cells := make([][]byte, len(columns))
		for j, c := range typetest.All {
			if i < most {
				var err error
				cells[j], err = c.Type.Marshal(c.Values[i%len(c.Values)].Go)
				require.NoError(t, err)
			}
		}
		rows = append(rows, rowOf(t, columns, cells...))
	}
	path := filepath.Join(t.TempDir(), "all.parquet")
	report, err := parquet.Write[source.Row](path).RowGroup(100_000).Write(t.Context(), rx.From(rows...))
	require.NoError(t, err)
	require.EqualValues(t, len(rows), report.Rows)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, info.Size(), report.Bytes)
	require.Equal(t, os.FileMode(0o600), info.Mode())

	for _, src := range []parquet.Source[source.Row]{parquet.Read[source.Row](path), parquet.Read[source.Row](path).Columns(columns)} {
		back, err := src.Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, back, len(rows))
		for i, r := range rows {
			for j, c := range columns {
				require.Equal(t, r.Cell(j), back[i].Cell(j), "row %d: %v", i, c.Type)
			}
		}
	}
	rest, err := parquet.Read[source.Row](path).From(3).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, rest, len(rows)-3)
	require.True(t, rows[3].Equal(rest[0]))
}

var columns = []cql.Column{
	{Name: "id", Type: cql.Type{Kind: cql.Int}},
	{Name: "Mixed Case", Type: cql.Type{Kind: cql.Varchar}},
	{Name: "tags", Type: cql.Type{Kind: cql.Set, Elems: []cql.Type{{Kind: cql.Varchar}}}},
}

func rowsOf(t *testing.T, n int) []source.Row {
	t.Helper()
	rows := make([]source.Row, n)
	for i := range rows {
		id, err := columns[0].Type.Marshal(i)
		require.NoError(t, err)
		tags, err := columns[2].Type.Marshal(make([]string, i%3))
		require.NoError(t, err)
		rows[i] = rowOf(t, columns, id, fmt.Appendf(nil, "row %d", i), tags)
	}
	return rows
}

func TestRowsKeepTheContract(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.parquet")
	_, err := parquet.Write[source.Row](path).Write(t.Context(), rx.From(rowsOf(t, 5)...))
	require.NoError(t, err)
	rxtest.Source(t, rxtest.Case[int]{New: parquet.Read[int](path).Columns(columns[:1]).Rows, Want: []int{0, 1, 2, 3, 4}})
}

func TestRowsAreReadAsStructs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.parquet")
	_, err := parquet.Write[source.Row](path).Write(t.Context(), rx.From(rowsOf(t, 200)...))
	require.NoError(t, err)
	type row struct {
		ID   int
		Name string `cql:"Mixed Case"`
		Tags []string
	}
	rows, err := parquet.Read[row](path).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, rows, 200)
	require.Equal(t, row{152, "row 152", []string{"", ""}}, rows[152])

	_, err = parquet.Read[struct{ ID int }](path).Rows().Collect(t.Context())
	require.ErrorContains(t, err, "Mixed Case")
	_, err = parquet.Read[string](path).Columns(columns[:1]).Rows().Collect(t.Context())
	require.Error(t, err)
	_, err = parquet.Read[source.Row](path).Columns([]cql.Column{{Name: "none", Type: cql.Type{Kind: cql.Int}}}).Rows().Collect(t.Context())
	require.ErrorContains(t, err, `there is no column "none"`)
}

type reading struct {
	Sensor int32     `parquet:"sensor"`
	At     time.Time `parquet:"at,timestamp(millisecond)"`
	Value  *float64  `parquet:"value"`
}

func TestStructsByTheirOwnTags(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.parquet")
	one := 1.5
	var want []reading
	for i := range 1000 {
		r := reading{Sensor: int32(i), At: time.UnixMilli(int64(i)).UTC()}
		if i%2 == 0 {
			r.Value = &one
		}
		want = append(want, r)
	}
	require.NoError(t, parquet.Write[reading](path).RowGroup(100).Options(pq.Compression(&pq.Snappy)).Sink()(t.Context(), rx.From(want...)))
	got, err := parquet.Read[reading](path).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, got)
	rest, err := parquet.Read[reading](path).From(998).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, want[998:], rest)

	_, err = parquet.Read[source.Row](path).Rows().Collect(t.Context())
	require.ErrorContains(t, err, "say by Columns which to read")
	// What another engine wrote, by the types of a table.
	rows, err := parquet.Read[source.Row](path).Columns([]cql.Column{
		{Name: "at", Type: cql.Type{Kind: cql.Timestamp}}, {Name: "sensor", Type: cql.Type{Kind: cql.Int}},
		{Name: "value", Type: cql.Type{Kind: cql.Double}},
	}).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, rows, 1000)
	require.Equal(t, `{at: 1970-01-01 00:00:00.004 +0000 UTC, sensor: 4, value: 1.5}`, rows[4].String())
	require.Nil(t, rows[5].Cell(2))
}

func TestNobodySeesHalfAFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.parquet")
	rows := rowsOf(t, 100)
	_, err := parquet.Write[source.Row](path).Write(t.Context(), func(ctx context.Context, yield func(source.Row) bool) error {
		require.NoError(t, rx.From(rows...)(ctx, yield))
		require.NoFileExists(t, path)
		return io.ErrUnexpectedEOF
	})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)

	bad := rowOf(t, columns, []byte("abc"), nil, nil)
	_, err = parquet.Write[source.Row](path).Write(t.Context(), rx.From(rows[0], bad, rows[1]))
	require.ErrorContains(t, err, `row 1 of the stream: column "id": the cell has 3 bytes`)
	other := rowOf(t, columns[:2], nil, nil)
	_, err = parquet.Write[source.Row](path).Write(t.Context(), rx.From(rows[0], other))
	require.ErrorContains(t, err, "row 1 of the stream: the row has 2 columns, and the file 3")
	_, err = parquet.Write[source.Row](path).Write(t.Context(), rx.Empty[source.Row]())
	require.ErrorContains(t, err, "say by Columns")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)

	report, err := parquet.Write[source.Row](path).Columns(columns).Mode(0o640).Write(t.Context(), rx.Empty[source.Row]())
	require.NoError(t, err)
	require.Zero(t, report.Rows)
	none, err := parquet.Read[source.Row](path).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Empty(t, none)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode())
}

func TestWhatIsNoFileOfParquet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.parquet")
	_, err := parquet.Read[source.Row](path).Rows().Collect(t.Context())
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.WriteFile(path, []byte("PAR1 geheim PAR1"), 0o600))
	_, err = parquet.Read[source.Row](path).Rows().Collect(t.Context())
	require.ErrorContains(t, err, "a.parquet")
}

func TestANullInsideAndMissingParts(t *testing.T) {
	text := cql.Type{Kind: cql.Varchar}
	of := func(k cql.Kind, elems ...cql.Type) cql.Type { return cql.Type{Kind: k, Elems: elems} }
	columns := []cql.Column{
		{Name: "list", Type: of(cql.List, text)}, {Name: "pair", Type: of(cql.Tuple, text, text)},
		{Name: "map", Type: of(cql.Map, text, of(cql.List, text))}, {Name: "n", Type: cql.Type{Kind: cql.Int}},
	}
	row := rowOf(t, columns, []byte("\x00\x00\x00\x03\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x01x"), []byte("\x00\x00\x00\x01x"),
		[]byte("\x00\x00\x00\x02\x00\x00\x00\x01a\xff\xff\xff\xff\x00\x00\x00\x01b\x00\x00\x00\x04\x00\x00\x00\x00"), []byte{})
	path := filepath.Join(t.TempDir(), "a.parquet")
	_, err := parquet.Write[source.Row](path).Write(t.Context(), rx.From(row))
	require.NoError(t, err)
	back, err := parquet.Read[source.Row](path).Rows().First(t.Context())
	require.NoError(t, err)
	require.Equal(t, row.Cell(0), back.Cell(0))
	require.Equal(t, "\x00\x00\x00\x01x\xff\xff\xff\xff", string(back.Cell(1)))
	require.Equal(t, row.Cell(2), back.Cell(2))
	require.Nil(t, back.Cell(3))

	key := rowOf(t, columns, nil, nil, []byte("\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff"), nil)
	_, err = parquet.Write[source.Row](path).Write(t.Context(), rx.From(key))
	require.ErrorContains(t, err, "null for a key")
}
