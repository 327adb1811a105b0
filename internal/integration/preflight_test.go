package integration_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/source"
)

// A range without tokens is one to the servers, too: they check the statement, and read nothing.
func TestPreflightOfATable(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec(`CREATE TABLE KS.notes ("Key" text, n int, s text STATIC, v text, PRIMARY KEY ("Key", n))`)
		t.exec(`INSERT INTO KS.notes ("Key", n, v) VALUES ('a', 1, 'x')`)
		table := source.Table[source.Row](t.session, t.in("KS.notes")).SplitInto(8)
		found, err := table.Preflight(t.Context())
		require.NoError(t, err)
		var columns []string
		for _, c := range found.Columns {
			columns = append(columns, c.Name+" "+c.Type.String())
		}
		require.Equal(t, []string{"Key text", "n int", "s text", "v text"}, columns)
		require.Len(t, found.Warnings, 1)
		require.Contains(t, found.Warnings[0], "static columns")

		// The server's own answer for such a range has no rows.
		rows, err := source.Query[source.Row](t.session, found.Statement, int64(0), int64(0)).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Empty(t, rows)

		_, err = table.Where("nope = 1").Preflight(t.Context())
		require.ErrorIs(t, err, cql.Invalid)
		_, err = table.Where("v = ?", "x").Preflight(t.Context())
		require.NoError(t, err)
	})
}
