package cqltest_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql/cqltest"
)

// pageOf fetches one page of ints.
func pageOf(t testing.TB, q *gocql.Query, size int, state []byte) ([]int, []byte) {
	t.Helper()
	it := q.PageSize(size).PageState(state).Iter()
	next := it.PageState()
	return ints(t, it), next
}

// pageLengths follows the paging states to the end.
func pageLengths(t testing.TB, q *gocql.Query, size int) (lengths, all []int) {
	t.Helper()
	var state []byte
	for {
		var got []int
		got, state = pageOf(t, q, size, state)
		lengths, all = append(lengths, len(got)), append(all, got...)
		if len(state) == 0 {
			return lengths, all
		}
	}
}

func numbers(srv *cqltest.Server, n int) {
	srv.MustExec(`CREATE TABLE t (p int, c int, PRIMARY KEY (p, c))`)
	for c := range n {
		srv.MustExec(`INSERT INTO t (p, c) VALUES (1, ?)`, c)
	}
}

func TestScriptedPages(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	numbers(srv, 2)
	q := s.Query(`SELECT c FROM t`)
	for _, c := range []struct{ script, want []int }{
		{[]int{1, 0, 1}, []int{1, 0, 1}},
		{[]int{0, 0, 0}, []int{0, 0, 0, 2}},
		{[]int{2, 0, 0}, []int{2, 0, 0}},
		{[]int{1}, []int{1, 1}},
		{[]int{2}, []int{2}},
		{[]int{1, 5, 5}, []int{1, 1, 0}},
		{nil, []int{2}},
	} {
		srv.PageSizes("t", c.script...)
		lengths, all := pageLengths(t, q, 100)
		require.Equal(t, c.want, lengths, c.script)
		require.Equal(t, []int{0, 1}, all, c.script)
	}
}

func TestScriptedPagesOfAnEmptyTable(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	numbers(srv, 0)
	srv.PageSizes("ks.t", 0, 0, 0)
	lengths, _ := pageLengths(t, s.Query(`SELECT c FROM t`), 100)
	require.Equal(t, []int{0, 0, 0}, lengths)
}

func TestTwentyThousandEmptyPages(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	numbers(srv, 3)
	srv.PageSizes("t", make([]int, 20_000)...)
	require.Equal(t, []int{0, 1, 2}, ints(t, s.Query(`SELECT c FROM t`).PageSize(10).Prefetch(0).Iter()))
	require.Equal(t, 20_001, srv.Pages("t"))
}

func TestExactFit(t *testing.T) {
	for _, c := range []struct {
		opts []cqltest.Option
		want []int
	}{{nil, []int{5, 5}}, {[]cqltest.Option{cqltest.ExactFitHasState()}, []int{5, 5, 0}}} {
		srv := newServer(t, c.opts...)
		s := connect(t, srv)
		numbers(srv, 10)
		lengths, _ := pageLengths(t, s.Query(`SELECT c FROM t`), 5)
		require.Equal(t, c.want, lengths)
		lengths, _ = pageLengths(t, s.Query(`SELECT c FROM t LIMIT 10`), 5)
		require.Equal(t, []int{5, 5}, lengths, "the limit is known to be used up")
		lengths, _ = pageLengths(t, s.Query(`SELECT c FROM t`), 20)
		require.Equal(t, []int{10}, lengths)
	}
}

// What follows is what a real server did, see the package documentation.

func TestStatesSurviveConnectionsAndNodes(t *testing.T) {
	srv := newServer(t, cqltest.Nodes(2))
	numbers(srv, 10)
	_, state := pageOf(t, connect(t, srv).Query(`SELECT c FROM t`), 4, nil)
	rest, end := pageOf(t, connect(t, srv).Query(`SELECT c FROM t`), 100, state)
	require.Equal(t, []int{4, 5, 6, 7, 8, 9}, rest)
	require.Empty(t, end)
}

func TestLimitThatFitsIntoThePageForgetsTheState(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	numbers(srv, 150)
	q := s.Query(`SELECT c FROM t LIMIT 100`)
	first, state := pageOf(t, q, 40, nil)
	require.Len(t, first, 40)
	second, _ := pageOf(t, q, 99, state)
	require.Len(t, second, 60, "exact below the limit")
	again, end := pageOf(t, q, 100, state)
	require.Len(t, again, 100, "starts over")
	require.Zero(t, again[0])
	require.Empty(t, end)
}

func TestStatesOverrideTheStartOfARange(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE k (p int PRIMARY KEY)`)
	for p := range 100 {
		srv.MustExec(`INSERT INTO k (p) VALUES (?)`, p)
	}
	all := ints(t, s.Query(`SELECT p FROM k`).Iter())
	var tokens []int64
	var tok int64
	for it := s.Query(`SELECT token(p) FROM k`).Iter(); it.Scan(&tok); {
		tokens = append(tokens, tok)
	}
	rangeQuery := func(from, to int) *gocql.Query { // rows from … to-1
		return s.Query(`SELECT p FROM k WHERE token(p) > ? AND token(p) <= ?`, tokens[from]-1, tokens[to-1])
	}
	_, state := pageOf(t, rangeQuery(10, 60), 20, nil) // stands after row 29
	rest, _ := pageOf(t, rangeQuery(10, 60), 1000, state)
	require.Equal(t, all[30:60], rest)
	rest, _ = pageOf(t, rangeQuery(10, 40), 1000, state)
	require.Equal(t, all[30:40], rest, "a narrowed end is exact")
	rest, _ = pageOf(t, rangeQuery(70, 90), 1000, state)
	require.Equal(t, all[30:90], rest, "a later range starts at the cursor")
	rest, _ = pageOf(t, rangeQuery(0, 20), 1000, state)
	require.Equal(t, slices.Concat(all[30:], all[:20]), rest, "a range that ends before the cursor wraps around")
	srv.MustExec(`DROP TABLE k`)
	srv.MustExec(`CREATE TABLE k (p int PRIMARY KEY)`)
	srv.MustExec(`INSERT INTO k (p) VALUES (?)`, all[50])
	rest, _ = pageOf(t, s.Query(`SELECT p FROM k`), 10, state)
	require.Equal(t, all[50:51], rest, "accepted by a table that was made anew")
}

func TestStatesOfOtherQueries(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int, c int, PRIMARY KEY (p, c))`)
	for c := range 10 {
		srv.MustExec(`INSERT INTO t (p, c) VALUES (3, ?)`, c)
		srv.MustExec(`INSERT INTO t (p, c) VALUES (4, ?)`, c)
	}
	_, state := pageOf(t, s.Query(`SELECT c FROM t WHERE p = 3`), 4, nil)
	rest, _ := pageOf(t, s.Query(`SELECT c FROM t WHERE p = 4`), 100, state)
	require.Equal(t, []int{4, 5, 6, 7, 8, 9}, rest, "skips without a word")
	err := s.Query(`SELECT c FROM t`).PageState(state).Exec()
	require.ErrorContains(t, err, "NullPointerException")
	for _, bad := range [][]byte{[]byte("x"), state[1:], append(slices.Clone(state), 0), state[:len(state)-1]} {
		var refused gocql.RequestError
		require.ErrorAs(t, s.Query(`SELECT c FROM t WHERE p = 3`).PageState(bad).Exec(), &refused)
		require.Equal(t, gocql.ErrCodeProtocol, refused.Code())
	}
	// Without a page size the server starts over.
	require.Len(t, ints(t, s.Query(`SELECT c FROM t WHERE p = 3`).PageState(state).PageSize(0).Iter()), 10)
	err = s.Query(`SELECT c FROM t WHERE p IN (3, 4) ORDER BY c DESC`).PageSize(5).Exec()
	require.ErrorContains(t, err, "Cannot page queries with both ORDER BY and a IN restriction")
	got := ints(t, s.Query(`SELECT c FROM t WHERE p IN (3, 4) ORDER BY c DESC LIMIT 3`).PageSize(5).Iter())
	require.Equal(t, []int{9, 9, 8}, got)
}

// TestAnyPagesGiveTheTable: whatever the sizes of the pages, in whichever direction, the pages are the table.
func TestAnyPagesGiveTheTable(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int, c int, s int STATIC, PRIMARY KEY (p, c)) WITH CLUSTERING ORDER BY (c DESC)`)
	rapid.Check(t, func(rt *rapid.T) {
		srv.MustExec(`TRUNCATE t`)
		for p := range rapid.IntRange(0, 6).Draw(rt, "partitions") {
			for range rapid.IntRange(0, 8).Draw(rt, "rows") {
				srv.MustExec(`INSERT INTO t (p, c) VALUES (?, ?)`, p, rapid.IntRange(-5, 5).Draw(rt, "c"))
			}
			if rapid.Bool().Draw(rt, "static") {
				srv.MustExec(`INSERT INTO t (p, s) VALUES (?, 1)`, p)
			}
		}
		where := rapid.SampledFrom([]string{
			"", " WHERE p = 1", " WHERE p IN (0, 3, 1)", " WHERE p = 2 ORDER BY c ASC", " WHERE token(p) > -4000000000000000000",
			" PER PARTITION LIMIT 2", " LIMIT 7", " WHERE p = 1 AND c > -2", " WHERE c > 0 ALLOW FILTERING", " WHERE p = 0 AND c <= 2 AND c > -4 ORDER BY c",
		}).Draw(rt, "where")
		q := s.Query(`SELECT p, c FROM t` + where)
		want := pairs(t, q.PageSize(1000))
		var got []string
		var state []byte
		for {
			size := rapid.IntRange(1, 6).Draw(rt, "size")
			it := q.PageSize(size).PageState(state).Iter()
			state = it.PageState()
			n := it.NumRows()
			var p int
			var c *int
			for it.Scan(&p, &c) {
				if c == nil {
					got = append(got, fmt.Sprint(p, " <nil>"))
				} else {
					got = append(got, fmt.Sprint(p, " ", *c))
				}
			}
			require.NoError(rt, it.Close())
			require.LessOrEqual(rt, n, size)
			if len(state) == 0 {
				break
			}
			require.Equal(rt, size, n, "only the last page is short")
		}
		require.Equal(rt, want, got)
	})
}

// TestRangesCoverTheTable: split anywhere, the ranges between give every row once, in order.
func TestRangesCoverTheTable(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int PRIMARY KEY)`)
	for p := range 200 {
		srv.MustExec(`INSERT INTO t (p) VALUES (?)`, p)
	}
	want := ints(t, s.Query(`SELECT p FROM t`).Iter())
	rapid.Check(t, func(rt *rapid.T) {
		cuts := rapid.SliceOfN(rapid.Int64(), 1, 8).Draw(rt, "cuts")
		slices.Sort(cuts)
		cuts = slices.Compact(cuts)
		if cuts[0] == -1<<63 {
			cuts = append(cuts[1:], 0)
			slices.Sort(cuts)
		}
		got := ints(t, s.Query(`SELECT p FROM t WHERE token(p) <= ?`, cuts[0]).Iter())
		for i := 1; i < len(cuts); i++ {
			got = append(got, ints(t, s.Query(`SELECT p FROM t WHERE token(p) > ? AND token(p) <= ?`, cuts[i-1], cuts[i]).PageSize(7).Iter())...)
		}
		got = append(got, ints(t, s.Query(`SELECT p FROM t WHERE token(p) > ?`, cuts[len(cuts)-1]).Iter())...)
		require.Equal(rt, want, got)
	})
	// As in Cassandra, the smallest number as an end means the end of the ring, and a range does not wrap around.
	require.Len(t, ints(t, s.Query(`SELECT p FROM t WHERE token(p) > ? AND token(p) <= ?`, int64(-1<<63), int64(-1<<63)).Iter()), 200)
	require.Empty(t, ints(t, s.Query(`SELECT p FROM t WHERE token(p) > 5 AND token(p) <= 5`).Iter()))
	require.Empty(t, ints(t, s.Query(`SELECT p FROM t WHERE token(p) > 5 AND token(p) <= -5`).Iter()))
}
