package sink_test

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
	"gopkg.in/inf.v0"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
)

// csvOf writes items to a text.
func csvOf[T any](t testing.TB, f sink.CSVFormat[T], items ...T) string {
	t.Helper()
	var to bytes.Buffer
	report, err := sink.To(&to, f).Write(t.Context(), rx.From(items...))
	require.NoError(t, err)
	require.Equal(t, sink.TextReport{Rows: int64(len(items)), Bytes: int64(to.Len())}, report)
	return to.String()
}

// cells is a row as it comes from a server.
type cells struct {
	columns []cql.Column
	values  [][]byte
}

func (c cells) Columns() []cql.Column { return c.columns }
func (c cells) Cell(i int) []byte     { return c.values[i] }

type address struct {
	Street string
	No     int
}

type everything struct {
	Key     int `cql:"Key"`
	Small   int8
	Huge    uint64
	Text    string
	Null    *string
	SQL     sql.NullInt64
	Blob    []byte
	Yes     bool
	Float   float32
	Double  float64
	At      time.Time
	Took    time.Duration
	ID      gocql.UUID
	IP      netip.Addr
	Big     *big.Int
	Dec     inf.Dec
	List    []string
	Set     map[int]struct{}
	Map     map[string]float64
	Home    address
	Ignored int `cql:"-"`
}

var someOfEverything = everything{
	Key: -1, Small: -128, Huge: 1 << 63, Text: "a,b", SQL: sql.NullInt64{Int64: 5, Valid: true}, Blob: []byte{0, 255}, Yes: true,
	Float: 0.1, Double: 1e100, At: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.FixedZone("", 3600)), Took: 90 * time.Second,
	IP: netip.MustParseAddr("::1"), Big: big.NewInt(7), Dec: *inf.NewDec(12, 1), List: []string{"x", `"`, "'"},
	Set: map[int]struct{}{3: {}}, Map: map[string]float64{"pi": 3.14}, Home: address{"Street", 7},
}

func TestCSVOfAStruct(t *testing.T) {
	got := csvOf(t, sink.CSV[everything](), someOfEverything)
	require.Equal(t, "Key,small,huge,text,null,sql,blob,yes,float,double,at,took,id,ip,big,dec,list,set,map,home\n"+
		`-1,-128,9223372036854775808,"a,b",,5,0x00ff,True,0.1,1e+100,2026-01-02 02:04:05.006+0000,1m30s,`+
		`00000000-0000-0000-0000-000000000000,::1,7,1.2,"['x', '""', '''']",{3},{'pi': 3.14},"{street: 'Street', no: 7}"`+"\n", got)
	require.Equal(t, got, csvOf(t, sink.CSV[*everything](), &someOfEverything))
	require.True(t, strings.HasPrefix(got, csvOf(t, sink.CSV[everything]())), "the header is there without an item")

	columns := []cql.Column{{Name: "took", Type: cql.Type{Kind: cql.Time}}, {Name: "at", Type: cql.Type{Kind: cql.Date}}, {Name: "Key", Type: cql.Type{Kind: cql.Int}}}
	require.Equal(t, "took,at,Key\n00:01:30.000000000,2026-01-02,-1\n", csvOf(t, sink.CSV[everything]().Columns(columns), someOfEverything))
}

func TestCSVOfRows(t *testing.T) {
	columns := []cql.Column{{Name: "k", Type: cql.Type{Kind: cql.Int}}, {Name: `a "b"`, Type: cql.Type{Kind: cql.Varchar}}}
	rows := []cells{{columns, [][]byte{{0, 0, 0, 1}, nil}}, {columns, [][]byte{{0, 0, 0, 2}, {}}}, {columns, [][]byte{{}, []byte("null")}}}
	want := "k,\"a \"\"b\"\"\"\n1,\n2,\"\"\n,null\n"
	require.Equal(t, want, csvOf(t, sink.CSV[cells](), rows...))
	require.Equal(t, want, csvOf(t, sink.CSV[*cells](), &rows[0], &rows[1], &rows[2]))
	require.Equal(t, want, csvOf(t, sink.CSV[sink.Schematic](), []sink.Schematic{rows[0], &rows[1], rows[2]}...))
	require.Equal(t, "", csvOf(t, sink.CSV[cells]()))
	require.Equal(t, "k,\"a \"\"b\"\"\"\n", csvOf(t, sink.CSV[cells]().Columns(columns)))

	require.Equal(t, "1;null\r\n2;\r\nnull;\"null\"\r\n", csvOf(t, sink.CSV[cells]().NoHeader().CRLF().Delimiter(';').Null("null"), rows...))
	require.Equal(t, `k,"a \"b\""`+"\n", csvOf(t, sink.CSV[cells]().Escape('\\').Columns(columns)))

	other := cells{columns[:1], rows[0].values[:1]}
	_, err := sink.To(&bytes.Buffer{}, sink.CSV[cells]()).Write(t.Context(), rx.From(rows[0], other))
	require.ErrorContains(t, err, "row 1 of the stream: the row has 1 columns, and the file 2")
}

func TestWhatHasNoCSV(t *testing.T) {
	write := func(err error) string {
		require.Error(t, err)
		return err.Error()
	}
	var to bytes.Buffer
	require.Contains(t, write(sink.To(&to, sink.CSV[int]()).Sink()(t.Context(), rx.From(1))), "int is neither a struct")
	require.Contains(t, write(sink.To(&to, sink.CSV[struct{ A any }]()).Sink()(t.Context(), rx.Empty[struct{ A any }]())), `column "a" (field A): interface {} may be anything`)
	require.Contains(t, write(sink.To(&to, sink.CSV[struct{}]()).Sink()(t.Context(), rx.From(struct{}{}))), "has no field for a column")
	require.Contains(t, write(sink.To(&to, sink.CSV[address]().Columns([]cql.Column{{Name: "x"}})).Sink()(t.Context(), rx.From(address{}))), `column "x": sink_test.address has no field for it`)
	require.Contains(t, write(sink.To(&to, sink.CSV[*address]()).Sink()(t.Context(), rx.From(&address{}, nil))), "row 1 of the stream: the item is nil")
	require.Contains(t, write(sink.To(&to, sink.CSV[*cells]()).Sink()(t.Context(), rx.From[*cells](nil))), "the item is nil")
	require.Equal(t, "street,no\n\"\",0\n", to.String(), "what came before is written")

	late := struct{ At time.Time }{time.Date(1e9, 1, 1, 0, 0, 0, 0, time.UTC)}
	require.Contains(t, write(sink.To(&to, sink.CSV[struct{ At time.Time }]()).Sink()(t.Context(), rx.From(late))), `row 0 of the stream: column "at": `)

	type wide struct{ N int }
	narrow := sink.CSV[wide]().Columns([]cql.Column{{Name: "n", Type: cql.Type{Kind: cql.Int}}})
	require.Contains(t, write(sink.To(&to, narrow).Sink()(t.Context(), rx.From(wide{1 << 40}))), "out of range")

	for _, nonsense := range []func(){
		func() { sink.CSV[wide]().Delimiter('\n') }, func() { sink.CSV[wide]().Delimiter('"').Encoder() }, func() { sink.CSV[wide]().Delimiter(0xff) },
		func() { sink.CSV[wide]().Escape('\r') }, func() { sink.CSV[wide]().Null("\n") }, func() { sink.CSV[wide]().Quote(0x80) }, func() { sink.CSV[wide]().Null("'").Quote('\'').Encoder() },
		func() { sink.CSV[wide]().Delimiter('\\').Escape('\\').Encoder() }, func() { sink.CSV[wide]().Null("n,a").Encoder() },
	} {
		require.Panics(t, nonsense)
	}
}

// TestCSVAsOthersReadIt: encoding/csv reads what is written, but for a CR in front of an LF, which it drops.
func TestCSVAsOthersReadIt(t *testing.T) {
	type row struct{ A, B string }
	rapid.Check(t, func(r *rapid.T) {
		field := rapid.StringOf(rapid.SampledFrom([]rune("ab \",;\n\t'\\ü")))
		rows := rapid.SliceOf(rapid.Custom(func(r *rapid.T) row { return row{field.Draw(r, "a"), field.Draw(r, "b")} })).Draw(r, "rows")
		var to bytes.Buffer
		require.NoError(r, sink.To(&to, sink.CSV[row]().NoHeader()).Sink()(t.Context(), rx.From(rows...)))
		read, err := csv.NewReader(&to).ReadAll()
		require.NoError(r, err)
		require.Len(r, read, len(rows))
		for i, record := range read {
			require.Equal(r, []string{rows[i].A, rows[i].B}, record)
		}
	})
}

func BenchmarkCSV(b *testing.B) {
	type reading struct {
		Sensor  int
		At      time.Time
		Celsius float64
		Note    string
	}
	item := reading{12345, time.Unix(1767225600, 0), 21.5, "all is well"}
	e := sink.CSV[reading]().Encoder()
	buffer, err := e.Header(nil, &item)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if buffer, err = e.Append(buffer[:0], item); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(buffer)))
}
