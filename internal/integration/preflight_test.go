package integration_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
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

func TestKeysJoinedWithATable(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec("CREATE TABLE KS.parts (k int, n int, PRIMARY KEY (k, n))")
		var want []string
		for k := range 20 {
			for n := range k % 4 {
				t.exec("INSERT INTO KS.parts (k, n) VALUES (?, ?)", k, n)
				want = append(want, fmt.Sprint(k, n, true))
			}
			if k%4 == 0 {
				want = append(want, fmt.Sprint(k, 0, false))
			}
		}
		query := source.Query[int](t.session, t.in("SELECT n FROM KS.parts WHERE k = ?")).PageSize(2)
		joined := source.Lookup(rx.Range(0, 20), 5, query, func(k int) []any { return []any{k} })
		got, err := operators.Map(joined, func(m operators.Match[int, int]) string {
			return fmt.Sprint(m.Item, m.Value, m.Found)
		}).Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}
