package integration_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
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

// TestATableMadeAnewWhilePagesAreReadAhead: what was fetched before has the old type, what comes then the new one, and
// a page that is asked for while there is no table is an error.
func TestATableMadeAnewWhilePagesAreReadAhead(t *testing.T) {
	for ahead := 1; ahead <= 2; ahead++ {
		onBoth(t, func(t *target) {
			const query = "SELECT c, v FROM KS.typed"
			t.typed()
			var got []any
			var last error
			for row, err := range source.Query[map[string]any](t.session, t.in(query)).PageSize(2).ReadAhead(ahead).Rows().All(t.Context()) {
				if last = err; err != nil {
					break
				}
				got = append(got, row["v"])
				if len(got) == 1 {
					t.change(query, anew...)
				}
			}
			if last != nil {
				var page *source.PageError
				require.ErrorAs(t, last, &page)
				require.Equal(t, cql.Invalid, page.Class)
			}
			old := 0
			for old < len(got) && got[old] == "four" {
				old++
			}
			require.GreaterOrEqual(t, old, 2, "the page that was there")
			require.LessOrEqual(t, len(got)-old, 1)
			for _, v := range got[old:] {
				require.Equal(t, 1718580594, v)
			}
		})
	}
}

// TestATableMadeAnewWhileAPageIsFetched: the request is at the server already.
func TestATableMadeAnewWhileAPageIsFetched(t *testing.T) {
	server := cqltest.NewServer()
	t.Cleanup(server.Close)
	server.MustExec("CREATE KEYSPACE it WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	to := connect(t, server.Cluster(), "it")
	to.typed()
	const query = "SELECT c, v FROM KS.typed WHERE p = ?"
	other := to.other()
	for _, ahead := range []int{0, 1, 2} {
		fault := server.Inject(cqltest.Fault{
			Match: func(r cqltest.Request) bool { return cqltest.On("it.typed")(r) && r.IsSelect() && r.Page == 2 },
			Times: 1,
			Before: func(cqltest.Request) {
				for _, s := range anew {
					server.MustExec(to.in(s))
				}
				require.NoError(t, other.Query(to.in(query), 0).Exec())
			},
		})
		var got []any
		for row, err := range source.Query[map[string]any](to.session, to.in(query), 0).PageSize(3).ReadAhead(ahead).Rows().All(t.Context()) {
			require.NoError(t, err)
			got = append(got, row["v"])
		}
		require.Equal(t, []any{"four", "four", "four", 1718580594}, got)
		require.Equal(t, 1, fault.Hits())
		fault.Remove()
		to.exec("DROP TABLE KS.typed")
		to.typed()
	}
}
