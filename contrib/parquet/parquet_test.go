package parquet_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gopkg.in/inf.v0"

	pq "github.com/parquet-go/parquet-go"

	"github.com/rxcql/rxcql/contrib/parquet"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/typetest"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/rx/rxtest"
	"github.com/rxcql/rxcql/sink"
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
	Sensor int32
	At     time.Time
	Value  *float64
	Price  *inf.Dec
	Huge   big.Int
	ID     gocql.UUID
	Count  sql.Null[int]
	Note   string `cql:"Remark"`
	Not    int    `cql:"-"`
}

func readings(n int) []reading {
	one := 1.5
	var all []reading
	for i := range n {
		r := reading{Sensor: int32(i), At: time.UnixMilli(int64(i)).UTC(), Price: inf.NewDec(int64(i+1), 2), Huge: *big.NewInt(int64(i + 1)), ID: gocql.UUID{byte(i)}}
		if i%2 == 0 {
			r.Value, r.Note, r.Count = &one, "even", sql.Null[int]{V: i, Valid: true}
		}
		all = append(all, r)
	}
	return all
}

func TestStructsLoseNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.parquet")
	want := readings(1000)
	require.NoError(t, parquet.Write[reading](path).RowGroup(5000).Options(pq.Compression(&pq.Snappy)).Sink()(t.Context(), rx.From(want...)))
	got, err := parquet.Read[reading](path).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, got)
	rest, err := parquet.Read[reading](path).From(998).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, want[998:], rest)
	row, err := parquet.Read[source.Row](path).From(4).Rows().First(t.Context())
	require.NoError(t, err)
	require.Equal(t, `{sensor: 4, at: 1970-01-01 00:00:00.004 +0000 UTC, value: 1.5, price: 0.05, huge: 5, `+
		`id: 04000000-0000-0000-0000-000000000000, count: 4, Remark: "even"}`, row.String())

	pointers := []*reading{&want[0], &want[1]}
	_, err = parquet.Write[*reading](path).Write(t.Context(), rx.From(pointers...))
	require.NoError(t, err)
	back, err := parquet.Read[*reading](path).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, pointers, back)
	_, err = parquet.Write[*reading](path).Write(t.Context(), rx.From(pointers[0], nil))
	require.ErrorContains(t, err, "row 1 of the stream: the item is nil")

	_, err = parquet.Write[struct{ A any }](filepath.Join(t.TempDir(), "b.parquet")).Write(t.Context(), rx.Empty[struct{ A any }]())
	require.ErrorContains(t, err, `column "a" (field A): interface {} may be anything`)
	_, err = parquet.Write[int](path).Write(t.Context(), rx.From(1))
	require.ErrorContains(t, err, "int is neither a struct")
}

// TestOneStructMeansTheSameInEveryFormat writes structs by columns and reads them back, and what one format has is what
// the others have.
func TestOneStructMeansTheSameInEveryFormat(t *testing.T) {
	columns := []cql.Column{
		{Name: "Remark", Type: cql.Type{Kind: cql.Ascii}}, {Name: "sensor", Type: cql.Type{Kind: cql.Bigint}},
		{Name: "at", Type: cql.Type{Kind: cql.Timestamp}}, {Name: "price", Type: cql.Type{Kind: cql.Decimal}}, {Name: "count", Type: cql.Type{Kind: cql.Int}},
	}
	dir, src := t.TempDir(), rx.From(readings(10)...)
	_, err := sink.File(filepath.Join(dir, "a.csv"), sink.CSV[reading]().Columns(columns)).Write(t.Context(), src)
	require.NoError(t, err)
	_, err = sink.File(filepath.Join(dir, "a.jsonl"), sink.JSONL[reading]().Columns(columns)).Write(t.Context(), src)
	require.NoError(t, err)
	_, err = parquet.Write[reading](filepath.Join(dir, "a.parquet")).Columns(columns).Write(t.Context(), src)
	require.NoError(t, err)

	want, err := source.CSV[source.Row](source.File(filepath.Join(dir, "a.csv"))).Columns(columns).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, want, 10)
	require.Equal(t, `{Remark: "even", sensor: 2, at: 1970-01-01 00:00:00.002 +0000 UTC, price: 0.03, count: 2}`, want[2].String())
	lines, err := source.JSONL[source.Row](source.File(filepath.Join(dir, "a.jsonl"))).Columns(columns).Rows().Collect(t.Context())
	require.NoError(t, err)
	rows, err := parquet.Read[source.Row](filepath.Join(dir, "a.parquet")).Rows().Collect(t.Context())
	require.NoError(t, err)
	for i := range want {
		require.True(t, want[i].Equal(lines[i]), "%v is %v in JSON lines", want[i], lines[i])
		require.True(t, want[i].Equal(rows[i]), "%v is %v in Parquet", want[i], rows[i])
	}

	columns[0].Name = "nope"
	for _, err := range []error{
		sink.File(filepath.Join(dir, "b"), sink.CSV[reading]().Columns(columns)).Sink()(t.Context(), src),
		sink.File(filepath.Join(dir, "b"), sink.JSONL[reading]().Columns(columns)).Sink()(t.Context(), src),
		parquet.Write[reading](filepath.Join(dir, "b")).Columns(columns).Sink()(t.Context(), src),
	} {
		require.ErrorContains(t, err, `column "nope": parquet_test.reading has no field for it`)
	}
}

// TestAFileOfAnotherProgram reads what parquet-go wrote by its own rules.
func TestAFileOfAnotherProgram(t *testing.T) {
	type theirs struct {
		Sensor int32     `parquet:"sensor"`
		At     time.Time `parquet:"at,timestamp(microsecond)"`
		Value  *float64  `parquet:"value"`
	}
	path := filepath.Join(t.TempDir(), "a.parquet")
	one := 1.5
	at := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)
	require.NoError(t, pq.WriteFile(path, []theirs{{4, at, &one}, {5, at, nil}}))

	type ours struct {
		Sensor int
		At     time.Time
		Value  *float64
	}
	got, err := parquet.Read[ours](path).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []ours{{4, at, &one}, {5, at, nil}}, got)
	_, err = parquet.Read[source.Row](path).Rows().Collect(t.Context())
	require.ErrorContains(t, err, "say by Columns which to read")
	_, err = parquet.Read[struct{ Nope int }](path).Rows().Collect(t.Context())
	require.ErrorContains(t, err, `there is no column "nope"`)
	rows, err := parquet.Read[source.Row](path).Columns([]cql.Column{
		{Name: "at", Type: cql.Type{Kind: cql.Timestamp}}, {Name: "sensor", Type: cql.Type{Kind: cql.Int}},
		{Name: "value", Type: cql.Type{Kind: cql.Double}},
	}).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, `{at: 2026-01-02 03:04:05.006 +0000 UTC, sensor: 4, value: 1.5}`, rows[0].String())
	require.Nil(t, rows[1].Cell(2))
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

// TestAMonitorSeesFiles as sources and sinks, by their names.
func TestAMonitorSeesFiles(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	ctx := flow.With(t.Context(), m)
	type row struct{ N int }
	path := filepath.Join(t.TempDir(), "numbers.parquet")
	_, err := parquet.Write[row](path).Write(ctx, rx.From(row{1}, row{2}))
	require.NoError(t, err)
	rows, err := parquet.Read[row](path).Rows().Collect(ctx)
	require.NoError(t, err)
	require.Len(t, rows, 2)
	var seen []string
	for _, run := range m.Snapshot().Runs {
		for _, s := range run.Stages {
			if strings.HasPrefix(s.Name, "parquet") {
				seen = append(seen, fmt.Sprint(s.Kind, " ", s.Name, ": ", s.In, " in, ", s.Out, " out"))
			}
		}
	}
	require.ElementsMatch(t, []string{"sink parquet numbers.parquet: 2 in, 0 out", "source parquet numbers.parquet: 0 in, 2 out"}, seen)
}
