package integration_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// write is one way to write: alone, or in a batch between two that stay as they are.
type write struct {
	name string
	do   func(t *target, s cql.Statement) error
}

var writes = []write{
	{"statement", func(t *target, s cql.Statement) error { return t.session.Execute(t.Context(), s) }},
	{"batch", func(t *target, s cql.Statement) error {
		other := cql.Statement{CQL: t.in("INSERT INTO KS.other (p, v) VALUES (?, 'x')"), Args: []any{1}}
		plain := cql.Statement{CQL: t.in("INSERT INTO KS.other (p, v) VALUES (2, 'y')")}
		return t.session.Batch(t.Context(), cql.Batch{Statements: []cql.Statement{other, s, plain, s}})
	}},
}

// remade makes the table KS.anew (p, v) with v of type old, writes a row through the session, makes the table anew with
// another type, and has another client prepare the very same text before the session executes it again.
func (t *target) remade(w write, old string, arg any, with string, first any) cql.Statement {
	t.Helper()
	t.exec("CREATE TABLE KS.other (p int PRIMARY KEY, v text)")
	t.exec("CREATE TABLE KS.anew (p int PRIMARY KEY, v " + old + ")")
	s := cql.Statement{CQL: t.in("INSERT INTO KS.anew (p, v) VALUES (?, ?)"), Args: []any{1, arg}}
	require.NoError(t, w.do(t, s))
	other := t.other()
	require.NoError(t, other.Query(t.in("DROP TABLE KS.anew")).Exec())
	require.NoError(t, other.Query(t.in("CREATE TABLE KS.anew (p int PRIMARY KEY, v "+with+")")).Exec())
	require.NoError(t, other.Query(s.CQL, 0, first).Exec())
	return s
}

// TestArgumentsThatFitATableMadeAnew are encoded for the types that it has now.
func TestArgumentsThatFitATableMadeAnew(t *testing.T) {
	for _, w := range writes {
		for _, c := range []struct {
			name, old, with   string
			arg, first, right any // for the old type, by the other client, for the new type
			want              string
		}{
			{"the same argument for other bytes", "text", "varint", "7", 1, "7", "1 7"},
			{"another argument of as many bytes", "int", "float", 7, float32(1), float32(1.5), "1 1.5"},
			{"an argument that the old type refuses", "int", "text", 7, "one", "seven", "1 seven"},
		} {
			t.Run(w.name+" with "+c.name, func(t *testing.T) {
				onBoth(t, func(t *target) {
					s := t.remade(w, c.old, c.arg, c.with, c.first)
					s.Args = []any{1, c.right}
					require.NoError(t, w.do(t, s))
					require.Equal(t, c.want, t.rows("SELECT p, v FROM KS.anew WHERE p = ?", 1))
				})
			})
		}
	}
}

// TestAnArgumentThatNoLongerFits is never sent encoded for the type that the table had.
func TestAnArgumentThatNoLongerFits(t *testing.T) {
	for _, w := range writes {
		t.Run(w.name, func(t *testing.T) {
			onBoth(t, func(t *target) {
				s := t.remade(w, "int", 7, "float", float32(1))
				err := w.do(t, s)
				require.ErrorIs(t, err, cql.Malformed)
				var refused *cql.ArgumentError
				require.ErrorAs(t, err, &refused)
				require.Equal(t, "float", refused.CQLType)
				require.Equal(t, "0 1", t.rows("SELECT p, v FROM KS.anew"), "only the other client's row")
			})
		})
	}
}

func TestRowsLookedUpInATableMadeAnew(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec("CREATE TABLE KS.typed (p int, c text, v text, PRIMARY KEY (p, c))")
		t.exec("INSERT INTO KS.typed (p, c, v) VALUES (0, 'four', 'by text')")
		text := t.in("SELECT v FROM KS.typed WHERE p = ? AND c = ?")
		byText := source.Query[string](t.session, text, 0, "four")
		v, err := byText.Rows().First(t.Context())
		require.NoError(t, err)
		require.Equal(t, "by text", v)

		other := t.other()
		for _, s := range []string{
			"DROP TABLE KS.typed",
			"CREATE TABLE KS.typed (p int, c int, v text, PRIMARY KEY (p, c))",
			"INSERT INTO KS.typed (p, c, v) VALUES (0, 1718580594, 'by int')",
		} {
			require.NoError(t, other.Query(t.in(s)).Exec())
		}
		require.NoError(t, other.Query(text, 0, 1).Exec())

		_, err = byText.Rows().First(t.Context())
		require.ErrorIs(t, err, cql.Malformed)
		var refused *cql.ArgumentError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, "int", refused.CQLType)
		v, err = source.Query[string](t.session, text, 0, 1718580594).Rows().First(t.Context())
		require.NoError(t, err)
		require.Equal(t, "by int", v)
	})
}

// TestPagesOfATableWhoseKeyIsMadeAnew: its arguments are sent with each page.
func TestPagesOfATableWhoseKeyIsMadeAnew(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec("CREATE TABLE KS.typed (p text, c int, PRIMARY KEY (p, c))")
		for c := range 6 {
			t.exec("INSERT INTO KS.typed (p, c) VALUES ('four', ?)", c)
		}
		text := t.in("SELECT c FROM KS.typed WHERE p = ?")
		var last error
		n := 0
		for _, err := range source.Query[int](t.session, text, "four").PageSize(3).ReadAhead(0).Rows().All(t.Context()) {
			if last = err; err != nil {
				break
			}
			if n++; n == 3 {
				other := t.other()
				require.NoError(t, other.Query(t.in("DROP TABLE KS.typed")).Exec())
				require.NoError(t, other.Query(t.in("CREATE TABLE KS.typed (p int, c int, PRIMARY KEY (p, c))")).Exec())
				require.NoError(t, other.Query(t.in("INSERT INTO KS.typed (p, c) VALUES (1718580594, 7)")).Exec())
				require.NoError(t, other.Query(text, 1718580594).Exec())
			}
		}
		require.Equal(t, 3, n)
		var page *source.PageError
		require.ErrorAs(t, last, &page)
		require.Equal(t, cql.Malformed, page.Class)
		var refused *cql.ArgumentError
		require.ErrorAs(t, last, &refused)
		require.Equal(t, "int", refused.CQLType)
	})
}

// TestASinkGoesOnInATableMadeAnew with rows of another type, through the same session.
func TestASinkGoesOnInATableMadeAnew(t *testing.T) {
	onBoth(t, func(t *target) {
		type before struct{ P, V int }
		type after struct {
			P int
			V string
		}
		t.exec("CREATE TABLE KS.anew (p int PRIMARY KEY, v int)")
		require.NoError(t, sink.Insert[before](t.session, t.in("KS.anew")).Sink()(t.Context(), rx.From(before{1, 1}, before{2, 2})))
		t.change("SELECT p, v FROM KS.anew", "DROP TABLE KS.anew", "CREATE TABLE KS.anew (p int PRIMARY KEY, v text)")
		require.NoError(t, sink.Insert[after](t.session, t.in("KS.anew")).Sink()(t.Context(), rx.From(after{1, "one"}, after{2, "two"})))
		require.Equal(t, "1 one\n2 two", t.rows("SELECT p, v FROM KS.anew"))
	})
}

// TestUserDefinedTypesThatGrow between pages, and in arguments.
func TestUserDefinedTypesThatGrow(t *testing.T) {
	to := onCassandra(t)
	const query = "SELECT c, v FROM KS.grown WHERE p = ?"
	to.exec("CREATE TYPE KS.point (x int)")
	to.exec("CREATE TABLE KS.grown (p int, c int, v frozen<point>, PRIMARY KEY (p, c))")
	type small struct{ X int }
	type large struct {
		X int
		Y *string
	}
	insert := func(c int, v any) cql.Statement {
		return cql.Statement{CQL: to.in("INSERT INTO KS.grown (p, c, v) VALUES (0, ?, ?)"), Args: []any{c, v}}
	}
	y := "y"
	for c := range 6 {
		require.NoError(t, to.session.Execute(t.Context(), insert(c, small{c})))
	}
	err := to.session.Execute(t.Context(), insert(0, large{1, &y}))
	require.ErrorIs(t, err, cql.Malformed)

	var got []any
	for row, err := range source.Query[map[string]any](to.session, to.in(query), 0).PageSize(2).ReadAhead(0).Rows().All(t.Context()) {
		require.NoError(t, err)
		got = append(got, row["v"])
		if len(got) == 2 {
			require.NoError(t, to.other().Query(to.in("ALTER TYPE KS.point ADD y text")).Exec())
			require.NoError(t, to.session.Execute(t.Context(), insert(5, large{50, &y})))
			require.NoError(t, to.session.Execute(t.Context(), insert(4, small{40})))
		}
	}
	require.Equal(t, []any{
		map[string]any{"x": 0}, map[string]any{"x": 1},
		map[string]any{"x": 2, "y": nil}, map[string]any{"x": 3, "y": nil},
		map[string]any{"x": 40, "y": nil}, map[string]any{"x": 50, "y": "y"},
	}, got)
}

// TestHowStatementsEnd: what a session appends to them changes nothing.
func TestHowStatementsEnd(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec("CREATE TABLE KS.ends (p int PRIMARY KEY, v int)")
		const insert = "INSERT INTO KS.ends (p, v) VALUES (?, 1)"
		for i, end := range []string{"", ";", " ;\n", " -- and so on", " // and so on", " /* and so on */", ";\n-- batch\n"} {
			t.exec(insert+end, i)
		}
		require.Equal(t, "7", t.rows("SELECT count(*) FROM KS.ends"))
		for _, open := range []string{insert + " /* and so on", "INSERT INTO KS.ends (p, v) VALUES (?, 'and so on)"} {
			err := t.session.Execute(t.Context(), cql.Statement{CQL: t.in(open), Args: []any{1}})
			require.ErrorIs(t, err, cql.Syntax, "it does not end by what is appended")
		}
	})
}

// TestBatchesInOneText: the driver prepares them by their last word.
func TestBatchesInOneText(t *testing.T) {
	to := onCassandra(t)
	to.exec("CREATE TABLE KS.ends (p int PRIMARY KEY)")
	for i, end := range []string{"", ";", ";\n"} {
		to.exec("BEGIN BATCH INSERT INTO KS.ends (p) VALUES (?); INSERT INTO KS.ends (p) VALUES (?); APPLY BATCH"+end, 2*i, 2*i+1)
	}
	require.Equal(t, "6", to.rows("SELECT count(*) FROM KS.ends"))
}
