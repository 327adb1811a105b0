package rxotel

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestStatementsAreShownWithoutConstants(t *testing.T) {
	for statement, want := range map[string][3]string{
		"SELECT a, b2 FROM lab.readings WHERE day = ? LIMIT 10":                          {"SELECT a, b2 FROM lab.readings WHERE day = ? LIMIT ?", "SELECT", "lab.readings"},
		"insert into lab.alerts (a) values ('secret', 1.5e-3)\n-- rxcql ABC 0.0 batch\n": {"insert into lab.alerts (a) values (?, ?)", "INSERT", "lab.alerts"},
		"UPDATE t SET v = 0xCAFE WHERE id = f47ac10b-58cc-4372-a567-0e02b2c3d479":        {"UPDATE t SET v = ? WHERE id = ?", "UPDATE", "t"},
		"DELETE x FROM ks.t WHERE a = -5":                                                {"DELETE x FROM ks.t WHERE a = -?", "DELETE", "ks.t"},
		"INSERT INTO t(a) VALUES (?)":                                                    {"INSERT INTO t(a) VALUES (?)", "INSERT", "t"},
		"CREATE ROLE x WITH PASSWORD = 'secret'":                                         {"CREATE ROLE x WITH PASSWORD = ?", "CREATE", ""},
		"ALTER ROLE x WITH PASSWORD = 'never closed":                                     {"ALTER ROLE x WITH PASSWORD = '…", "ALTER", ""},
		"SELECT a FROM t WHERE d = P1Y2M AND e = PT5M AND b = true AND f = NaN AND g = -Infinity": {
			"SELECT a FROM t WHERE d = ? AND e = ? AND b = ? AND f = ? AND g = -?", "SELECT", "t"},
		`SELECT "T1 2", "true", period1 FROM t`: {`SELECT "T1 2", "true", period1 FROM t`, "SELECT", "t"},
		"SELECT":                                {"SELECT", "SELECT", ""},
		"":                                      {"", "", ""},
		"-- only":                               {"", "", ""},
	} {
		text := shown(statement)
		verb, table := summary(text)
		require.Equal(t, want, [3]string{text, verb, table}, statement)
	}
}

// A constant that reaches over the end of what is shown leaves no part of it.
func TestNoPartOfAConstantIsShown(t *testing.T) {
	for n := range 220 {
		text := shown("SELECT " + strings.Repeat("x", n) + " FROM t WHERE id = abcdef12-3456-7890-abcd-ef1234567890 AND a = 1")
		require.NotContains(t, text, "abcdef12")
	}
}

// Whatever string is in quotes is not shown.
func TestNoStringIsShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[a-z0-9 ,$*/-]{0,20}`).Draw(t, "secret")
		require.Equal(t, "INSERT INTO t (a) VALUES (?)", shown("INSERT INTO t (a) VALUES ('"+secret+"')"))
	})
}
