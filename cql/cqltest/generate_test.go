package cqltest_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql/cqltest"
)

var day = time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)

func readings(srv *cqltest.Server, partitions, perPartition int) {
	srv.MustExec(`CREATE TABLE readings (sensor text, at timestamp, value double, quality int, note text, PRIMARY KEY (sensor, at))`)
	srv.Generate("readings", cqltest.Generator{
		Partitions: partitions,
		Rows:       perPartition,
		Key:        func(p int) []any { return []any{fmt.Sprintf("sensor-%06d", p)} },
		Row: func(p, r int) []any {
			return []any{day.Add(time.Duration(r) * time.Second), float64(r) / 2, r, "fine"}
		},
	})
}

// TestGeneratedLikeStored: a generated table answers every query as the same rows do when they were inserted.
func TestGeneratedLikeStored(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	for _, name := range []string{"gen", "stored"} {
		srv.MustExec(`CREATE TABLE ` + name + ` (b int, a text, v bigint, c int, tags set<text>, PRIMARY KEY ((a, b), c)) WITH CLUSTERING ORDER BY (c DESC)`)
	}
	g := cqltest.Generator{
		Partitions: 20,
		Rows:       15,
		Key:        func(p int) []any { return []any{fmt.Sprint("a", p), p} },
		Row: func(p, r int) []any {
			if r%5 == 0 {
				return []any{nil, 100 - r}
			}
			return []any{int64(p*r) << 33, 100 - r, []string{"z", "a"}}
		},
	}
	srv.Generate("gen", g)
	for p := range g.Partitions {
		for r := range g.Rows {
			args := append(g.Key(p), g.Row(p, r)...)
			for len(args) < 5 {
				args = append(args, nil)
			}
			srv.MustExec(`INSERT INTO stored (a, b, v, c, tags) VALUES (?, ?, ?, ?, ?)`, args...)
		}
	}
	for _, q := range []string{
		`SELECT * FROM %s`,
		`SELECT token(a, b), tags, v FROM %s`,
		`SELECT c FROM %s WHERE a = 'a7' AND b = 7`,
		`SELECT c, v FROM %s WHERE a IN ('a7', 'a3') AND b IN (3, 7) AND c <= 93 AND c > 88`,
		`SELECT c FROM %s WHERE a = 'a7' AND b = 7 AND c = 95`,
		`SELECT c FROM %s WHERE a = 'a7' AND b = 7 ORDER BY c ASC LIMIT 8`,
		`SELECT c FROM %s WHERE token(a, b) > 0 LIMIT 50`,
		`SELECT DISTINCT a, b FROM %s WHERE token(a, b) <= 0`,
		`SELECT a, c FROM %s PER PARTITION LIMIT 4`,
		`SELECT a, c FROM %s WHERE c = 99 ALLOW FILTERING`,
		`SELECT COUNT(*) FROM %s`,
		`SELECT c FROM %s WHERE a = 'none' AND b = 1`,
	} {
		want := rows(t, s.Query(fmt.Sprintf(q, "stored")).PageSize(1000))
		for _, size := range []int{1, 7, 15, 1000} {
			require.Equal(t, want, rows(t, s.Query(fmt.Sprintf(q, "gen")).PageSize(size)), "%s by %d", q, size)
		}
	}
	require.ErrorContains(t, srv.Exec(`INSERT INTO gen (a, b, c) VALUES ('x', 1, 1)`), "is generated and cannot be written to")
	srv.MustExec(`ALTER TABLE gen ADD extra int`)
	require.Equal(t, []string{"95 0"}, rows(t, s.Query(`SELECT c, extra FROM gen WHERE a = 'a7' AND b = 7 AND c = 95`)))
	srv.MustExec(`TRUNCATE gen`)
	srv.MustExec(`INSERT INTO gen (a, b, c) VALUES ('x', 1, 1)`)
	require.Equal(t, []int{1}, ints(t, s.Query(`SELECT c FROM gen`).Iter()))
}

func TestGeneratorThatDoesNotFit(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int, c int, PRIMARY KEY (p, c))`)
	same := cqltest.Generator{Partitions: 2, Rows: 1, Key: func(int) []any { return []any{1} }}
	require.PanicsWithValue(t, "cqltest: Key(0) and Key(1) are the same", func() { srv.Generate("t", same) })
	require.Panics(t, func() { srv.Generate("nowhere", same) })
	require.Panics(t, func() {
		srv.Generate("t", cqltest.Generator{Partitions: 1, Key: func(int) []any { return []any{"x"} }})
	})
	srv.Generate("t", cqltest.Generator{Partitions: 1, Rows: 1, Key: func(int) []any { return []any{1} }, Row: func(int, int) []any { return []any{"x"} }})
	require.ErrorContains(t, s.Query(`SELECT c FROM t`).Exec(), "Row(0, 0), column c: a string is no int")
}

// TestFarIntoAHugeTable: ten billion rows cost nothing until they are read.
func TestFarIntoAHugeTable(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	readings(srv, 1000, 10_000_000)
	got := ints(t, s.Query(`SELECT quality FROM readings WHERE sensor = ? AND at >= ? AND at < ?`, "sensor-000500",
		day.Add(9_000_000*time.Second), day.Add(9_000_005*time.Second)).Iter())
	require.Equal(t, []int{9_000_000, 9_000_001, 9_000_002, 9_000_003, 9_000_004}, got)
	got = ints(t, s.Query(`SELECT quality FROM readings WHERE sensor = ? ORDER BY at DESC LIMIT 3`, "sensor-000500").PageSize(2).Iter())
	require.Equal(t, []int{9_999_999, 9_999_998, 9_999_997}, got)
}

// TestGeneratorMayUseTheServer: no lock is held while Row runs.
func TestGeneratorMayUseTheServer(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int PRIMARY KEY, v int)`)
	srv.MustExec(`CREATE TABLE log (r int PRIMARY KEY)`)
	srv.Generate("t", cqltest.Generator{Partitions: 3, Rows: 1, Key: func(p int) []any { return []any{p} }, Row: func(p, r int) []any {
		srv.MustExec(`INSERT INTO log (r) VALUES (?)`, p)
		return []any{p}
	}})
	require.Equal(t, []int{0, 1, 2}, sorted(ints(t, s.Query(`SELECT v FROM t`).Iter())))
	require.Equal(t, []int{0, 1, 2}, sorted(ints(t, s.Query(`SELECT r FROM log`).Iter())))
}

func BenchmarkGeneratedPages(b *testing.B) {
	srv := newServer(b)
	s := connect(b, srv)
	readings(srv, 1000, 10_000)
	q := s.Query(`SELECT sensor, at, value, quality, note FROM readings`)
	b.ReportAllocs()
	var state []byte
	n := 0
	for b.Loop() {
		it := q.PageSize(5000).PageState(state).Iter()
		n += it.NumRows()
		state = slices.Clone(it.PageState())
		if err := it.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkInserts(b *testing.B) {
	srv := newServer(b)
	s := connect(b, srv)
	srv.MustExec(`CREATE TABLE t (p int, c int, v text, PRIMARY KEY (p, c))`)
	i := 0
	for b.Loop() {
		if err := s.Query(`INSERT INTO t (p, c, v) VALUES (?, ?, ?)`, i%100, i, "value").Exec(); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
