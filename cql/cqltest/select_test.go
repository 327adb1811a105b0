package cqltest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql/cqltest"
)

// rows reads a result as text, one line for each row.
func rows(t testing.TB, q *gocql.Query) []string {
	t.Helper()
	it := q.Iter()
	names := it.Columns()
	all, err := it.SliceMap()
	require.NoError(t, err)
	var out []string
	for _, m := range all {
		line := ""
		for i, c := range names {
			if i > 0 {
				line += " "
			}
			line += fmt.Sprint(m[c.Name])
		}
		out = append(out, line)
	}
	return out
}

func TestSelect(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int, a int, b text, v int, s int STATIC, tags set<text>, PRIMARY KEY (p, a, b)) WITH CLUSTERING ORDER BY (a DESC, b ASC)`)
	for p := range 3 {
		for a := range 3 {
			for _, b := range []string{"x", "y"} {
				srv.MustExec(`INSERT INTO t (p, a, b, v, tags) VALUES (?, ?, ?, ?, {'k', ?})`, p, a, b, 10*a+p, b)
			}
		}
	}
	srv.MustExec(`UPDATE t SET s = 7 WHERE p = 1`)
	srv.MustExec(`INSERT INTO t (p, s) VALUES (9, 99)`)
	for _, c := range []struct {
		cql  string
		args []any
		want []string
	}{
		{`SELECT a, b FROM t WHERE p = 1`, nil, []string{"2 x", "2 y", "1 x", "1 y", "0 x", "0 y"}},
		{`SELECT a, b FROM t WHERE p = 1 ORDER BY a ASC`, nil, []string{"0 y", "0 x", "1 y", "1 x", "2 y", "2 x"}},
		{`SELECT a, b FROM t WHERE p = ? AND a = ?`, []any{1, 2}, []string{"2 x", "2 y"}},
		{`SELECT a, b FROM t WHERE p = 1 AND a >= 1 AND a < 2`, nil, []string{"1 x", "1 y"}},
		{`SELECT a, b FROM t WHERE p = 1 AND a > 0 AND a <= 1 ORDER BY a`, nil, []string{"1 y", "1 x"}},
		{`SELECT a, b FROM t WHERE p = 1 AND a IN (0, 2) AND b > 'x'`, nil, []string{"2 y", "0 y"}},
		{`SELECT a, b FROM t WHERE p = 1 AND a IN ? AND b = 'x'`, []any{[]int{2, 1}}, []string{"2 x", "1 x"}},
		{`SELECT a, b FROM t WHERE p = 1 AND (a, b) > (1, 'x')`, nil, []string{"2 x", "2 y", "1 y"}},
		{`SELECT a, b FROM t WHERE p = 1 AND (a, b) IN ((0, 'y'), (2, 'x'))`, nil, []string{"2 x", "0 y"}},
		{`SELECT p, a FROM t WHERE p IN (2, 0, 2) AND a = 1 AND b = 'x'`, nil, []string{"0 1", "2 1"}},
		{`SELECT p AS part, v FROM t WHERE p = 2 LIMIT 2`, nil, []string{"2 22", "2 22"}},
		{`SELECT p, v FROM t WHERE p = 2 LIMIT ?`, []any{1}, []string{"2 22"}},
		{`SELECT p, s FROM t WHERE p = 1 LIMIT 1`, nil, []string{"1 7"}},
		{`SELECT a FROM t WHERE p IN ()`, nil, nil},
		{`SELECT a FROM t WHERE p IN ?`, []any{[]int{}}, nil},
		{`SELECT a FROM t WHERE p = 1 AND (a, b) IN ()`, nil, nil},
		{`SELECT COUNT(*) FROM t`, nil, []string{"19"}},
		{`SELECT count(1) FROM t WHERE p = 1 AND a = 2`, nil, []string{"2"}},
		{`SELECT p, a FROM t WHERE v = 12 ALLOW FILTERING`, nil, []string{"2 1", "2 1"}},
		{`SELECT p, b FROM t WHERE p = 1 AND a = 1 AND tags CONTAINS 'x' ALLOW FILTERING`, nil, []string{"1 x"}},
		{`SELECT p, tags FROM t WHERE p = 1 AND a = 1`, nil, []string{"1 [k x]", "1 [k y]"}},
		{`SELECT p, a, b, s, v FROM t WHERE p = 9`, nil, []string{"9 0  99 0"}}, // nulls read as zero
		{`SELECT a FROM t WHERE p = 9 AND a = 1`, nil, nil},
		{`SELECT p FROM t WHERE token(p) > token(1) AND token(p) <= token(0)`, nil, []string{"0", "0", "0", "0", "0", "0"}},
		{`SELECT a FROM t WHERE p = :one AND a = :two`, []any{gocql.NamedValue("two", 0), gocql.NamedValue("one", 1)}, []string{"0", "0"}},
	} {
		require.Equal(t, c.want, rows(t, s.Query(c.cql, c.args...)), c.cql)
	}
	require.ElementsMatch(t, []string{"0 <nil>", "1 7", "2 <nil>", "9 99"}, pairs(t, s.Query(`SELECT DISTINCT p, s FROM t`)))
	perPartition := ints(t, s.Query(`SELECT p FROM t PER PARTITION LIMIT 2`).PageSize(1).Iter())
	require.Len(t, perPartition, 7)
}

// pairs reads rows of an int and an int that may be null.
func pairs(t testing.TB, q *gocql.Query) []string {
	t.Helper()
	it := q.Iter()
	var out []string
	var a int
	var b *int
	for it.Scan(&a, &b) {
		if b == nil {
			out = append(out, fmt.Sprint(a, " <nil>"))
		} else {
			out = append(out, fmt.Sprint(a, " ", *b))
		}
	}
	require.NoError(t, it.Close())
	return out
}

func TestOrderByTokenAndClustering(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p text, c int, PRIMARY KEY (p, c))`)
	for i := range 50 {
		srv.MustExec(`INSERT INTO t (p, c) VALUES (?, ?)`, fmt.Sprint("key", i), 7)
		srv.MustExec(`INSERT INTO t (p, c) VALUES (?, ?)`, fmt.Sprint("key", i), -3)
	}
	it := s.Query(`SELECT token(p), c FROM t`).PageSize(7).Iter()
	var last int64
	var lastC, n int
	var tok int64
	var c int
	for it.Scan(&tok, &c) {
		if n > 0 {
			require.True(t, tok > last || tok == last && c > lastC)
		}
		last, lastC, n = tok, c, n+1
	}
	require.NoError(t, it.Close())
	require.Equal(t, 100, n)
}

func TestTimeToLiveAndWriteTime(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int PRIMARY KEY, v int, w int)`)
	srv.MustExec(`INSERT INTO t (p, v) VALUES (1, 10) USING TIMESTAMP 1000 AND TTL 500`)
	require.NoError(t, s.Query(`UPDATE t USING TIMESTAMP ? SET v = ? WHERE p = ?`, int64(999), 11, 1).Exec())
	var v, ttl int
	var wt int64
	require.NoError(t, s.Query(`SELECT v, writetime(v), ttl(v) FROM t WHERE p = 1`).Scan(&v, &wt, &ttl))
	require.Equal(t, 10, v)
	require.Equal(t, int64(1000), wt)
	require.InDelta(t, 500, ttl, 60)
	require.NoError(t, s.Query(`INSERT INTO t (p, v) VALUES (2, 1)`).WithTimestamp(77).Exec())
	require.NoError(t, s.Query(`SELECT writetime(v) FROM t WHERE p = 2`).Scan(&wt))
	require.Equal(t, int64(77), wt)
	srv.MustExec(`DELETE FROM t USING TIMESTAMP 50 WHERE p = 2`)
	require.NoError(t, s.Query(`SELECT v FROM t WHERE p = 2`).Scan(&v), "written after the deletion's timestamp")
	srv.MustExec(`DELETE FROM t USING TIMESTAMP 90 WHERE p = 2`)
	srv.MustExec(`INSERT INTO t (p, v) VALUES (2, 1) USING TIMESTAMP 80`)
	require.ErrorIs(t, s.Query(`SELECT v FROM t WHERE p = 2`).Scan(&v), gocql.ErrNotFound, "the deletion is newer")
}

func TestAllTypesThereAndBack(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (id int PRIMARY KEY, a ascii, bi bigint, bl blob, bo boolean, da date, d double, f float, i inet,
		si smallint, ti tinyint, t text, tm time, ts timestamp, tu timeuuid, u uuid, vi varint, de decimal, du duration,
		l list<int>, st set<text>, m map<text, frozen<list<int>>>, tp tuple<int, text>, v vector<float, 3>)`)
	srv.MustExec(`INSERT INTO t (id, a, bi, bl, bo, da, d, f, i, si, ti, t, tm, ts, tu, u, vi, de, du, l, st, m, tp, v) VALUES
		(1, 'ascii', -5, 0xCAFE, true, '2024-02-29', 1.5e3, -0.25, '10.1.2.3', -300, -3, 'it''s', '13:30:54.234', '2024-02-29T12:00:00Z',
		now(), 5b6962dd-3f90-4c93-8f61-eabfa4a803e2, -123456789012345678901234567890, 12.50, 1h30m, [3, 1, 2], {'b', 'a', 'b'},
		{'k': [1, 2]}, (7, null), [1, 2.5, -3])`)
	m := map[string]any{}
	require.NoError(t, s.Query(`SELECT id, a, bi, bl, bo, da, d, f, i, si, ti, t, tm, ts, u, vi, de, du, l, st, m FROM t`).MapScan(m))
	require.Equal(t, "ascii", m["a"])
	require.Equal(t, int64(-5), m["bi"])
	require.Equal(t, []byte{0xca, 0xfe}, m["bl"])
	require.Equal(t, true, m["bo"])
	require.Equal(t, time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), m["da"])
	require.Equal(t, 1500.0, m["d"])
	require.Equal(t, float32(-0.25), m["f"])
	require.Equal(t, "10.1.2.3", m["i"])
	require.Equal(t, int16(-300), m["si"])
	require.Equal(t, int8(-3), m["ti"])
	require.Equal(t, "it's", m["t"])
	require.Equal(t, 13*time.Hour+30*time.Minute+54234*time.Millisecond, m["tm"])
	require.True(t, time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC).Equal(m["ts"].(time.Time)))
	require.Equal(t, "5b6962dd-3f90-4c93-8f61-eabfa4a803e2", m["u"].(gocql.UUID).String())
	require.Equal(t, "-123456789012345678901234567890", fmt.Sprint(m["vi"]))
	require.Equal(t, "12.50", fmt.Sprint(m["de"]))
	require.Equal(t, gocql.Duration{Nanoseconds: int64(90 * time.Minute)}, m["du"])
	require.Equal(t, []int{3, 1, 2}, m["l"])
	require.Equal(t, []string{"a", "b"}, m["st"])
	require.Equal(t, map[string][]int{"k": {1, 2}}, m["m"])
	var a int
	var b *string
	require.NoError(t, s.Query(`SELECT tp FROM t`).Scan(&a, &b))
	require.Equal(t, 7, a)
	require.Nil(t, b)
	var raw rawCell
	require.NoError(t, s.Query(`SELECT v FROM t`).Scan(&raw))
	require.Equal(t, rawCell{0x3f, 0x80, 0, 0, 0x40, 0x20, 0, 0, 0xc0, 0x40, 0, 0}, raw)
}

// rawCell takes a value as it comes.
type rawCell []byte

func (r *rawCell) UnmarshalCQL(_ gocql.TypeInfo, b []byte) error {
	*r = append(rawCell{}, b...)
	return nil
}

func TestRefusesClearly(t *testing.T) {
	srv := newServer(t)
	srv.MustExec(`CREATE TABLE t (p int, c int, v int, m map<int, int>, PRIMARY KEY (p, c))`)
	srv.MustExec(`CREATE TABLE n (p int PRIMARY KEY, c counter)`)
	for cql, want := range map[string]string{
		`SELECT * FROM t GROUP BY p`:                            "line 1:17: cqltest does not support GROUP BY",
		`SELECT sum(v) FROM t`:                                  "cqltest does not support the function sum",
		"SELECT *\nFROM nowhere":                                "unconfigured table nowhere (line 2:6)",
		`SELECT nope FROM t`:                                    "Undefined column name nope in table ks.t (line 1:8)",
		`SELECT * FROM t WHERE v = 1`:                           "ALLOW FILTERING",
		`SELECT * FROM t WHERE c = 1`:                           "ALLOW FILTERING",
		`SELECT * FROM t WHERE token(p) > 'x'`:                  "Invalid STRING constant",
		`INSERT INTO t (p, c, v) VALUES (1, 2)`:                 "Unmatched column names/values",
		`INSERT INTO t (p) VALUES (1)`:                          "Some clustering keys are missing: c",
		`INSERT INTO t (p, c, v) VALUES (1, 2, 'x')`:            "Invalid STRING constant (x) for type int",
		`INSERT INTO t (p, c, v) VALUES (null, 2, 3)`:           "Invalid null or unset value for the primary key column p",
		`INSERT INTO t (p, c, v) VALUES (1, 2, 99999999999)`:    "Invalid INTEGER constant",
		`INSERT INTO n (p, c) VALUES (1, 2)`:                    "not allowed on counter tables",
		`UPDATE n SET c = 3 WHERE p = 1`:                        "Cannot set the value of counter column c",
		`UPDATE t SET p = 3 WHERE p = 1 AND c = 1`:              "PRIMARY KEY part p found in SET part",
		`UPDATE t SET v = v + 1 WHERE p = 1 AND c = 1`:          "Invalid operation",
		`CREATE TABLE t (p int PRIMARY KEY)`:                    "already existing table",
		`CREATE TYPE x (a int)`:                                 "cqltest does not support CREATE TYPE",
		`CREATE INDEX ON t (v)`:                                 "cqltest does not support CREATE INDEX",
		`BEGIN BATCH APPLY BATCH`:                               "cqltest does not support BEGIN statements",
		`SELECT * FROM t WHERE p = 'a`:                          "' without its closing '",
		`SELECT * FROM t; SELECT * FROM t`:                      "expecting the end of the statement",
		`SELECT * FROM t WHERE p = 1 ORDER BY v`:                "Order by currently only supports",
		`CREATE TABLE x (p list<int> PRIMARY KEY)`:              "Invalid type list<int> for PRIMARY KEY column 'p'",
		`CREATE TABLE x (p int PRIMARY KEY, l list<list<int>>)`: "Non-frozen collections are not allowed inside collections",
	} {
		require.ErrorContains(t, srv.Exec(cql), want, cql)
	}
	var refused *cqltest.Error
	require.ErrorAs(t, srv.Exec(`SELEKT`), &refused)
	require.Equal(t, gocql.ErrCodeSyntax, refused.Code())
}
