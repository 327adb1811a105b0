package source_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
	"github.com/rxcql/rxcql/source"
)

// spot is a row of lab.spots.
type spot struct {
	A int
	B string
	N int
	V int
}

// spots makes the table lab.spots with partitions × rows rows and returns them.
func spots(server *cqltest.Server, partitions, rows int) []spot {
	server.MustExec("CREATE TABLE lab.spots (a int, b text, n int, v int, PRIMARY KEY ((a, b), n))")
	key := func(p int) (int, string) { return p, fmt.Sprint("b", p%7) }
	server.Generate("lab.spots", cqltest.Generator{
		Partitions: partitions, Rows: rows,
		Key: func(p int) []any { a, b := key(p); return []any{a, b} },
		Row: func(p, r int) []any { return []any{r, p * r} },
	})
	var all []spot
	for p := range partitions {
		for r := range rows {
			a, b := key(p)
			all = append(all, spot{a, b, r, p * r})
		}
	}
	return all
}

func TestTableReadsEveryRowOnce(t *testing.T) {
	for _, cluster := range []struct {
		nodes, vnodes int
		splits        []int // 0: the default
	}{{1, 1, []int{0, 1, 7}}, {1, 16, []int{0, 100}}, {3, 1, []int{0, 7, 100}}, {3, 8, []int{0, 1, 7, 100, 1000}}} {
		t.Run(fmt.Sprintf("%d nodes with %d tokens", cluster.nodes, cluster.vnodes), func(t *testing.T) {
			server, session := serve(t, cqltest.Nodes(cluster.nodes), cqltest.VNodes(cluster.vnodes))
			want := spots(server, 60, 5)
			table := source.Table[spot](session, "lab.spots").PageSize(3)
			for _, splits := range cluster.splits {
				table := table
				if splits > 0 {
					table = table.SplitInto(splits)
				}
				t.Run(fmt.Sprintf("split into %d", splits), func(t *testing.T) {
					rows, err := table.Rows().Collect(t.Context())
					require.NoError(t, err)
					require.ElementsMatch(t, want, rows)

					ordered, err := table.InTokenOrder().Rows().Collect(t.Context())
					require.NoError(t, err)
					direct, err := source.Query[spot](session, "SELECT a, b, n, v FROM lab.spots").Rows().Collect(t.Context())
					require.NoError(t, err)
					require.Equal(t, direct, ordered)

					n, err := table.Count(t.Context())
					require.NoError(t, err)
					require.EqualValues(t, len(want), n)
				})
			}
		})
	}
}

func TestTablePagesAreOfOneRangeAndEachSeesAll(t *testing.T) {
	server, session := serve(t, cqltest.Nodes(2))
	want := spots(server, 40, 5)
	table := source.Table[*spot](session, "lab.spots").PageSize(4).SplitInto(9)

	var rows []spot
	parts := map[string]int{}
	require.NoError(t, table.Pages().ForEach(t.Context(), func(p source.TablePage[*spot]) error {
		require.NotEmpty(t, p.Rows)
		require.LessOrEqual(t, len(p.Rows), 4)
		require.NotEmpty(t, p.Host)
		require.Positive(t, p.Bytes)
		require.Equal(t, p.Last, p.Range.Cursor == nil)
		parts[p.Range.String()] += len(p.Rows)
		for _, r := range p.Rows {
			rows = append(rows, *r)
		}
		return nil
	}))
	require.ElementsMatch(t, want, rows)
	require.LessOrEqual(t, len(parts), 10)

	for _, n := range []int{1, 3, 50} {
		var mu sync.Mutex
		rows = nil
		require.NoError(t, table.Each(t.Context(), n, func(_ context.Context, p source.TablePage[*spot]) error {
			mu.Lock()
			defer mu.Unlock()
			for _, r := range p.Rows {
				rows = append(rows, *r)
			}
			return nil
		}))
		require.ElementsMatch(t, want, rows)
	}
}

func TestTableIsReadByNamesAsCQLHasThem(t *testing.T) {
	server, session := serve(t)
	server.MustExec(`CREATE KEYSPACE "Big Lab" WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	server.MustExec(`CREATE TABLE "Big Lab"."Odd ""T" ("K 1" int, "select" int, s int STATIC, v text, PRIMARY KEY ("K 1", "select"))`)
	server.MustExec(`INSERT INTO "Big Lab"."Odd ""T" ("K 1", "select", v) VALUES (1, 2, 'x') USING TIMESTAMP 77`)
	server.MustExec(`INSERT INTO "Big Lab"."Odd ""T" ("K 1", s) VALUES (2, 9)`) // a partition without rows
	name := `"Big Lab"."Odd ""T"`

	rows, err := source.Table[map[string]any](session, name).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, []map[string]any{
		{"K 1": 1, "select": 2, "s": nil, "v": "x"},
		{"K 1": 2, "select": nil, "s": 9, "v": nil},
	}, rows)

	type partial struct {
		Key     int    `cql:"K 1"`
		Written *int64 `cql:"writetime(v)"`
		Left    *int   `cql:"ttl(v)"`
	}
	stamp := int64(77)
	some, err := source.Table[partial](session, name).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, []partial{{1, &stamp, nil}, {2, nil, nil}}, some)

	whole, err := source.Table[source.Row](session, name).Columns(`"K 1"`, "v", "WriteTime(v)", "ttl(v)").Rows().Collect(t.Context())
	require.NoError(t, err)
	var texts []string
	for _, r := range whole {
		texts = append(texts, r.String())
	}
	require.ElementsMatch(t, []string{
		`{K 1: 1, v: "x", writetime(v): 77, ttl(v): null}`, `{K 1: 2, v: null, writetime(v): null, ttl(v): null}`,
	}, texts)

	for _, table := range []source.Scan[source.Row]{
		source.Table[source.Row](session, name).Columns("nope"),
		source.Table[source.Row](session, name).Columns("count(v)"),
		source.Table[source.Row](session, name).Columns("v, v"),
		source.Table[source.Row](session, name).Columns("v; DROP TABLE x"),
		source.Table[source.Row](session, "lab.nothing"),
		source.Table[source.Row](session, "nothing"),
		source.Table[source.Row](session, "lab.a.b"),
	} {
		server.ResetLog()
		_, err := table.Rows().First(t.Context())
		require.Error(t, err)
		require.NotErrorIs(t, err, rx.ErrEmpty)
		require.Empty(t, server.Requests(), "nothing was read")
	}
}

func TestTableWithACondition(t *testing.T) {
	server, session := serve(t)
	want := slices.DeleteFunc(spots(server, 50, 4), func(s spot) bool { return s.N < 2 || s.V != 14 && s.N != 3 })
	table := source.Table[spot](session, "lab.spots").PageSize(2).SplitInto(5)
	got, err := table.Where("n >= ?", 3).Rows().Collect(t.Context())
	require.NoError(t, err)
	more, err := table.Where("n = ? AND v = ?", 2, 14).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, want, append(got, more...))
	n, err := table.Where("n >= ?", 3).Count(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 50, n)
}

func TestTableOnlyWorksWhileItsConsumerDoes(t *testing.T) {
	for _, width := range []struct{ parallel, ahead int }{{1, 0}, {1, 2}, {4, 0}, {4, 1}, {3, 3}} {
		t.Run(fmt.Sprintf("%d at a time, %d ahead", width.parallel, width.ahead), func(t *testing.T) {
			server, session := serve(t)
			spots(server, 200, 5)
			table := source.Table[spot](session, "lab.spots").PageSize(2).SplitInto(50).Parallel(width.parallel).ReadAhead(width.ahead)
			most := width.parallel * (1 + width.ahead)
			settled := func() int {
				t.Helper()
				require.Eventually(t, func() bool { return server.Pages("lab.spots") >= most }, 10*time.Second, time.Millisecond)
				return server.Pages("lab.spots")
			}
			first := 0
			err := table.Rows()(t.Context(), func(spot) bool {
				first = settled() // the consumer is busy
				return false
			})
			require.NoError(t, err)
			require.Equal(t, most, first, "pages asked for while nobody consumes")
			require.Equal(t, most, server.Pages("lab.spots"), "nothing more after the consumer has left")
		})
	}
}

func TestRangesMergeWithoutStarving(t *testing.T) {
	server, session := serve(t)
	spots(server, 400, 5)
	table := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(4).Parallel(4).ReadAhead(1)
	seen := map[int64]int{}
	first := map[int64]int{}
	n := 0
	require.NoError(t, table.Pages().ForEach(t.Context(), func(p source.TablePage[spot]) error {
		if n++; seen[p.Range.Start] == 0 {
			first[p.Range.Start] = n
		}
		seen[p.Range.Start]++
		return nil
	}))
	require.Len(t, seen, 4)
	for start, at := range first {
		require.Less(t, at, n/4, "range from %d had to wait for others: %v of %v", start, first, seen)
	}
}

func TestWhatIsLeftOfARangeIsReadElsewhere(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 30, 5)
	table := source.Table[spot](session, "lab.spots").PageSize(4).SplitInto(3)
	ranges, err := table.Splits(t.Context())
	require.NoError(t, err)
	require.Len(t, ranges, 3)

	var rows []spot
	other, err := cql.Connect(t.Context(), server.Cluster())
	require.NoError(t, err)
	defer other.Close()
	elsewhere := source.Table[spot](other, "LAB.spots").PageSize(7)
	for _, r := range ranges {
		for again := true; again; { // one page at a time, each by a session of its own
			p, err := elsewhere.Ranges(r).Pages().First(t.Context())
			if err == rx.ErrEmpty {
				break
			}
			require.NoError(t, err)
			rows = append(rows, p.Rows...)
			r, again = p.Range, !p.Last
		}
	}
	require.ElementsMatch(t, want, rows)
}

func TestACursorIsForItsRangeOnly(t *testing.T) {
	server, session := serve(t)
	spots(server, 30, 5)
	table := source.Table[spot](session, "lab.spots").PageSize(10)
	p, err := table.SplitInto(1).Pages().First(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, p.Range.Cursor)
	half := p.Range
	half.End = 0
	later, before, empty := p.Range, p.Range, p.Range
	later.Start = 0
	before.End = before.Start + 1
	empty.End = empty.Start
	for name, refused := range map[string]source.Scan[spot]{
		"another start":      table.Ranges(later),
		"an end before it":   table.Ranges(before),
		"other columns":      table.Columns("a", "b", "n").Lenient().Ranges(p.Range),
		"a condition":        table.Where("n = 1").Ranges(p.Range),
		"rubbish":            table.Ranges(source.Range{Start: p.Range.Start, End: p.Range.End, Cursor: []byte("rubbish")}),
		"a state of a query": table.Ranges(source.Range{Start: p.Range.Start, End: p.Range.End, Cursor: p.Range.Cursor[:17]}),
	} {
		_, err := refused.Rows().First(t.Context())
		require.ErrorIs(t, err, source.ErrBadState, name)
		require.ErrorContains(t, err, "without its Cursor the range is read from its start", name)
		require.NotContains(t, err.Error(), "give From", "which is for queries")
	}
	_, err = table.Ranges(empty).Rows().First(t.Context())
	require.ErrorContains(t, err, "empty")

	rest, err := table.Ranges(half, source.Range{Start: 0, End: p.Range.End}).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, rest, 140, "the end may be moved")

	p2, err := table.Where("b >= ?", " --1").SplitInto(1).Pages().First(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, p2.Range.Cursor)
	_, err = table.Where("b >= ?", " --2").Ranges(p2.Range).Rows().First(t.Context())
	require.ErrorIs(t, err, source.ErrBadState, "another argument, however much like a comment it looks")

	server.MustExec("DROP TABLE lab.spots")
	spots(server, 30, 5)
	_, err = table.Ranges(p.Range).Rows().First(t.Context())
	require.ErrorIs(t, err, source.ErrBadState, "the table was made anew")
}

func TestTableKeepsTheContract(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 6, 2)
	for name, table := range map[string]source.Scan[spot]{
		"in random order": source.Table[spot](session, "lab.spots").PageSize(2).SplitInto(4),
		"in token order":  source.Table[spot](session, "lab.spots").PageSize(2).SplitInto(4).InTokenOrder(),
	} {
		t.Run(name, func(t *testing.T) {
			rxtest.Source(t, rxtest.Case[spot]{
				New: func() rx.Observable[spot] { return table.Rows() }, Want: want, Unordered: true, Foreign: []string{"github.com/gocql/gocql", "github.com/rxcql/rxcql/cql/cqltest"},
			})
		})
	}
}

func TestATableOfWhichNothingIsRequestedSendsNothing(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		want := spots(server, 30, 5)
		table := source.Table[spot](session, "lab.spots").PageSize(4).SplitInto(6)
		server.ResetLog()
		s := subscribe(t, table.Rows())
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Empty(t, server.Requests(func(r cqltest.Request) bool { return r.Statement != "" }))
		s.request(1)
		require.Len(t, s.items, 1)
		s.request(10_000)
		require.ElementsMatch(t, want, s.items)
		require.True(t, s.ended)
	})
}

// TestColumnsMayBeAppendedTo: what a row shows of its columns ends there, though the scan knows one more.
func TestColumnsMayBeAppendedTo(t *testing.T) {
	server, session := serve(t)
	all := spots(server, 50, 1)
	n := 0
	err := source.Table[source.Row](session, "lab.spots").SplitInto(4).PageSize(5).Rows().ForEach(t.Context(), func(r source.Row) error {
		n++
		_ = append(r.Columns(), cql.Column{Name: "mine"})
		return nil
	})
	require.NoError(t, err)
	require.Len(t, all, n)
}
