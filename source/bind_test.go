package source_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/source"
)

const between = selectNumbers + " WHERE p = :p AND n >= :low AND n < :high"

func TestBindMap(t *testing.T) {
	server, session := serve(t)
	numbers(server, 10)
	values := map[string]any{"p": 0, "low": 3, "high": 6}
	query := source.Query[int](session, between).BindMap(values)
	values["low"] = 0
	got, err := query.Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{3, 4, 5}, got, "values are taken when they are bound")
	_ = query.BindMap(map[string]any{"p": 0, "low": 0, "high": 1})
	again, err := query.Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, got, again, "a setter returns a copy")
}

func TestANameMayStandTwice(t *testing.T) {
	server, session := serve(t)
	numbers(server, 10)
	got, err := source.Query[int](session, selectNumbers+" WHERE p = :P AND n > : n /* :x */ AND n <= :\"Upper\" LIMIT :n -- :y\n").
		BindMap(map[string]any{"p": 0, "n": 4, "Upper": 9}).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{5, 6, 7, 8}, got)
	require.Equal(t, []any{0, 4, 9, 4}, server.Requests()[0].Values)
}

func TestBindErrorsHideStrings(t *testing.T) {
	_, err := source.Query[int](nil, "SELECT c FROM ks.e WHERE p = 'hunter2' AND c = ?").Page(t.Context())
	require.ErrorIs(t, err, cql.Invalid)
	require.EqualError(t, err, "source: 0 arguments are given for 1 markers, in: SELECT c FROM ks.e WHERE p = '…' AND c = ?")
}

func TestBindStruct(t *testing.T) {
	server, session := serve(t)
	numbers(server, 10)
	type Span struct {
		Low int
		End *int `cql:"high"`
	}
	type filter struct {
		Span
		P      int
		Unused time.Time
	}
	end := 6
	for _, v := range []any{filter{Span: Span{3, &end}}, &filter{Span: Span{3, &end}}} {
		got, err := source.Query[int](session, between).BindStruct(v).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{3, 4, 5}, got)
	}
}

// TestWhatCannotBeBound also shows that nothing is sent.
func TestWhatCannotBeBound(t *testing.T) {
	server, session := serve(t)
	numbers(server, 10)
	type part struct{ P, Low int }
	query := source.Query[int](session, between)
	positional := source.Query[int](session, selectNumbers+" WHERE p = ? AND n < ?", 0)
	for _, c := range []struct {
		query  source.Select[int]
		marker string
		want   string
	}{
		{query, "", "0 arguments are given for 3 markers"},
		{positional, "", "1 arguments are given for 2 markers"},
		{source.Query[int](session, selectNumbers, 1), "", "1 arguments are given for 0 markers"},
		{query.BindMap(nil), "p", "marker :p: no value is given for it; there are values for none"},
		{query.BindMap(map[string]any{"p": 0, "low": 1}), "high", "marker :high: no value is given for it; there are values for :low, :p"},
		{query.BindMap(map[string]any{"p": 0, "low": 1, "high": 2, "highh": 3}), "highh", "marker :highh: the map has a value for it, but the statement does not; it has :p, :low, :high"},
		{query.BindMap(map[string]any{"P": 0, "low": 1, "high": 2}), "p", "marker :p: no value is given for it; there are values for :P, :high, :low"},
		{source.Query[int](session, selectNumbers).BindMap(map[string]any{"a": 1}), "a", "it has none"},
		{source.Query[int](session, selectNumbers+" WHERE p = :p AND n = ?").BindMap(map[string]any{"p": 1}), "", "marker 2 is a ?"},
		{positional.BindStruct(part{}), "", "marker 1 is a ?"},
		{query.BindStruct(part{}), "high", "there are values for :low, :p"},
		{query.BindStruct((*part)(nil)), "", "BindStruct got a nil *source_test.part"},
		{query.BindStruct(nil), "", "BindStruct wants a struct or a pointer to one, not <nil>"},
		{query.BindStruct(7), "", "not int"},
		{query.BindStruct(new(*part)), "", "not **source_test.part"},
		{query.BindStruct(time.Now()), "", "not time.Time"},
		{query.BindStruct(map[string]any{}), "", "BindMap binds other values by name"},
		{query.BindStruct(struct {
			P  int
			P2 int `cql:"p"`
		}{}), "", `both stand for column "p"`},
	} {
		rows, err := c.query.Rows().Collect(t.Context())
		require.Empty(t, rows)
		require.ErrorContains(t, err, c.want)
		require.ErrorIs(t, err, cql.Invalid)
		var bind *source.BindError
		require.ErrorAs(t, err, &bind)
		require.Equal(t, c.marker, bind.Marker)
		require.Contains(t, bind.Error(), "SELECT n FROM lab.numbers", "the statement is shown")
	}
	require.Empty(t, server.Requests(), "nothing is sent")

	got, err := query.BindMap(nil).BindMap(map[string]any{"p": 0, "low": 0, "high": 2}).Rows().Collect(t.Context())
	require.NoError(t, err, "binding anew mends it")
	require.Equal(t, upTo(2), got)
}
