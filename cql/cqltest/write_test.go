package cqltest_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql/cqltest"
)

func TestInsertUpdateDelete(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int, c int, v int, PRIMARY KEY (p, c))`)
	all := func() []string { return pairs(t, s.Query(`SELECT c, v FROM t WHERE p = 1`)) }
	do := func(cql string, args ...any) {
		t.Helper()
		require.NoError(t, s.Query(cql, args...).Exec())
	}
	do(`UPDATE t SET v = ? WHERE p = ? AND c IN (1, 2, 3, 4)`, 5, 1)
	require.Equal(t, []string{"1 5", "2 5", "3 5", "4 5"}, all())
	do(`UPDATE t SET v = null WHERE p = 1 AND c = 1`)
	require.Equal(t, []string{"2 5", "3 5", "4 5"}, all(), "a row of nothing is no row")
	do(`INSERT INTO t (p, c, v) VALUES (1, 1, null)`)
	require.Equal(t, []string{"1 <nil>", "2 5", "3 5", "4 5"}, all(), "unless it was inserted")
	do(`INSERT INTO t (p, c, v) VALUES (?, ?, ?)`, 1, 2, gocql.UnsetValue)
	do(`DELETE v FROM t WHERE p = 1 AND c = 3`)
	require.Equal(t, []string{"1 <nil>", "2 5", "4 5"}, all())
	do(`DELETE FROM t WHERE p = 1 AND c >= 2 AND c < 4`)
	require.Equal(t, []string{"1 <nil>", "4 5"}, all())
	do(`DELETE FROM t WHERE p = 1 AND c = 4`)
	do(`DELETE FROM t WHERE p IN (1, 2)`)
	require.Empty(t, all())
	do(`INSERT INTO t (p, c, v) VALUES (1, 7, 7)`)
	require.Equal(t, []string{"7 7"}, all(), "written after the deletion")
}

func TestCollectionsAndCounters(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int PRIMARY KEY, l list<int>, st set<text>, m map<text, int>)`)
	srv.MustExec(`CREATE TABLE n (p int PRIMARY KEY, c counter)`)
	for _, cql := range []string{
		`UPDATE t SET l = [1, 2], st = {'b'}, m = {'x': 1, 'y': 2} WHERE p = 1`,
		`UPDATE t SET l = l + [3], st = st + {'a', 'c'}, m['z'] = 3 WHERE p = 1`,
		`UPDATE t SET l = [0] + l, st = st - {'b'}, m = m - {'x'} WHERE p = 1`,
		`UPDATE t SET l[1] = 9, m += {'y': 5} WHERE p = 1`,
		`DELETE m['z'], st['c'] FROM t WHERE p = 1`,
		`UPDATE t SET l -= [2] WHERE p = 1`,
		`UPDATE n SET c = c + 5 WHERE p = 1`,
		`UPDATE n SET c = c - 2 WHERE p = 1`,
	} {
		require.NoError(t, s.Query(cql).Exec(), cql)
	}
	require.NoError(t, s.Query(`UPDATE n SET c += ? WHERE p = ?`, int64(10), 1).Exec())
	require.Equal(t, []string{"[0 9 3] [a] map[y:5]"}, rows(t, s.Query(`SELECT l, st, m FROM t`)))
	require.Equal(t, []string{"13"}, rows(t, s.Query(`SELECT c FROM n`)))
	require.NoError(t, s.Query(`UPDATE t SET m = {} WHERE p = 1`).Exec())
	var m map[string]int
	require.NoError(t, s.Query(`SELECT m FROM t`).Scan(&m))
	require.Empty(t, m)
}

func TestBatches(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int PRIMARY KEY, v int)`)
	srv.MustExec(`CREATE TABLE n (p int PRIMARY KEY, c counter)`)
	b := s.NewBatch(gocql.LoggedBatch)
	for i := range 3 {
		b.Query(`INSERT INTO t (p, v) VALUES (?, ?)`, i, i)
	}
	b.Query(`DELETE FROM t WHERE p = 1`)
	require.NoError(t, s.ExecuteBatch(b))
	require.ElementsMatch(t, []string{"0 0", "2 2"}, pairs(t, s.Query(`SELECT p, v FROM t`)))
	b = s.NewBatch(gocql.CounterBatch)
	b.Query(`UPDATE n SET c = c + ? WHERE p = ?`, int64(2), 1)
	b.Query(`UPDATE n SET c = c + 3 WHERE p = 1`)
	require.NoError(t, s.ExecuteBatch(b))
	require.Equal(t, []string{"1 5"}, pairs(t, s.Query(`SELECT p, c FROM n`)))
	b = s.NewBatch(gocql.LoggedBatch)
	b.Query(`INSERT INTO t (p, v) VALUES (8, 8)`)
	b.Query(`UPDATE n SET c = c + 3 WHERE p = 1`)
	require.Error(t, s.ExecuteBatch(b))
	require.Len(t, pairs(t, s.Query(`SELECT p, v FROM t`)), 2, "all or nothing")
}

func TestLightweightTransactions(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int PRIMARY KEY, v int, w int)`)
	cas := func(cql string, args ...any) (bool, map[string]any) {
		m := map[string]any{}
		applied, err := s.Query(cql, args...).MapScanCAS(m)
		require.NoError(t, err)
		return applied, m
	}
	ok, _ := cas(`INSERT INTO t (p, v) VALUES (?, ?) IF NOT EXISTS`, 1, 2)
	require.True(t, ok)
	ok, row := cas(`INSERT INTO t (p, v) VALUES (?, ?) IF NOT EXISTS`, 1, 3)
	require.False(t, ok)
	require.Equal(t, map[string]any{"p": 1, "v": 2, "w": 0}, row)
	ok, row = cas(`UPDATE t SET v = 9 WHERE p = 1 IF v = ?`, 5)
	require.False(t, ok)
	require.Equal(t, map[string]any{"v": 2}, row)
	ok, _ = cas(`UPDATE t SET v = ? WHERE p = 1 IF v = ? AND w = null`, 9, 2)
	require.True(t, ok)
	ok, _ = cas(`UPDATE t SET v = 1 WHERE p = 7 IF EXISTS`)
	require.False(t, ok)
	ok, _ = cas(`DELETE FROM t WHERE p = 1 IF v >= 9`)
	require.True(t, ok)
	require.Empty(t, ints(t, s.Query(`SELECT p FROM t`).Iter()))
}

// TestManyWritesOfOneInstant: in virtual time writes of the same instant count in the order of their arrival.
func TestManyWritesOfOneInstant(t *testing.T) {
	inBubble(t, func(srv *cqltest.Server, s *gocql.Session) {
		srv.MustExec(`CREATE TABLE ks.t (p int PRIMARY KEY, v int)`)
		for i := range 5 {
			require.NoError(t, s.Query(`INSERT INTO t (p, v) VALUES (1, ?)`, 9-i).Exec())
		}
		require.NoError(t, s.Query(`DELETE FROM t WHERE p = 1`).Exec())
		require.Empty(t, ints(t, s.Query(`SELECT v FROM t`).Iter()))
		require.NoError(t, s.Query(`INSERT INTO t (p, v) VALUES (1, 3) USING TTL 60`).Exec())
		require.Equal(t, []int{3}, ints(t, s.Query(`SELECT v FROM t`).Iter()))
		time.Sleep(59 * time.Second)
		require.Equal(t, []int{1}, ints(t, s.Query(`SELECT ttl(v) FROM t`).Iter()))
		time.Sleep(time.Second)
		require.Empty(t, ints(t, s.Query(`SELECT v FROM t`).Iter()))
	})
}

// TestAgainstAMap: any sequence of writes leaves what a map would hold.
func TestAgainstAMap(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int, c text, v int, PRIMARY KEY (p, c))`)
	type key struct {
		p int
		c string
	}
	rapid.Check(t, func(rt *rapid.T) {
		srv.MustExec(`TRUNCATE t`)
		model := map[key]int{}
		p := rapid.IntRange(0, 3)
		c := rapid.SampledFrom([]string{"", "a", "ab", "b", "ü"})
		exec := func(cql string, args ...any) { require.NoError(rt, s.Query(cql, args...).Exec()) }
		drop := func(f func(key) bool) {
			for k := range model {
				if f(k) {
					delete(model, k)
				}
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"insert": func(rt *rapid.T) {
				k, v := key{p.Draw(rt, "p"), c.Draw(rt, "c")}, rapid.Int32().Draw(rt, "v")
				exec(`INSERT INTO t (p, c, v) VALUES (?, ?, ?)`, k.p, k.c, v)
				model[k] = int(v)
			},
			"update": func(rt *rapid.T) {
				k, v := key{p.Draw(rt, "p"), c.Draw(rt, "c")}, rapid.Int32().Draw(rt, "v")
				exec(`UPDATE t SET v = ? WHERE p = ? AND c = ?`, v, k.p, k.c)
				model[k] = int(v)
			},
			"delete row": func(rt *rapid.T) {
				k := key{p.Draw(rt, "p"), c.Draw(rt, "c")}
				exec(`DELETE FROM t WHERE p = ? AND c = ?`, k.p, k.c)
				delete(model, k)
			},
			"delete range": func(rt *rapid.T) {
				k := key{p.Draw(rt, "p"), c.Draw(rt, "c")}
				exec(`DELETE FROM t WHERE p = ? AND c > ?`, k.p, k.c)
				drop(func(x key) bool { return x.p == k.p && x.c > k.c })
			},
			"delete partition": func(rt *rapid.T) {
				n := p.Draw(rt, "p")
				exec(`DELETE FROM t WHERE p = ?`, n)
				drop(func(x key) bool { return x.p == n })
			},
			"": func(rt *rapid.T) {
				var want []string
				for k, v := range model {
					want = append(want, fmt.Sprintf("%d %q %d", k.p, k.c, v))
				}
				var got []string
				it := s.Query(`SELECT p, c, v FROM t`).PageSize(10).Iter()
				var k key
				var v int
				var last key
				for it.Scan(&k.p, &k.c, &v) {
					got = append(got, fmt.Sprintf("%d %q %d", k.p, k.c, v))
					require.False(rt, k.p == last.p && len(got) > 1 && cmp.Compare(k.c, last.c) <= 0)
					last = k
				}
				require.NoError(rt, it.Close())
				slices.Sort(want)
				slices.Sort(got)
				require.Equal(rt, want, got)
			},
		})
	})
}
