package source_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/typetest"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

type csvRow struct {
	ID   int
	Note *string
	At   time.Time `cql:"when"`
}

var january = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func TestCSV(t *testing.T) {
	empty, quoted := "", "a\r\n\"b\""
	rows, err := source.CSV[csvRow](text("\ufeffwhen, id ,note\r\n2026-01-01,1,\r\n\r\n2026-01-01T00:00Z, 2 ,\"\"\r\n1767225600000,3,\"a\r\n\"\"b\"\"\"")).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []csvRow{{1, nil, january}, {2, &empty, january}, {3, &quoted, january}}, rows)

	pointers, err := source.CSV[*csvRow](text("1|NULL|2026-01-01\n2|'NULL'|2026-01-01\n3|\"NULL\"|2026-01-01")).NoHeader().Delimiter('|').Null("NULL").Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Nil(t, pointers[0].Note)
	require.Equal(t, "'NULL'", *pointers[1].Note)
	require.Equal(t, "NULL", *pointers[2].Note)

	columns := []cql.Column{{Name: "a", Type: cql.Type{Kind: cql.Int}}, {Name: "b", Type: cql.Type{Kind: cql.Varchar}}}
	maps, err := source.CSV[map[string]any](text(`b,a` + "\n" + `x\,y,1` + "\n" + `"\"",`)).Columns(columns).Escape('\\').Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []map[string]any{{"a": 1, "b": "x,y"}, {"a": nil, "b": `"`}}, maps)

	none, err := source.CSV[csvRow](text("")).Lenient().Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestCSVKeepsTheContract(t *testing.T) {
	ids := func(s string) func() rx.Observable[int] {
		return source.CSV[int](text(s)).Columns([]cql.Column{{Name: "n", Type: cql.Type{Kind: cql.Int}}}).Rows
	}
	rxtest.Source(t, rxtest.Case[int]{New: ids("n\n0\n1\n2\n3\n"), Want: upTo(4)})
	rxtest.Source(t, rxtest.Case[int]{New: ids("n\n0\n1\nx\n3\n"), Want: upTo(2), Err: cql.Malformed})
}

func TestColumnsThatDoNotFit(t *testing.T) {
	for _, c := range []struct{ header, says string }{
		{"id,note", `people.csv:1:1: column "when": the header has no such column`},
		{"id,note,when,more", `people.csv:1:1: column "more": nobody asked for this column`},
		{"id,note,id", `people.csv:1:9: column "id": the header has this column twice; if it is a row and no header, see NoHeader`},
		{"id,\"note", `people.csv:1:4: the quote that the field begins with is not closed`},
	} {
		_, err := source.CSV[csvRow](named(c.header + "\n")).OnError(source.SkipText).Rows().Collect(t.Context())
		require.ErrorContains(t, err, c.says)
		require.ErrorIs(t, err, cql.Malformed)
	}
	rows, err := source.CSV[csvRow](text("more,id\nx,7\n")).Lenient().Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []csvRow{{ID: 7}}, rows)

	columns := []cql.Column{{Name: "a", Type: cql.Type{Kind: cql.Int}}, {Name: "b", Type: cql.Type{Kind: cql.Varchar}}}
	row, err := source.CSV[source.Row](text("more,b\n1,x\n")).Columns(columns).Lenient().Rows().First(t.Context())
	require.NoError(t, err)
	require.Equal(t, columns, row.Columns())
	require.Nil(t, row.Cell(0))

	_, err = source.CSV[source.Row](text("a\n1\n")).Rows().First(t.Context())
	require.ErrorContains(t, err, "say which they are for a source.Row by Columns")
	_, err = source.CSV[struct{ A any }](text("a\n1\n")).Rows().First(t.Context())
	require.ErrorContains(t, err, `column "a" (field A)`)
	_, err = source.CSV[csvRow](text("a,b\n")).Columns(columns).Rows().First(t.Context())
	require.ErrorContains(t, err, `column "a"`)
	_, err = source.CSV[csvRow](func(context.Context) (io.ReadCloser, error) { return nil, io.ErrClosedPipe }).Rows().First(t.Context())
	require.ErrorIs(t, err, io.ErrClosedPipe)

	require.Panics(t, func() { source.CSV[csvRow](nil) })
	require.Panics(t, func() { source.CSV[csvRow](text("")).Delimiter('\n') })
	require.Panics(t, func() { source.CSV[csvRow](text("")).Escape(0x80) })
	require.Panics(t, func() { source.CSV[csvRow](text("")).MaxLine(0) })
	require.Panics(t, func() { source.CSV[csvRow](text("")).Escape(',').Rows() })
	require.Panics(t, func() { source.CSV[csvRow](text("")).Quote(',').Rows() })
	require.Panics(t, func() { source.CSV[csvRow](text("")).Quote('\r') })
}

// named is a text with a name.
func named(s string) source.Opener {
	return func(context.Context) (io.ReadCloser, error) { return file{strings.NewReader(s)}, nil }
}

type file struct{ io.Reader }

func (file) Name() string { return "people.csv" }
func (file) Close() error { return nil }

func TestRecordsThatAreNoRows(t *testing.T) {
	const people = "id,note,when\n" + // 1
		"1,,2026-01-01\n" + // 2
		"x,,2026-01-01\n" + // 3: no integer
		"3,\"two\nlines\",secret\n" + // 4, 5: no timestamp
		"4,a\"b,2026-01-01\n" + // 6: a quote
		"5,2026-01-01\n" + // 7: two fields
		",,2026-01-01\n" + // 8: null for an int
		"7,,2026-01-01\n"
	var wrong []*source.TextError
	keep := func(_ context.Context, e *source.TextError) error { wrong = append(wrong, e); return nil }
	rows, err := source.CSV[csvRow](named(people)).OnError(keep).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []csvRow{{1, nil, january}, {7, nil, january}}, rows)
	says := []string{
		`source: people.csv:3:1: column "id": it is no integer`,
		`source: people.csv:5:8: column "when": it is no timestamp such as 2006-01-02 15:04:05.000+0000`,
		`source: people.csv:6:4: there is a quote in a field that does not begin with one; it belongs in quotes, and doubled`,
		`source: people.csv:7:1: the record has 2 fields, and there are 3 columns`,
		`source: people.csv:8:1: column "id" into int (field ID): null; make it a pointer to tell null from a value`,
	}
	require.Len(t, wrong, len(says))
	records := []string{"x,,2026-01-01\n", "3,\"two\nlines\",secret\n", "4,a\"b,2026-01-01\n", "5,2026-01-01\n", ",,2026-01-01\n"}
	for i, e := range wrong {
		require.EqualError(t, e, says[i])
		require.Equal(t, records[i], string(e.Record))
		require.ErrorIs(t, e, cql.Malformed)
	}

	rows, err = source.CSV[csvRow](named(people)).Rows().Collect(t.Context())
	require.EqualError(t, err, says[0])
	require.Len(t, rows, 1, "after all rows before it")
	enough := errors.New("enough")
	_, err = source.CSV[csvRow](named(people)).OnError(func(context.Context, *source.TextError) error { return enough }).Rows().Collect(t.Context())
	require.Equal(t, enough, err)

	broken := func(context.Context) (io.ReadCloser, error) {
		return file{io.MultiReader(strings.NewReader(people[:30]), iotest.ErrReader(io.ErrUnexpectedEOF))}, nil
	}
	_, err = source.CSV[csvRow](broken).OnError(source.SkipText).Rows().Collect(t.Context())
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.ErrorContains(t, err, "people.csv:3")
	require.NotErrorIs(t, err, cql.Malformed)
}

// TestCSVGoesOnFromAnyRecord with just those behind it, and says the same of what is wrong with them.
func TestCSVGoesOnFromAnyRecord(t *testing.T) {
	type row struct {
		K int
		V string
	}
	rapid.Check(t, func(r *rapid.T) {
		line := rapid.SampledFrom([]string{"1,a", "2,\"b\nc\"", "x,y", "", "3,\"\"\"\"", "4,\"open", "5,é", "6"})
		header := rapid.SampledFrom([]string{"k,v\n", "\ufeffk,v\r\n", "\"k\",\"v\"\n", ""}).Draw(r, "header")
		s := header + strings.Join(rapid.SliceOf(line).Draw(r, "lines"), rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(r, "newline"))
		var wrong []string
		csv := source.CSV[row](text(s)).OnError(func(_ context.Context, e *source.TextError) error {
			wrong = append(wrong, e.Error())
			return nil
		})
		if header == "" {
			csv = csv.NoHeader()
		}
		all, err := csv.Records().Collect(context.Background())
		require.NoError(r, err)
		inAll := wrong
		for i, record := range all {
			require.LessOrEqual(r, record.Start.Offset, record.End.Offset)
			wrong = nil
			rest, err := csv.From(record.End).Records().Collect(context.Background())
			require.NoError(r, err)
			require.Equal(r, all[i+1:], append(all[:0:0], rest...))
			require.Equal(r, inAll[len(inAll)-len(wrong):], append(inAll[:0:0], wrong...))
		}
	})
	_, err := source.CSV[row](named("k,v\n1,a\n")).From(source.Position{Offset: 100, Line: 7}).Rows().Collect(t.Context())
	require.ErrorContains(t, err, "it ends before byte 100, the position to go on from")
}

// TestEveryTypeToCSVAndBack: rows of all types, null, empty and extremes, are the same cell by cell.
func TestEveryTypeToCSVAndBack(t *testing.T) {
	columns := make([]cql.Column, len(typetest.All))
	most := 0
	for i, c := range typetest.All {
		columns[i] = cql.Column{Name: fmt.Sprint("v", i), Type: c.Type}
		most = max(most, len(c.Values))
	}
	var rows []source.Row
	for n := range most + 1 {
		cells := make([][]byte, len(columns))
		for i, c := range typetest.All {
			if n < len(c.Values) {
				cell, err := c.Type.Marshal(c.Values[n].Go)
				require.NoError(t, err)
				cells[i] = cell
			}
		}
		var row source.Row
		require.NoError(t, row.UnmarshalRow(columns, cells))
		rows = append(rows, row)
	}
	path := filepath.Join(t.TempDir(), "all.csv.zst")
	for _, null := range []string{"", "null", `\N`} {
		_, err := sink.File(path, sink.CSV[source.Row]().Null(null)).Write(t.Context(), rx.From(rows...))
		require.NoError(t, err)
		back, err := source.CSV[source.Row](source.File(path)).Columns(columns).Null(null).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, back, len(rows))
		for i := range rows {
			for at, c := range columns {
				require.Equal(t, rows[i].Cell(at), back[i].Cell(at), "%v", c.Type)
			}
			require.True(t, rows[i].Equal(back[i]))
		}
	}
}

// TestAnyTextsToCSVAndBack: whatever stands between values, for null and in front of quotes.
func TestAnyTextsToCSVAndBack(t *testing.T) {
	type row struct{ A, B *string }
	type one struct{ A *string }
	rapid.Check(t, func(r *rapid.T) {
		value := rapid.Ptr(rapid.StringOf(rapid.SampledFrom([]rune("ab \",;\r\n\t'\\N\ufeff"))), true)
		delimiter := rapid.SampledFrom([]byte(",;\t|")).Draw(r, "delimiter")
		quote := rapid.SampledFrom([]byte("\"'$")).Draw(r, "quote")
		escape := rapid.SampledFrom([]byte{0, '\\', '"'}).Draw(r, "escape")
		null := rapid.SampledFrom([]string{"", "a", "N", "NULL"}).Draw(r, "null")
		rows := rapid.SliceOf(rapid.Custom(func(r *rapid.T) row { return row{value.Draw(r, "a"), value.Draw(r, "b")} })).Draw(r, "rows")
		ones := make([]one, len(rows))
		for i := range rows {
			ones[i].A = rows[i].A
		}
		headless := rapid.Bool().Draw(r, "headless")
		require.Equal(r, rows, append(rows[:0:0], through(r, rows, delimiter, quote, escape, null, headless)...))
		require.Equal(r, ones, append(ones[:0:0], through(r, ones, delimiter, quote, escape, null, headless)...))
	})
}

func through[T any](t require.TestingT, rows []T, delimiter, quote, escape byte, null string, headless bool) []T {
	var to bytes.Buffer
	out := sink.CSV[T]().Delimiter(delimiter).Quote(quote).Escape(escape).Null(null)
	in := source.CSV[T](func(context.Context) (io.ReadCloser, error) { return io.NopCloser(&to), nil }).Delimiter(delimiter).Quote(quote).Escape(escape).Null(null)
	if headless {
		out, in = out.NoHeader(), in.NoHeader()
	}
	require.NoError(t, sink.To(&to, out).Sink()(context.Background(), rx.From(rows...)))
	written := to.String()
	back, err := in.Rows().Collect(context.Background())
	require.NoError(t, err, "%q", written)
	return back
}

func ExampleCSV() {
	type Order struct {
		ID    int
		At    time.Time
		Items []string
	}
	name := filepath.Join(os.TempDir(), "example-orders.csv")
	defer os.Remove(name)
	err := os.WriteFile(name, []byte("at,id,items\n2026-01-02 03:04:05+0000,1,\"['coffee', 'cup']\"\nsoon,2,\n2026-01-02,3,\n"), 0o600)
	if err != nil {
		fmt.Println(err)
	}
	orders := source.CSV[Order](source.File(name)).OnError(func(_ context.Context, e *source.TextError) error {
		fmt.Printf("line %d, byte %d, column %s: %v\n", e.Line, e.Column, e.ColumnName, e.Err)
		return nil // go on; e.Record is what was read
	})
	for r, err := range orders.Records().All(context.Background()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Row.ID, r.Row.At, r.Row.Items, "up to byte", r.End.Offset)
	}
	// Output:
	// 1 2026-01-02 03:04:05 +0000 UTC [coffee cup] up to byte 59
	// line 3, byte 1, column at: it is no timestamp such as 2006-01-02 15:04:05.000+0000
	// 3 2026-01-02 00:00:00 +0000 UTC [] up to byte 81
}

func BenchmarkCSV(b *testing.B) {
	type event struct {
		Device  string
		At      time.Time
		ID      gocql.UUID
		Kind    int
		Value   float64
		Flag    bool
		Comment *string
	}
	const lines = 1000
	line := "device-17,2026-01-01 12:34:56.789+0000,6f9619ff-8b86-4011-b42d-00cf4fc964ff,3,21.5,True,\"all is well, thanks\"\n"
	s := "device,at,id,kind,value,flag,comment\n" + strings.Repeat(line, lines)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		err := source.CSV[event](text(s)).Rows().ForEach(context.Background(), func(event) error { n++; return nil })
		if err != nil || n != lines {
			b.Fatal(err, n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*lines), "ns/row")
}
