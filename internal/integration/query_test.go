package integration_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

type number struct{ P, N int }

// numbers makes the table with rows 0 … n-1 in one partition.
func (t *target) numbers(n int) {
	t.Helper()
	t.exec("CREATE TABLE KS.numbers (p int, n int, PRIMARY KEY (p, n))")
	rows := operators.Map(rx.Range(0, n), func(i int) number { return number{N: i} })
	report, err := sink.Insert[number](t.session, t.keyspace+".numbers").Window(64).Write(t.Context(), rows)
	require.NoError(t, err)
	require.EqualValues(t, n, report.Written)
	t.reads.Store(0)
}

func (t *target) selectNumbers(rest string, args ...any) source.Select[int] {
	return source.Query[int](t.session, t.in("SELECT n FROM KS.numbers "+rest), args...)
}

func upTo(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func TestPagingOnDemand(t *testing.T) {
	onBoth(t, func(t *target) {
		t.numbers(1000)
		got, err := t.selectNumbers("").PageSize(70).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, upTo(1000), got)
		require.EqualValues(t, 15, t.reads.Load())

		t.reads.Store(0)
		got, err = operators.Take(t.selectNumbers("").PageSize(100).Rows(), 10).Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, upTo(10), got)
		require.EqualValues(t, 1, t.reads.Load())

		t.reads.Store(0)
		_, err = t.selectNumbers("").Rows().Collect(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 3, t.reads.Load(), "100, 400, 1600")
	})
}

func TestAnExactFitLastPage(t *testing.T) {
	onBoth(t, func(t *target) {
		t.numbers(300)
		got, err := t.selectNumbers("").PageSize(100).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, upTo(300), got)
	})
}

func TestLimitsWithGrowingPages(t *testing.T) {
	onBoth(t, func(t *target) {
		t.numbers(1000)
		for _, n := range []int{1, 2, 99, 100, 101, 350, 1000, 2000} {
			got, err := t.selectNumbers("LIMIT ?", n).Rows().Collect(t.Context())
			require.NoError(t, err)
			require.Equal(t, upTo(min(n, 1000)), got, "LIMIT %d", n)
			got, err = t.selectNumbers(fmt.Sprintf("LIMIT %d", n)).PageSize(40).Rows().Collect(t.Context())
			require.NoError(t, err)
			require.Equal(t, upTo(min(n, 1000)), got, "LIMIT %d, pages of 40", n)
		}
	})
}

// TestThePageSizeMayChangeBetweenPages also pins down what the in-process server imitates: that a LIMIT makes a real
// one start again when a page of that size is asked for.
func TestThePageSizeMayChangeBetweenPages(t *testing.T) {
	onBoth(t, func(t *target) {
		t.numbers(500)
		var got []int
		var state []byte
		for {
			page, err := t.selectNumbers("").From(state).PageSize(1 + rand.IntN(60)).ReadAhead(0).Pages().First(t.Context())
			require.NoError(t, err)
			got = append(got, page.Rows...)
			if state = page.State; len(state) == 0 {
				break
			}
		}
		require.Equal(t, upTo(500), got)

		raw := t.other()
		fetch := func(size int, state []byte) ([]int, []byte) {
			iter := raw.Query(t.in("SELECT n FROM KS.numbers LIMIT 100")).PageSize(size).PageState(state).Iter()
			var rows []int
			for n := 0; iter.Scan(&n); {
				rows = append(rows, n)
			}
			next := iter.PageState()
			require.NoError(t, iter.Close())
			return rows, next
		}
		rows, state := fetch(40, nil)
		require.Equal(t, upTo(40), rows)
		rows, _ = fetch(59, state)
		require.Equal(t, upTo(99)[40:], rows)
		rows, _ = fetch(100, state)
		require.Equal(t, upTo(100), rows, "from the start again")
	})
}

func TestStatesOutliveTheirSession(t *testing.T) {
	onBoth(t, func(t *target) {
		t.numbers(300)
		page, err := t.selectNumbers("").PageSize(120).Pages().First(t.Context())
		require.NoError(t, err)
		config := *t.config
		config.PoolConfig.HostSelectionPolicy = nil
		session, err := cql.Connect(t.Context(), &config)
		require.NoError(t, err)
		defer session.Close()
		rest, err := source.Query[int](session, t.in("SELECT n FROM KS.numbers")).From(page.State).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, upTo(300), append(page.Rows, rest...))
	})
}

func TestManyPartitionsTokensAndIn(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec("CREATE TABLE KS.wide (a int, b text, c int, v text, PRIMARY KEY ((a, b), c)) WITH CLUSTERING ORDER BY (c DESC)")
		type wide struct {
			A int
			B string
			C int
			V *string
		}
		var want []wide
		for a := range 20 {
			for c := range 10 {
				v := fmt.Sprint(a, c)
				want = append(want, wide{a, "x" + fmt.Sprint(a%3), c, &v})
			}
		}
		want[7].V = nil
		_, err := sink.Insert[wide](t.session, t.keyspace+".wide").Write(t.Context(), rx.From(want...))
		require.NoError(t, err)

		all, err := source.Query[*wide](t.session, t.in("SELECT * FROM KS.wide")).PageSize(7).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, all, len(want))
		byKey := func(x, y *wide) int { return (x.A-y.A)*100 + x.C - y.C }
		slices.SortFunc(all, byKey)
		for i := range want {
			require.Equal(t, want[i], *all[i])
		}

		// The ring in four parts covers the table.
		var parts []int64
		for i := range 4 {
			const quarter = int64(1) << 62
			start := -2*quarter + int64(i)*quarter
			end := start + quarter
			statement, args := "SELECT token(a, b) AS t FROM KS.wide WHERE token(a, b) > ? AND token(a, b) <= ?", []any{start, end}
			if i == 3 { // the end would be beyond the largest token
				statement, args = "SELECT token(a, b) AS t FROM KS.wide WHERE token(a, b) > ?", args[:1]
			}
			tokens, err := source.Query[int64](t.session, t.in(statement), args...).PageSize(9).Rows().Collect(t.Context())
			require.NoError(t, err)
			require.True(t, slices.IsSorted(tokens))
			parts = append(parts, tokens...)
		}
		require.Len(t, parts, len(want))
		require.True(t, slices.IsSorted(parts))
		_, err = source.Query[int64](t.session, t.in("SELECT token(a, b) AS t FROM KS.wide WHERE token(a, b) > ? AND token(a, b) >= ?"), 0, 1).Rows().Collect(t.Context())
		require.ErrorIs(t, err, cql.Invalid, "two start bounds")

		cs, err := source.Query[int](t.session, t.in("SELECT c FROM KS.wide WHERE a = 7 AND b = ? AND c >= 2 AND c < 8"), "x1").PageSize(4).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{7, 6, 5, 4, 3, 2}, cs)
		cs, err = source.Query[int](t.session, t.in("SELECT c FROM KS.wide WHERE a = 7 AND b = 'x1' AND c IN (1, 5, 99) ORDER BY c ASC")).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{1, 5}, cs)
		n, err := source.Query[int64](t.session, t.in("SELECT COUNT(*) FROM KS.wide")).Rows().First(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, len(want), n)
	})
}

func TestErrorsHaveTheirClass(t *testing.T) {
	onBoth(t, func(t *target) {
		t.numbers(1)
		for statement, class := range map[string]cql.Class{
			"SELEKT n FROM KS.numbers":               cql.Syntax,
			"SELECT nothing FROM KS.numbers":         cql.Invalid,
			"SELECT n FROM KS.nowhere":               cql.Invalid,
			"SELECT n FROM KS.numbers WHERE p = 'x'": cql.Invalid,
		} {
			_, err := source.Query[int](t.session, t.in(statement)).Rows().Collect(t.Context())
			require.ErrorIs(t, err, class, statement)
			var page *source.PageError
			require.ErrorAs(t, err, &page)
			require.Equal(t, 1, page.Attempts, "the fault of the request itself is not retried")
		}
		err := t.session.Execute(t.Context(), cql.Statement{CQL: t.in("CREATE TABLE KS.numbers (n int PRIMARY KEY)")})
		require.ErrorIs(t, err, cql.Config)
		_, err = t.selectNumbers("WHERE p = ?").Rows().Collect(t.Context())
		require.Error(t, err, "an argument is missing")
		_, err = t.selectNumbers("WHERE p = ?", "text").Rows().Collect(t.Context())
		require.ErrorIs(t, err, cql.Malformed)
	})
}

// TestATypeThatChangesUnderAQuery is the trap of protocol v4: the table is made anew with another type, and another
// client has prepared the statement first, so that the server knows it again.
func TestATypeThatChangesUnderAQuery(t *testing.T) {
	onBoth(t, func(t *target) {
		const statement = "SELECT v FROM KS.typed WHERE p = 0"
		t.exec("CREATE TABLE KS.typed (p int PRIMARY KEY, v text)")
		t.exec("INSERT INTO KS.typed (p, v) VALUES (0, 'four')")
		query := source.Query[map[string]any](t.session, t.in(statement))
		row, err := query.Rows().First(t.Context())
		require.NoError(t, err)
		require.Equal(t, map[string]any{"v": "four"}, row)

		t.exec("DROP TABLE KS.typed")
		t.exec("CREATE TABLE KS.typed (p int PRIMARY KEY, v int)")
		t.exec("INSERT INTO KS.typed (p, v) VALUES (0, 1718580594)") // the bytes of 'four' are those of this number
		require.NoError(t, t.other().Query(t.in(statement)).Exec())
		row, err = query.Rows().First(t.Context())
		require.NoError(t, err)
		require.Equal(t, map[string]any{"v": 1718580594}, row)
		_, err = source.Query[bool](t.session, t.in(statement)).Rows().First(t.Context())
		require.ErrorIs(t, err, cql.Malformed)
	})
}

func TestHostsOfAConnectedAndOfAWrappedSession(t *testing.T) {
	onBoth(t, func(t *target) {
		hosts, err := t.session.Hosts(t.Context())
		require.NoError(t, err)
		require.NotEmpty(t, hosts)
		require.NotEmpty(t, hosts[0].Tokens)
		wrapped := cql.Wrap(t.other())
		again, err := wrapped.Hosts(t.Context())
		require.NoError(t, err)
		byID := func(hs []cql.Host) map[string][]string {
			m := map[string][]string{}
			for _, h := range hs {
				m[h.ID] = slices.Sorted(slices.Values(h.Tokens))
			}
			return m
		}
		require.Equal(t, byID(hosts), byID(again))
		t.numbers(10)
		got, err := source.Query[int](wrapped, t.in("SELECT n FROM KS.numbers")).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, upTo(10), got)
		wrapped.Close()
		_, err = wrapped.Hosts(t.Context())
		require.ErrorIs(t, err, cql.ErrClosed)
	})
}

func TestTheLastRowOfAKeyWins(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec("CREATE TABLE KS.latest (k int PRIMARY KEY, v int)")
		type latest struct{ K, V int }
		const keys, rows = 50, 5000
		stream := operators.Map(rx.Range(0, rows), func(i int) latest { return latest{i % keys, i} })
		report, err := sink.Insert[latest](t.session, t.keyspace+".latest").Window(32).Write(t.Context(), stream)
		require.NoError(t, err)
		require.EqualValues(t, rows, report.Written)
		got, err := source.Query[latest](t.session, t.in("SELECT k, v FROM KS.latest")).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, got, keys)
		for _, r := range got {
			require.Equal(t, rows-keys+r.K, r.V)
		}
	})
}

func TestNilLeavesAColumnAsItIs(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec("CREATE TABLE KS.partial (k int PRIMARY KEY, a text, b list<int>)")
		type partial struct {
			K int
			A *string
			B []int
		}
		a := "kept"
		write := func(p partial) {
			_, err := sink.Insert[partial](t.session, t.keyspace+".partial").Write(t.Context(), rx.From(p))
			require.NoError(t, err)
		}
		write(partial{1, &a, []int{1, 2}})
		write(partial{K: 1})
		got, err := source.Query[partial](t.session, t.in("SELECT k, a, b FROM KS.partial")).Rows().First(t.Context())
		require.NoError(t, err)
		require.Equal(t, partial{1, &a, []int{1, 2}}, got)
	})
}
