package sink_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

func TestCheckFindsWhatWriteWouldEndWith(t *testing.T) {
	server, session := serve(t)
	require.NoError(t, sink.Insert[item](session, "shop.items").Check(t.Context()))
	require.ErrorIs(t, sink.Insert[item](session, "shop.none").Check(t.Context()), cql.ErrUndefined)
	type other struct{ K, W int }
	var wrong *sink.ColumnError
	require.ErrorAs(t, sink.Insert[other](session, "shop.items").Check(t.Context()), &wrong)
	require.Equal(t, "w", wrong.Column)
	require.ErrorContains(t, sink.Insert[item](session, "shop.items").Check(t.Context(), cql.Column{Name: "k"}), "it brings its own")

	rows := sink.Insert[source.Row](session, "shop.items")
	columns, err := session.Columns(t.Context(), "shop.items", "k", "v", "ttl(v)")
	require.NoError(t, err)
	require.NoError(t, rows.Check(t.Context(), columns...))
	require.ErrorAs(t, rows.Check(t.Context(), columns[1:]...), &wrong)
	require.Equal(t, "k", wrong.Column)
	require.ErrorIs(t, rows.Check(t.Context()), cql.Invalid)
	require.ErrorIs(t, rows.IfNotExists().Timestamp(func(source.Row) int64 { return 1 }).Check(t.Context(), columns...), cql.Invalid)

	require.ErrorIs(t, sink.Exec[item](session, "UPDATE shop.items SET w = :v WHERE k = :k", nil).Check(t.Context()), cql.Invalid)
	require.NoError(t, sink.Exec(session, "UPDATE shop.items SET v = ? WHERE k = ?", func(i item) []any { return nil }).Check(t.Context()))
	require.Empty(t, server.Requests(func(r cqltest.Request) bool { return cqltest.User(r) && !r.IsSelect() }))
}
