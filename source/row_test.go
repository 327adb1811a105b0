package source_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/inf.v0"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/source"
)

func mixedRows(t *testing.T, server *cqltest.Server, session *cql.Session) []source.Row {
	t.Helper()
	server.MustExec("CREATE TABLE lab.mixed (p int, c int, t text, b blob, at timestamp, l list<int>, PRIMARY KEY (p, c))")
	server.MustExec("INSERT INTO lab.mixed (p, c, t, b, at, l) VALUES (0, 1, 'it''s', 0xcafe, 0, [1, 2])")
	server.MustExec("INSERT INTO lab.mixed (p, c, t) VALUES (0, 2, '')")
	rows, err := source.Query[source.Row](session, "SELECT * FROM lab.mixed").PageSize(1).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, rows, 2)
	return rows
}

func TestRowsWithoutAStruct(t *testing.T) {
	server, session := serve(t)
	rows := mixedRows(t, server, session)
	first, second := rows[0], rows[1]

	c, err := source.Get[int](first, "c")
	require.NoError(t, err)
	require.Equal(t, 1, c)
	at, err := source.Get[*time.Time](first, "at")
	require.NoError(t, err)
	require.Equal(t, time.UnixMilli(0).UTC(), *at)
	list, err := first.Value("l")
	require.NoError(t, err)
	require.Equal(t, []int{1, 2}, list)
	none, err := second.Value("b")
	require.NoError(t, err)
	require.Nil(t, none)
	empty, err := source.Get[string](second, "t")
	require.NoError(t, err)
	require.Empty(t, empty)
	require.NotNil(t, second.Cell(second.Index("t")), "empty is not null")
	require.Nil(t, second.Cell(second.Index("at")))

	_, err = source.Get[string](second, "at")
	require.Error(t, err)
	_, err = source.Get[time.Time](second, "at")
	require.ErrorIs(t, err, source.ErrNull)
	_, err = source.Get[int](first, "missing")
	require.EqualError(t, err, `column "missing": the row has no such column; it has p, c, at, b, l, t`)
}

func TestRowsAreCompared(t *testing.T) {
	server, session := serve(t)
	rows := mixedRows(t, server, session)
	again, err := source.Query[source.Row](session, "SELECT * FROM lab.mixed").Rows().Collect(t.Context())
	require.NoError(t, err)
	require.True(t, rows[0].Equal(again[0]), "of another run")
	require.False(t, rows[0].Equal(rows[1]))
	renamed, err := source.Query[source.Row](session, "SELECT p AS q, c, at, b, l, t FROM lab.mixed").Rows().First(t.Context())
	require.NoError(t, err)
	require.False(t, rows[0].Equal(renamed))
	fewer, err := source.Query[source.Row](session, "SELECT p, c FROM lab.mixed").Rows().First(t.Context())
	require.NoError(t, err)
	require.False(t, rows[0].Equal(fewer))
	server.MustExec("INSERT INTO lab.mixed (p, c) VALUES (0, 2)") // null is not empty
	server.MustExec("DELETE t FROM lab.mixed WHERE p = 0 AND c = 2")
	nulled, err := source.Query[source.Row](session, "SELECT * FROM lab.mixed WHERE p = 0 AND c = 2").Rows().First(t.Context())
	require.NoError(t, err)
	require.False(t, rows[1].Equal(nulled))
	require.True(t, source.Row{}.Equal(source.Row{}))
}

func TestRowsPrint(t *testing.T) {
	server, session := serve(t)
	rows := mixedRows(t, server, session)
	require.Equal(t, `{p: 0, c: 1, at: 1970-01-01 00:00:00 +0000 UTC, b: 0xcafe, l: [1 2], t: "it's"}`, rows[0].String())
	require.Equal(t, `{p: 0, c: 2, at: null, b: null, l: null, t: ""}`, fmt.Sprint(rows[1]))
	require.Equal(t, "{}", source.Row{}.String())
}

// pair takes the first two cells of any row.
type pair struct{ first, second string }

func (p *pair) UnmarshalRow(_ []cql.Column, cells [][]byte) error {
	if len(cells) < 2 {
		return fmt.Errorf("a pair needs two columns, not %d", len(cells))
	}
	p.first, p.second = string(cells[0]), string(cells[1])
	return nil
}

func TestATypeThatTakesItsCellsItself(t *testing.T) {
	server, session := serve(t)
	mixedRows(t, server, session)
	got, err := source.Query[pair](session, "SELECT t, b FROM lab.mixed").Rows().First(t.Context())
	require.NoError(t, err)
	require.Equal(t, pair{"it's", "\xca\xfe"}, got)
	_, err = source.Query[pair](session, "SELECT t FROM lab.mixed").Rows().First(t.Context())
	require.ErrorContains(t, err, "a pair needs two columns, not 1")
	require.ErrorIs(t, err, cql.Malformed)
}

func TestPointersToRows(t *testing.T) {
	server, session := serve(t)
	rows := mixedRows(t, server, session)
	for _, query := range []source.Select[*source.Row]{
		source.Query[*source.Row](session, "SELECT * FROM lab.mixed"),
		source.Query[*source.Row](session, "SELECT * FROM lab.mixed").Lenient(),
	} {
		got, err := query.Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, got, 2)
		require.True(t, got[0].Equal(rows[0]))
		require.True(t, got[1].Equal(rows[1]))
	}
}

// TestHugeDecimalsPrintShortly: an exponent of two billion is not written out, however deep inside it is.
func TestHugeDecimalsPrintShortly(t *testing.T) {
	huge := inf.NewDec(1, math.MaxInt32)
	decimal := cql.Type{Kind: cql.Decimal}
	var columns []cql.Column
	var cells [][]byte
	add := func(name string, ct cql.Type, v any) {
		cell, err := ct.Marshal(v)
		require.NoError(t, err)
		columns, cells = append(columns, cql.Column{Name: name, Type: ct}), append(cells, cell)
	}
	pairs := cql.Type{Kind: cql.Map, Elems: []cql.Type{decimal, decimal}}
	two := []cql.Type{decimal, {Kind: cql.Int}}
	add("d", decimal, huge)
	add("l", cql.Type{Kind: cql.List, Elems: []cql.Type{decimal}}, []*inf.Dec{inf.NewDec(5, 1), huge})
	add("m", cql.Type{Kind: cql.Map, Elems: []cql.Type{{Kind: cql.Text}, pairs}}, map[string]any{"a": map[*inf.Dec]*inf.Dec{huge: huge}})
	add("t", cql.Type{Kind: cql.Tuple, Elems: two}, []any{huge, 1})
	add("u", cql.Type{Kind: cql.UDT, Name: "u", Fields: []string{"d", "n"}, Elems: two}, map[string]any{"d": huge})
	var row source.Row
	require.NoError(t, row.UnmarshalRow(columns, cells))
	require.Equal(t, "{d: 1E-2147483647, l: [0.5 1E-2147483647], m: map[a:map[1E-2147483647:1E-2147483647]], t: [1E-2147483647 1], u: map[d:1E-2147483647 n:<nil>]}", row.String())
	b, err := json.Marshal(row)
	require.NoError(t, err)
	require.JSONEq(t, `{"d":"1E-2147483647","l":["0.5","1E-2147483647"],"m":{"a":{"1E-2147483647":"1E-2147483647"}},"t":["1E-2147483647",1],"u":{"d":"1E-2147483647","n":null}}`, string(b))
}

func TestRowsAsJSON(t *testing.T) {
	server, session := serve(t)
	rows := mixedRows(t, server, session)
	b, err := json.Marshal(rows)
	require.NoError(t, err)
	require.Equal(t, `[{"p":0,"c":1,"at":"1970-01-01T00:00:00Z","b":"yv4=","l":[1,2],"t":"it's"},{"p":0,"c":2,"at":null,"b":null,"l":null,"t":""}]`, string(b))

	page, err := source.Query[source.Row](session, "SELECT p, c FROM lab.mixed").PageSize(1).Page(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, page.State)
	b, err = json.Marshal(page)
	require.NoError(t, err)
	require.Equal(t, `{"Index":1,"Rows":[{"p":0,"c":1}],"Warnings":null}`, string(b), "a state is not for clients")

	server.MustExec("CREATE TABLE lab.odd (k int PRIMARY KEY, v double)")
	server.MustExec("INSERT INTO lab.odd (k, v) VALUES (1, NaN)")
	row, err := source.Query[source.Row](session, "SELECT * FROM lab.odd").Rows().First(t.Context())
	require.NoError(t, err)
	_, err = json.Marshal(row)
	require.ErrorContains(t, err, `column "v" (double) into JSON`)
}

func TestRowsDifferByTypeToo(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE lab.a (k int PRIMARY KEY, v int)")
	server.MustExec("CREATE TABLE lab.b (k int PRIMARY KEY, v float)")
	server.MustExec("INSERT INTO lab.a (k, v) VALUES (1, 0)")
	server.MustExec("INSERT INTO lab.b (k, v) VALUES (1, 0.0)")
	a, err := source.Query[source.Row](session, "SELECT * FROM lab.a").Rows().First(t.Context())
	require.NoError(t, err)
	b, err := source.Query[source.Row](session, "SELECT * FROM lab.b").Rows().First(t.Context())
	require.NoError(t, err)
	require.Equal(t, a.Cell(1), b.Cell(1))
	require.False(t, a.Equal(b))
}
