package integration_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/source"
)

// change runs a statement from another client, which then prepares the query, so that the server knows it again.
func (t *target) change(query string, statements ...string) {
	t.Helper()
	other := t.other()
	for _, s := range statements {
		require.NoError(t, other.Query(t.in(s)).Exec(), s)
	}
	require.NoError(t, other.Query(t.in(query)).PageSize(1).PageState(nil).Exec())
}

// typed makes the table KS.typed with ten rows whose v is a text of four bytes.
func (t *target) typed() {
	t.Helper()
	t.exec("CREATE TABLE KS.typed (p int, c int, v text, PRIMARY KEY (p, c))")
	for c := range 10 {
		t.exec("INSERT INTO KS.typed (p, c, v) VALUES (0, ?, 'four')", c)
	}
}

// anew makes it anew with v an int: 'four' and 1718580594 are the same four bytes.
var anew = []string{
	"DROP TABLE KS.typed",
	"CREATE TABLE KS.typed (p int, c int, v int, PRIMARY KEY (p, c))",
	"INSERT INTO KS.typed (p, c, v) VALUES (0, 7, 1718580594)",
}

func TestATableMadeAnewBetweenPages(t *testing.T) {
	for _, query := range []string{"SELECT c, v FROM KS.typed", "SELECT * FROM KS.typed"} {
		onBoth(t, func(t *target) {
			t.typed()
			rows := source.Query[map[string]any](t.session, t.in(query)).PageSize(3).ReadAhead(0).Rows()
			var got []any
			for row, err := range rows.All(t.Context()) {
				require.NoError(t, err)
				got = append(got, row["v"])
				if len(got) == 3 {
					t.change(query, anew...)
				}
			}
			require.Equal(t, []any{"four", "four", "four", 1718580594}, got, "each with the type that it has on the server")
		})
	}
}

func TestATableMadeAnewBetweenPagesThatNoLongerFits(t *testing.T) {
	onBoth(t, func(t *target) {
		const query = "SELECT c, v FROM KS.typed"
		t.typed()
		type row struct {
			C int
			V []byte
		}
		var last error
		n := 0
		for r, err := range source.Query[row](t.session, t.in(query)).PageSize(3).ReadAhead(0).Rows().All(t.Context()) {
			if last = err; err != nil {
				break
			}
			require.Equal(t, "four", string(r.V))
			if n++; n == 3 {
				t.change(query, anew...)
			}
		}
		require.Equal(t, 3, n)
		require.ErrorIs(t, last, cql.Malformed)
		var cell *source.DecodeError
		require.ErrorAs(t, last, &cell)
		require.Equal(t, "v", cell.Column)
		require.Equal(t, "int", cell.CQLType)
	})
}

func TestColumnsThatComeAndGoBetweenPages(t *testing.T) {
	onBoth(t, func(t *target) {
		const named, star = "SELECT c, v FROM KS.typed", "SELECT * FROM KS.typed"
		type row struct {
			C int
			V *string
		}
		t.typed()
		n := 0
		for r, err := range source.Query[row](t.session, t.in(named)).PageSize(3).ReadAhead(0).Rows().All(t.Context()) {
			require.NoError(t, err)
			require.Equal(t, "four", *r.V)
			if n++; n == 3 {
				t.change(named, "ALTER TABLE KS.typed ADD a int")
			}
		}
		require.Equal(t, 10, n, "named columns do not mind another one")

		var width []int
		for r, err := range source.Query[map[string]any](t.session, t.in(star)).PageSize(4).ReadAhead(0).Rows().All(t.Context()) {
			require.NoError(t, err)
			require.Equal(t, "four", r["v"])
			width = append(width, len(r))
			if len(width) == 4 {
				t.change(star, "ALTER TABLE KS.typed ADD b int")
			}
		}
		require.Equal(t, []int{4, 4, 4, 4, 5, 5, 5, 5, 5, 5}, width)

		n = 0
		var last error
		for r, err := range source.Query[row](t.session, t.in(named)).PageSize(3).ReadAhead(0).Rows().All(t.Context()) {
			if last = err; err != nil {
				break
			}
			require.Equal(t, "four", *r.V)
			if n++; n == 3 {
				t.change(star, "ALTER TABLE KS.typed DROP v")
			}
		}
		require.Equal(t, 3, n)
		require.ErrorIs(t, last, cql.Invalid, "a column that is no longer there")
	})
}
