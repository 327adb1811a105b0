package integration_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// all gives all rows of a query by their keys' order, as their cells.
func (t *target) all(query string) []source.Row {
	t.Helper()
	rows, err := source.Query[source.Row](t.session, t.in(query)).Rows().Collect(t.Context())
	require.NoError(t, err)
	return rows
}

func (t *target) equalTables(a, b string) {
	t.Helper()
	left, right := t.all("SELECT * FROM "+a), t.all("SELECT * FROM "+b)
	require.Equal(t, len(left), len(right))
	for i := range left {
		require.True(t, left[i].Equal(right[i]), "%v\n%v", left[i], right[i])
	}
}

// TestACopyOfEveryType equals its original cell by cell.
func TestACopyOfEveryType(t *testing.T) {
	onBoth(t, func(t *target) {
		cases := t.typeTable()
		columns := make([]string, len(cases))
		for i, c := range cases {
			columns[i] = fmt.Sprintf("v%d %s", i, c.CQL)
		}
		t.exec("CREATE TABLE KS.copied (k int PRIMARY KEY, " + strings.Join(columns, ", ") + ")")
		n := 0
		for i, c := range cases {
			for _, v := range c.Values {
				t.exec(fmt.Sprintf("INSERT INTO KS.types (k, v%d) VALUES (%d, %s)", i, n, v.CQL))
				n++
			}
		}
		rows := source.Table[source.Row](t.session, t.in("KS.types")).Rows()
		report, err := sink.Insert[source.Row](t.session, t.in("KS.copied")).Write(t.Context(), rows)
		require.NoError(t, err)
		require.EqualValues(t, n, report.Written)
		t.equalTables("KS.types", "KS.copied")
		_, err = sink.Update[source.Row](t.session, t.in("KS.copied")).Nulls().Write(t.Context(), rows)
		require.NoError(t, err)
		t.equalTables("KS.types", "KS.copied")
	})
}

// TestTuplesAreWrittenWhole, in keys too.
func TestTuplesAreWrittenWhole(t *testing.T) {
	onBoth(t, func(t *target) {
		const columns = " (p frozen<tuple<int, text>>, c frozen<tuple<int, frozen<tuple<text, int>>>>, v tuple<int, text>, w tuple<int>, PRIMARY KEY (p, c))"
		t.exec("CREATE TABLE KS.a" + columns)
		t.exec("CREATE TABLE KS.b" + columns)
		for _, values := range []string{
			"((1, 'a'), (1, ('x', 2)), (1, null), (5)", "((1, 'a'), (2, ('x', null)), (null, null), null", "((2, 'b'), (1, ('y', 2)), null, (null)",
		} {
			t.exec("INSERT INTO KS.a (p, c, v, w) VALUES " + values + ")")
		}
		rows := source.Query[source.Row](t.session, t.in("SELECT * FROM KS.a")).Rows()
		for _, write := range []sink.Mutation[source.Row]{
			sink.Insert[source.Row](t.session, t.in("KS.b")), sink.Update[source.Row](t.session, t.in("KS.b")).Nulls(),
		} {
			_, err := write.Write(t.Context(), rows)
			require.NoError(t, err)
			t.equalTables("KS.a", "KS.b")
		}
		_, err := sink.Delete[source.Row](t.session, t.in("KS.b")).Write(t.Context(), rows)
		require.NoError(t, err)
		require.Empty(t, t.all("SELECT * FROM KS.b"))
	})
}

func TestUpdatesOfEachKind(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec("CREATE TABLE KS.t (p int, c text, s int static, v int, l list<text>, m map<text, int>, PRIMARY KEY (p, c))")
		t.exec("CREATE TABLE KS.hits (p int, c text, n counter, PRIMARY KEY (p, c))")
		type row struct {
			P int
			C string
			S *int
			V sql.Null[int]
			L []string
			M map[string]int
		}
		seven := 7
		name := t.in("KS.t")
		_, err := sink.Insert[row](t.session, name).Write(t.Context(), rx.From(
			row{1, "a", &seven, sql.Null[int]{V: 1, Valid: true}, []string{"x"}, map[string]int{"x": 1}}, row{P: 1, C: "b"}, row{P: 2, C: "c"}))
		require.NoError(t, err)
		_, err = sink.Update[row](t.session, name).Append("l", "m").Write(t.Context(), rx.From(row{P: 1, C: "a", L: []string{"y"}, M: map[string]int{"y": 2}}))
		require.NoError(t, err)
		type removal struct {
			P int
			C string
			M []string
		}
		_, err = sink.Update[removal](t.session, name).Remove("m").Write(t.Context(), rx.From(removal{1, "a", []string{"x"}}))
		require.NoError(t, err)
		type statics struct{ P, S int }
		_, err = sink.Update[statics](t.session, name).Write(t.Context(), rx.From(statics{2, 22}, statics{3, 33}))
		require.NoError(t, err)
		_, err = sink.Insert[statics](t.session, name).Write(t.Context(), rx.From(statics{4, 44}))
		require.NoError(t, err)
		_, err = sink.Delete[row](t.session, name).Write(t.Context(), rx.From(row{P: 2, C: "c"}))
		require.NoError(t, err)
		require.Equal(t, "a [x y] map[y:2] 1 7 -\nb - - 1 7 -", t.rows("SELECT p, c, s, v, l, m FROM KS.t WHERE p = 1"))
		require.Equal(t, "22", t.rows("SELECT s FROM KS.t WHERE p = 2"))

		type hit struct {
			P int
			C string
			N int
		}
		var hits []hit
		for i := range 200 {
			hits = append(hits, hit{i % 2, fmt.Sprint(i % 10), 1})
		}
		report, err := sink.Update[hit](t.session, t.in("KS.hits")).Window(2).Write(t.Context(), rx.From(hits...))
		require.NoError(t, err)
		require.EqualValues(t, 200, report.Written)
		require.Positive(t, report.Batches)
		counts, err := source.Query[int64](t.session, t.in("SELECT n FROM KS.hits")).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, counts, 10)
		for _, n := range counts {
			require.EqualValues(t, 20, n)
		}

		report, err = sink.Insert[statics](t.session, name).IfNotExists().Write(t.Context(), rx.From(statics{4, 45}, statics{5, 55}))
		require.NoError(t, err)
		require.EqualValues(t, 1, report.NotApplied)
		report, err = sink.Exec[row](t.session, t.in("UPDATE KS.t SET v = 9 WHERE p = :p AND c = :c IF EXISTS"), nil).
			Write(t.Context(), rx.From(row{P: 1, C: "a"}, row{P: 1, C: "z"}))
		require.NoError(t, err)
		require.EqualValues(t, 1, report.Written)
		require.EqualValues(t, 1, report.NotApplied)
	})
}

// TestTimesAreCopied column by column; what is newer stays, and so do partitions of static columns alone.
func TestTimesAreCopied(t *testing.T) {
	onBoth(t, func(t *target) {
		const columns = " (p int, c int, s text static, v int, w text, PRIMARY KEY (p, c))"
		t.exec("CREATE TABLE KS.a" + columns)
		t.exec("CREATE TABLE KS.b" + columns)
		for _, statement := range []string{
			"INSERT INTO KS.a (p, c, v, w) VALUES (1, 1, 10, 'x') USING TIMESTAMP 1000",
			"UPDATE KS.a USING TIMESTAMP 2000 AND TTL 50000 SET v = 11 WHERE p = 1 AND c = 1",
			"INSERT INTO KS.a (p, c, w) VALUES (1, 2, 'y') USING TIMESTAMP 3000 AND TTL 90000",
			"INSERT INTO KS.a (p, s) VALUES (1, 'static') USING TIMESTAMP 4000",
			"INSERT INTO KS.a (p, s) VALUES (2, 'alone') USING TIMESTAMP 5000 AND TTL 70000",
			"INSERT INTO KS.a (p, c) VALUES (3, 3)",
			"INSERT INTO KS.b (p, c, v) VALUES (1, 1, 99) USING TIMESTAMP 2500",
			"INSERT INTO KS.b (p, c, w) VALUES (1, 1, 'old') USING TIMESTAMP 500",
		} {
			t.exec(statement)
		}
		columnsAndTimes := []string{"p", "c", "s", "v", "w", "writetime(s)", "ttl(s)", "writetime(v)", "ttl(v)", "writetime(w)", "ttl(w)"}
		for range 2 {
			report, err := sink.Insert[source.Row](t.session, t.in("KS.b")).
				Write(t.Context(), source.Table[source.Row](t.session, t.in("KS.a")).Columns(columnsAndTimes...).Rows())
			require.NoError(t, err)
			require.EqualValues(t, 4, report.Written)
		}
		for _, look := range []string{"SELECT p, c, s, writetime(s) FROM ", "SELECT p, c, w, writetime(w) FROM "} {
			require.Equal(t, fmt.Sprint(t.all(look+"KS.a")), fmt.Sprint(t.all(look+"KS.b")))
		}
		require.Equal(t, "99 2500", t.rows("SELECT v, writetime(v) FROM KS.b WHERE p = 1 AND c = 1"))
		ttl, err := source.Query[int](t.session, t.in("SELECT ttl(w) FROM KS.b WHERE p = 1 AND c = 2")).Rows().First(t.Context())
		require.NoError(t, err)
		require.InDelta(t, 90000, ttl, 10000)

		type row struct{ P, C, V int }
		_, err = sink.Insert[row](t.session, t.in("KS.b")).Timestamp(func(row) int64 { return 7000 }).TTL(func(row) time.Duration { return 20 * time.Hour }).
			Write(t.Context(), rx.From(row{1, 1, 100}))
		require.NoError(t, err)
		require.Equal(t, "100 7000", t.rows("SELECT v, writetime(v) FROM KS.b WHERE p = 1 AND c = 1"))
	})
}

// TestManyRowsOfAFewKeys with 16 requests under way: the last row of each wins, on a real node too.
func TestManyRowsOfAFewKeys(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec("CREATE TABLE KS.t (p int, c int, s int static, v int, PRIMARY KEY (p, c))")
		type row struct{ P, C, S, V int }
		var rows []row
		last, static := map[[2]int]int{}, map[int]int{}
		for i := range 5000 {
			r := row{i % 7, i % 11, -i, i * 7919 % 5003}
			rows = append(rows, r)
			last[[2]int{r.P, r.C}], static[r.P] = r.V, r.S
		}
		report, err := sink.Insert[row](t.session, t.in("KS.t")).Window(16).Write(t.Context(), rx.From(rows...))
		require.NoError(t, err)
		require.EqualValues(t, 5000, report.Written)
		got, err := source.Query[row](t.session, t.in("SELECT p, c, s, v FROM KS.t")).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, got, len(last))
		for _, r := range got {
			require.Equal(t, last[[2]int{r.P, r.C}], r.V)
			require.Equal(t, static[r.P], r.S)
		}
	})
}

// TestRowsThatAreLarge go one by one, and one that is more than the server takes is refused.
func TestRowsThatAreLarge(t *testing.T) {
	to := onCassandra(t)
	to.exec("CREATE TABLE KS.t (p int, c int, v blob, PRIMARY KEY (p, c))")
	type row struct {
		P, C int
		V    []byte
	}
	rows := make([]row, 8)
	for i := range rows {
		rows[i] = row{1, i, make([]byte, 1<<20)}
	}
	report, err := sink.Insert[row](to.session, to.in("KS.t")).Window(2).Write(to.Context(), rx.From(rows...))
	require.NoError(t, err)
	require.EqualValues(t, 8, report.Written)
	require.Equal(t, "8", to.rows("SELECT count(*) FROM KS.t"))

	_, err = sink.Insert[row](to.session, to.in("KS.t")).Retry(operators.Backoff{Attempts: 1}).Write(to.Context(), rx.From(row{1, 100, make([]byte, 20<<20)}))
	var failed *sink.WriteError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, cql.Invalid, failed.Class)
}
