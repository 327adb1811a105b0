package syntax

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	p, err := Parse(`-- a comment
		SELECT "Mixed", b AS c /* another */ FROM ks.t // and one more
		WHERE p = ? AND (c, d) >= (:x, -1.5e-3) AND token(p) > token(0xCAFE) AND e IN ('it''s', ?) LIMIT :n ALLOW FILTERING;`)
	require.NoError(t, err)
	require.Equal(t, []string{"", "x", "", "n"}, p.Markers)
	s := p.Statement.(*Select)
	require.Equal(t, "Mixed", s.Selectors[0].Column.Name)
	require.Equal(t, "c", s.Selectors[1].Alias)
	require.Equal(t, "ks", s.Table.Keyspace)
	require.Len(t, s.Where, 4)
	require.True(t, s.Where[1].Multi)
	require.Equal(t, "-1.5e-3", s.Where[1].Terms[0].Elems[1].Text)
	require.True(t, s.Where[2].Token)
	require.Equal(t, "it's", s.Where[3].Terms[0].Text)
	require.True(t, s.AllowFiltering)
}

func TestKeywordsThatMayBeNames(t *testing.T) {
	_, err := Parse(`CREATE TABLE t (key text PRIMARY KEY, ttl int, writetime int, count int, type text, timestamp timestamp, values text)`)
	require.NoError(t, err)
	_, err = Parse(`SELECT ttl, count, key, json FROM t`)
	require.NoError(t, err)
	_, err = Parse(`CREATE TABLE t (select int PRIMARY KEY)`)
	require.Error(t, err)
}

// TestWordsRightAfterNumbers: as Cassandra's lexer has it, which takes a digit and a hexadecimal for the start of a UUID.
func TestWordsRightAfterNumbers(t *testing.T) {
	for _, rest := range []string{"0LIMIT ?", "-1LIMIT 1", "0ORDER BY c", "-1AND c = 1", "12345678AND c = 1", "1.5AND c = 1", "1e5LIMIT 1", "1h30mLIMIT 1"} {
		_, err := Parse("SELECT a FROM t WHERE p = " + rest)
		require.NoError(t, err, rest)
	}
	for _, rest := range []string{"0AND c = 1", "1234567AND c = 1", "1a", "1x", "1day", "1e400", "5WHERE"} {
		_, err := Parse("SELECT a FROM t WHERE p = " + rest)
		require.Error(t, err, rest)
	}
	p, err := Parse("SELECT a FROM t WHERE p = 2Mo5µsLIMIT 1")
	require.NoError(t, err)
	require.Equal(t, "2Mo5µs", p.Statement.(*Select).Where[0].Terms[0].Text)
}

func TestErrorsNameThePlace(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "line 1:1: no viable alternative at input 'end of statement'",
		"SELECT a\nFROM t\n  WERE b = 1":   "line 3:3: mismatched input 'WERE'",
		"SELECT a FROM t WHERE b LIKE 'x'": "line 1:25: cqltest does not support LIKE",
		"INSERT INTO t (a) VALUES ($$x$$)": "line 1:27: cqltest does not support $$ strings",
		"SELECT a FROM t WHERE b = \x00":   "line 1:27: no viable alternative at character",
	} {
		_, err := Parse(text)
		require.ErrorContains(t, err, want)
	}
	_, err := Parse("SELECT a FROM t WHERE b = " + strings.Repeat("[", 1000))
	require.ErrorContains(t, err, "nested more than 64 deep")
}

// FuzzParse: any text is a statement or an *Error.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`SELECT * FROM t WHERE p = ? AND c IN (1, 2) ORDER BY c DESC LIMIT 3`,
		`INSERT INTO "T" (a, b) VALUES ({'x': [1, (2, null)]}, :y) IF NOT EXISTS USING TTL 3 AND TIMESTAMP 4`,
		`UPDATE t SET a = a - 1, b[2] = 3, c += {1h30m} WHERE p = 5b6962dd-3f90-4c93-8f61-eabfa4a803e2 IF a != -NaN`,
		`DELETE a, b['x'] FROM t WHERE (c, d) < (1, 2)`,
		`CREATE TABLE IF NOT EXISTS t (a frozen<map<text, vector<float, 3>>>, b int STATIC, PRIMARY KEY ((a), b)) WITH CLUSTERING ORDER BY (b ASC) AND x = {'a': 1}`,
		`ALTER TABLE t RENAME a TO b AND c TO d`, "/* ", "'", `"`, "0x", "1.e5", "0LIMIT", "1h2", "1e", "- 1", "$$",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		var e *Error
		if err != nil && (!errors.As(err, &e) || e.Pos.Line < 1 || e.Pos.Col < 1) {
			t.Fatalf("%T %v", err, err)
		}
		if err == nil {
			Target(p.Statement)
		}
	})
}
