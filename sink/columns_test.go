package sink_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

func failed(_ sink.Report, err error) error { return err }

// TestWhatDoesNotFitTheTableIsFoundBeforeAnythingIsSent, with column and types.
func TestWhatDoesNotFitTheTableIsFoundBeforeAnythingIsSent(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE shop.t (p int, c text, s int static, v list<int>, PRIMARY KEY (p, c))")
	server.MustExec(createHits)
	type noKey struct{ C string }
	type noClustering struct {
		P int
		V []int
	}
	type unknown struct {
		P    int
		C    string
		Nope int
	}
	type wrong struct {
		P int
		C string
		V []string
	}
	type timeless struct {
		P int
		C string
		W int64 `cql:"writetime(v)"`
	}
	type badTime struct {
		P int
		C string
		V []int
		W string `cql:"writetime(v)"`
	}
	type keysOnly struct {
		P int
		C string
	}
	ctx := t.Context()
	for _, c := range []struct {
		err          error
		column, text string
	}{
		{failed(sink.Insert[noKey](session, "shop.t").Write(ctx, rx.From(noKey{}))), "p", "part of the primary key"},
		{failed(sink.Delete[noKey](session, "shop.t").Write(ctx, rx.From(noKey{}))), "p", "part of the primary key"},
		{failed(sink.Insert[noClustering](session, "shop.t").Write(ctx, rx.From(noClustering{}))), "c", "part of the primary key"},
		{failed(sink.Delete[noClustering](session, "shop.t").Write(ctx, rx.From(noClustering{}))), "c", "part of the primary key"},
		{failed(sink.Insert[unknown](session, "shop.t").Write(ctx, rx.From(unknown{}))), "nope", "it has p, c, s, v"},
		{failed(sink.Insert[wrong](session, "shop.t").Write(ctx, rx.From(wrong{}))), "v", "(list<int>) from []string"},
		{failed(sink.Insert[timeless](session, "shop.t").Write(ctx, rx.From(timeless{}))), "writetime(v)", `no column "v"`},
		{failed(sink.Insert[badTime](session, "shop.t").Write(ctx, rx.From(badTime{}))), "writetime(v)", "(bigint) from string"},
		{failed(sink.Update[keysOnly](session, "shop.t").Write(ctx, rx.From(keysOnly{}))), "p", "nothing to update"},
		{failed(sink.Update[noClustering](session, "shop.t").Append("c").Write(ctx, rx.From(noClustering{}))), "c", "no such column"},
		{failed(sink.Update[item](session, "shop.items").Append("v").Write(ctx, items(1))), "v", "not changed in that way"},
		{failed(sink.Exec[item](session, "UPDATE shop.items SET v = :v WHERE k = :key", nil).Write(ctx, items(1))), "key", "no such column"},
	} {
		var column *sink.ColumnError
		require.ErrorAs(t, c.err, &column, "%v", c.err)
		require.Equal(t, c.column, column.Column)
		require.ErrorContains(t, c.err, c.text)
		require.ErrorIs(t, c.err, cql.Invalid)
	}
	require.ErrorContains(t, failed(sink.Insert[hit](session, "shop.hits").Write(ctx, rx.From(hit{}))), "use Update")
	require.ErrorIs(t, failed(sink.Insert[item](session, "shop.nope").Write(ctx, items(1))), cql.ErrUndefined)
	require.ErrorContains(t, failed(sink.Exec[item](session, "SELECT v FROM shop.items WHERE k = :k", nil).Write(ctx, items(1))), "use source.Query")
	require.ErrorContains(t, failed(sink.Insert[item](session, "shop.items").IfNotExists().Timestamp(func(item) int64 { return 1 }).Write(ctx, items(1))), "does not go with timestamps")
	require.Empty(t, writes(server))
	require.Panics(t, func() { sink.Insert[item](session, "shop.items").IfExists() })
	require.Panics(t, func() { sink.Exec[item](session, "", nil).IfNotExists() })
	require.Panics(t, func() { sink.Insert[item](session, "shop.items").Append("v") })
	require.Panics(t, func() { sink.Delete[item](session, "shop.items").TTL(nil) })
}

func TestUpdatesAndDeletes(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE shop.t (p int, c text, s int static, v int, l list<text>, m map<text, int>, PRIMARY KEY (p, c))")
	type row struct {
		P int
		C string
		S *int
		V sql.Null[int]
		L []string
		M map[string]int
	}
	seven := 7
	_, err := sink.Insert[row](session, "shop.t").Write(t.Context(), rx.From(
		row{1, "a", &seven, sql.Null[int]{V: 1, Valid: true}, []string{"x"}, map[string]int{"x": 1}}, row{P: 1, C: "b"}, row{P: 2, C: "c"}))
	require.NoError(t, err)
	_, err = sink.Update[row](session, "shop.t").Append("l", "m").Write(t.Context(), rx.From(row{P: 1, C: "a", L: []string{"y"}, M: map[string]int{"y": 2}}))
	require.NoError(t, err)
	type removal struct {
		P int
		C string
		M []string
	}
	_, err = sink.Update[removal](session, "shop.t").Remove("m").Write(t.Context(), rx.From(removal{1, "a", []string{"x"}}))
	require.NoError(t, err)
	type front struct {
		P int
		C string
		L []string
	}
	_, err = sink.Update[front](session, "shop.t").Prepend("l").Write(t.Context(), rx.From(front{1, "a", []string{"w"}}))
	require.NoError(t, err)
	all, err := source.Query[row](session, "SELECT p, c, s, v, l, m FROM shop.t WHERE p = 1").Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []row{
		{1, "a", &seven, sql.Null[int]{}, []string{"w", "x", "y"}, map[string]int{"y": 2}}, {P: 1, C: "b", S: &seven},
	}, all, "a null was written as null")

	type statics struct{ P, S int }
	_, err = sink.Update[statics](session, "shop.t").Write(t.Context(), rx.From(statics{2, 22}, statics{3, 33}))
	require.NoError(t, err)
	_, err = sink.Insert[statics](session, "shop.t").Write(t.Context(), rx.From(statics{2, 23}, statics{4, 44}))
	require.NoError(t, err)
	_, err = sink.Delete[row](session, "shop.t").Write(t.Context(), rx.From(row{P: 1, C: "a"}, row{P: 2, C: "c"}))
	require.NoError(t, err)
	type left struct {
		P int
		C *string
		S *int
	}
	got, err := source.Query[left](session, "SELECT p, c, s FROM shop.t").Rows().Collect(t.Context())
	require.NoError(t, err)
	shown := map[string]bool{}
	for _, l := range got {
		c := "-"
		if l.C != nil {
			c = *l.C
		}
		shown[fmt.Sprint(l.P, c, *l.S)] = true
	}
	require.Equal(t, map[string]bool{"1b7": true, "2-23": true, "3-33": true, "4-44": true}, shown)
}

// TestTheLastRowsStaticsWin of a partition: its rows have different keys, and share a request.
func TestTheLastRowsStaticsWin(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE shop.t (p int, c int, s int static, PRIMARY KEY (p, c))")
	type row struct{ P, C, S int }
	rows := make([]row, 500)
	for i := range rows {
		rows[i] = row{i % 2, i, 1000 - i}
	}
	report, err := sink.Insert[row](session, "shop.t").Window(8).Write(t.Context(), rx.From(rows...))
	require.NoError(t, err)
	require.Positive(t, report.Batches)
	got, err := source.Query[int](session, "SELECT s FROM shop.t WHERE p = 1 LIMIT 1").Rows().First(t.Context())
	require.NoError(t, err)
	require.Equal(t, 501, got)
}

func TestTimesOfRows(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE shop.t (k int PRIMARY KEY, v int, w text)")
	server.MustExec("INSERT INTO shop.t (k, v) VALUES (3, 33) USING TIMESTAMP 5000")
	type row struct {
		K, V int
		W    *string
	}
	report, err := sink.Insert[row](session, "shop.t").
		TTL(func(r row) time.Duration { return time.Duration(r.K-1) * 1500 * time.Second }).
		Timestamp(func(r row) int64 { return int64(1000 * r.K) }).
		Write(t.Context(), rx.From(row{K: 1, V: 1}, row{K: 2, V: 2}, row{K: 3, V: 3}))
	require.NoError(t, err)
	require.EqualValues(t, 3, report.Written)
	require.Equal(t, "INSERT INTO shop.t (k, v, w) VALUES (?, ?, ?) USING TIMESTAMP ? AND TTL ?", writes(server)[0].Statement)
	type times struct {
		V         int
		Writetime int64 `cql:"writetime(v)"`
		TTL       *int  `cql:"ttl(v)"`
	}
	look := func(k int) times {
		got, err := source.Query[times](session, "SELECT v, writetime(v), ttl(v) FROM shop.t WHERE k = ?", k).Rows().First(t.Context())
		require.NoError(t, err)
		return got
	}
	require.Equal(t, times{1, 1000, nil}, look(1))
	require.EqualValues(t, 2000, look(2).Writetime)
	require.InDelta(t, 1500, *look(2).TTL, 100)
	require.Equal(t, times{33, 5000, nil}, look(3), "what is newer stays")

	_, err = sink.Delete[row](session, "shop.t").Timestamp(func(row) int64 { return 1500 }).Write(t.Context(), rx.From(row{K: 1}, row{K: 2}))
	require.NoError(t, err)
	require.Equal(t, 2, count(t, session, "shop.t"), "row 2 is newer than its deletion")
}

func TestConditions(t *testing.T) {
	server, session := serve(t)
	server.MustExec("INSERT INTO shop.items (k, v) VALUES (3, 33)")
	var mu sync.Mutex
	refused := map[int]*sink.NotAppliedError{}
	note := func(_ context.Context, i item, e *sink.NotAppliedError) error {
		mu.Lock()
		defer mu.Unlock()
		refused[i.K] = e
		return nil
	}
	report, err := sink.Insert[item](session, "shop.items").IfNotExists().NotApplied(note).Write(t.Context(), items(5))
	require.NoError(t, err)
	require.EqualValues(t, 4, report.Written)
	require.EqualValues(t, 1, report.NotApplied)
	require.Len(t, refused, 1)
	require.EqualValues(t, 3, refused[3].Row)
	require.Equal(t, []cql.Column{{Name: "k", Type: cql.Type{Kind: cql.Int}}, {Name: "v", Type: cql.Type{Kind: cql.Int}}}, refused[3].Columns)
	require.Equal(t, [][]byte{{0, 0, 0, 3}, {0, 0, 0, 33}}, refused[3].Cells)
	require.Equal(t, 33, stored(t, session)[3])

	report, err = sink.Update[item](session, "shop.items").IfExists().Write(t.Context(), rx.From(item{3, 4}, item{9, 9}))
	require.NoError(t, err)
	require.EqualValues(t, 1, report.Written)
	require.EqualValues(t, 1, report.NotApplied)
	report, err = sink.Delete[item](session, "shop.items").IfExists().Write(t.Context(), rx.From(item{K: 3}, item{K: 9}))
	require.NoError(t, err)
	require.EqualValues(t, 1, report.NotApplied)
	require.Equal(t, map[int]int{0: 0, 1: 1, 2: 2, 4: 4}, stored(t, session))

	stop := fmt.Errorf("enough")
	_, err = sink.Exec[item](session, "UPDATE shop.items SET v = :v WHERE k = :k IF v = 1", nil).
		NotApplied(func(context.Context, item, *sink.NotAppliedError) error { return stop }).Write(t.Context(), rx.From(item{1, 10}, item{2, 20}))
	require.ErrorIs(t, err, stop)
	require.Equal(t, 10, stored(t, session)[1])
}

func TestCountersAddUp(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE shop.hits (site text, page text, n counter, PRIMARY KEY (site, page))")
	type hit struct {
		Site, Page string
		N          int
	}
	hits := make([]hit, 600)
	for i := range hits {
		hits[i] = hit{"s", fmt.Sprint(i % 30), 1}
	}
	report, err := sink.Update[hit](session, "shop.hits").Window(4).Write(t.Context(), rx.From(hits...))
	require.NoError(t, err)
	require.EqualValues(t, 600, report.Written)
	require.Positive(t, report.Batches)
	for _, r := range writes(server) {
		require.Contains(t, []int{0, 2}, r.BatchType)
		require.Equal(t, len(r.Batch) > 0, r.BatchType == 2)
	}
	counts, err := source.Query[int64](session, "SELECT n FROM shop.hits").Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, counts, 30)
	for _, n := range counts {
		require.EqualValues(t, 20, n)
	}
	_, err = sink.Update[hit](session, "shop.hits").Remove("n").Write(t.Context(), rx.From(hit{"s", "1", 5}))
	require.NoError(t, err)
	n, err := source.Query[int64](session, "SELECT n FROM shop.hits WHERE site = 's' AND page = '1'").Rows().First(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 15, n)
}

func TestStatementsOfOnesOwn(t *testing.T) {
	server, session := serve(t)
	server.MustExec(createEntries)
	_, err := sink.Exec[entry](session, "INSERT INTO shop.events (p, c, v) VALUES (:p, :c, 'fixed')", nil).Write(t.Context(), entries(10, 2))
	require.NoError(t, err)
	require.Equal(t, 10, count(t, session, "shop.events"))
	report, err := sink.Exec(session, "DELETE FROM shop.events WHERE p = ?", func(p int) []any { return []any{p} }).Write(t.Context(), rx.From(1, 7))
	require.NoError(t, err)
	require.EqualValues(t, 2, report.Written)
	require.Equal(t, 5, count(t, session, "shop.events"))
	_, err = sink.Exec(session, "DELETE FROM shop.events WHERE p = ?", func(int) []any { return nil }).Write(t.Context(), rx.From(1))
	require.ErrorIs(t, err, cql.Malformed)
	require.ErrorContains(t, err, "1 markers, and there are 0 arguments")
	_, err = sink.Exec(session, "DELETE FROM shop.events WHERE p = ?", func(int) []any { return []any{"x"} }).Write(t.Context(), rx.From(1))
	require.ErrorIs(t, err, cql.Malformed)
	require.ErrorContains(t, err, `column "p" (int) from string`)
}

// TestRowsWithoutAStructAreWrittenAsTheyAre, tuples too, of which the driver cannot bind a whole one.
func TestRowsWithoutAStructAreWrittenAsTheyAre(t *testing.T) {
	server, session := serve(t)
	const columns = " (k frozen<tuple<int, text>> PRIMARY KEY, v tuple<int, frozen<tuple<text, int>>, text>, one frozen<tuple<int>>, m map<text, int>)"
	server.MustExec("CREATE TABLE shop.a" + columns)
	server.MustExec("CREATE TABLE shop.b" + columns)
	server.MustExec("CREATE TABLE shop.c (k frozen<tuple<int, text>> PRIMARY KEY, v text)")
	for _, values := range []string{
		"((1, 'a'), (1, ('x', 2), 'y'), (5), {'a': 1})", "((2, 'b'), (1, (null, 2), null), null, null)", "((3, 'c'), (null, null, 'y'), (null), {})",
		"((4, 'd'), null, null, null)",
	} {
		server.MustExec("INSERT INTO shop.a (k, v, one, m) VALUES " + values)
	}
	all := source.Query[source.Row](session, "SELECT * FROM shop.a").Rows()
	for _, insert := range []sink.Mutation[source.Row]{
		sink.Insert[source.Row](session, "shop.b"), sink.Insert[source.Row](session, "shop.b").Nulls(), sink.Update[source.Row](session, "shop.b"),
	} {
		report, err := insert.Write(t.Context(), all)
		require.NoError(t, err)
		require.EqualValues(t, 4, report.Written)
		require.Equal(t, shown(t, session, "SELECT * FROM shop.a"), shown(t, session, "SELECT * FROM shop.b"))
	}
	type back struct {
		K struct {
			A int
			B string
		}
		V []any
	}
	typed := source.Query[back](session, "SELECT k, v FROM shop.a").Rows()
	_, err := sink.Insert[back](session, "shop.b").Write(t.Context(), typed)
	require.NoError(t, err)
	require.Equal(t, shown(t, session, "SELECT * FROM shop.a"), shown(t, session, "SELECT * FROM shop.b"))
	_, err = sink.Delete[source.Row](session, "shop.b").Write(t.Context(), all)
	require.NoError(t, err)
	require.Zero(t, count(t, session, "shop.b"))

	_, err = sink.Insert[source.Row](session, "shop.c").Write(t.Context(), source.Query[source.Row](session, "SELECT k, v FROM shop.a").Rows())
	var column *sink.ColumnError
	require.ErrorAs(t, err, &column)
	require.Equal(t, "v", column.Column)
	require.Equal(t, "text", column.CQLType)
	require.ErrorContains(t, err, "their type must be the column's")
	require.Zero(t, count(t, session, "shop.c"))
}

func shown(t *testing.T, session *cql.Session, query string) []string {
	t.Helper()
	rows, err := source.Query[source.Row](session, query).Rows().Collect(t.Context())
	require.NoError(t, err)
	var all []string
	for _, r := range rows {
		all = append(all, r.String())
	}
	return all
}

// TestACopyHasTheTimesOfTheOriginal, column by column, and partitions of static columns alone.
func TestACopyHasTheTimesOfTheOriginal(t *testing.T) {
	server, session := serve(t)
	const columns = " (p int, c int, s text static, v int, w text, PRIMARY KEY (p, c))"
	server.MustExec("CREATE TABLE shop.a" + columns)
	server.MustExec("CREATE TABLE shop.b" + columns)
	for _, statement := range []string{
		"INSERT INTO shop.a (p, c, v, w) VALUES (1, 1, 10, 'x') USING TIMESTAMP 1000",
		"UPDATE shop.a USING TIMESTAMP 2000 AND TTL 5000 SET v = 11 WHERE p = 1 AND c = 1",
		"INSERT INTO shop.a (p, c, w) VALUES (1, 2, 'y') USING TIMESTAMP 3000 AND TTL 9000",
		"INSERT INTO shop.a (p, s) VALUES (1, 'static') USING TIMESTAMP 4000",
		"INSERT INTO shop.a (p, s) VALUES (2, 'alone') USING TIMESTAMP 5000 AND TTL 7000",
		"INSERT INTO shop.a (p, c) VALUES (3, 3)",
		"INSERT INTO shop.b (p, c, v) VALUES (1, 1, 99) USING TIMESTAMP 2500", // newer
		"INSERT INTO shop.b (p, c, w) VALUES (1, 1, 'old') USING TIMESTAMP 500",
	} {
		server.MustExec(statement)
	}
	times := []string{"p", "c", "s", "v", "w", "writetime(s)", "ttl(s)", "writetime(v)", "ttl(v)", "writetime(w)", "ttl(w)"}
	for range 2 { // again changes nothing
		report, err := sink.Insert[source.Row](session, "shop.b").Write(t.Context(), source.Table[source.Row](session, "shop.a").Columns(times...).Rows())
		require.NoError(t, err)
		require.EqualValues(t, 4, report.Written)
	}
	look := func(table, c string, p int) string {
		rows, err := source.Query[source.Row](session, "SELECT p, c, "+c+", writetime("+c+") FROM "+table+" WHERE p = ?", p).Rows().Collect(t.Context())
		require.NoError(t, err)
		return fmt.Sprint(rows)
	}
	for p := range 3 {
		for _, c := range []string{"s", "w"} {
			require.Equal(t, look("shop.a", c, p+1), look("shop.b", c, p+1))
		}
	}
	require.Equal(t, "[{p: 1, c: 1, v: 99, writetime(v): 2500} {p: 1, c: 2, v: null, writetime(v): null}]", look("shop.b", "v", 1))
	ttl, err := source.Query[int](session, "SELECT ttl(w) FROM shop.b WHERE p = 1 AND c = 2").Rows().First(t.Context())
	require.NoError(t, err)
	require.InDelta(t, 9000, ttl, 100)
	ttl, err = source.Query[int](session, "SELECT ttl(s) FROM shop.b WHERE p = 2").Rows().First(t.Context())
	require.NoError(t, err)
	require.InDelta(t, 7000, ttl, 100)
}

// Of a column that comes twice, as after renaming, one of the values would be lost.
func TestARowThatHasAColumnTwiceIsRefused(t *testing.T) {
	_, session := serve(t)
	integer := cql.Type{Kind: cql.Int}
	cell, err := integer.Marshal(1)
	require.NoError(t, err)
	var row source.Row
	columns := []cql.Column{{Name: "k", Type: integer}, {Name: "v", Type: integer}, {Name: "v", Type: integer}}
	require.NoError(t, row.UnmarshalRow(columns, [][]byte{cell, cell, cell}))
	_, err = sink.Insert[source.Row](session, "shop.items").Write(t.Context(), rx.From(row))
	var wrong *sink.ColumnError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, "v", wrong.Column)
	require.ErrorContains(t, err, "twice")
}
