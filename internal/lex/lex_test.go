package lex_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/lex"
)

func TestShown(t *testing.T) {
	for statement, want := range map[string]string{
		"":                        "",
		"SELECT  a\n\tFROM ks.t;": "SELECT a FROM ks.t;",
		"ALTER ROLE r WITH PASSWORD = 'hunter2' AND LOGIN = true":    "ALTER ROLE r WITH PASSWORD = '…' AND LOGIN = true",
		"SELECT a FROM t WHERE s = 'it''s hunter2' AND u = 'x'":      "SELECT a FROM t WHERE s = '…' AND u = '…'",
		"SELECT a FROM t WHERE s = $$hunter2 $ '$$ AND u = 1":        "SELECT a FROM t WHERE s = '…' AND u = 1",
		"SELECT nope -- don't\nFROM ks.t WHERE s = 'hunter2'":        "SELECT nope FROM ks.t WHERE s = '…'",
		"SELECT nope // don't\rFROM ks.t WHERE s = 'hunter2'":        "SELECT nope FROM ks.t WHERE s = '…'",
		"SELECT nope /* it's\n */ FROM ks.t WHERE s = 'hunter2'":     "SELECT nope FROM ks.t WHERE s = '…'",
		`SELECT "it's" FROM ks.t WHERE s = 'hunter2'`:                `SELECT "it's" FROM ks.t WHERE s = '…'`,
		`SELECT "a""'b" FROM ks.t WHERE s = 'hunter2'`:               `SELECT "a""'b" FROM ks.t WHERE s = '…'`,
		"SELECT a FROM ks.t WHERE s = 'hunter2":                      "SELECT a FROM ks.t WHERE s = '…",
		"SELECT a FROM ks.t WHERE s = 'x''hunter2":                   "SELECT a FROM ks.t WHERE s = '…",
		"SELECT a FROM ks.t WHERE s = $$hunter2":                     "SELECT a FROM ks.t WHERE s = $…",
		`SELECT a FROM ks.t WHERE "s = 'hunter2'`:                    `SELECT a FROM ks.t WHERE "…`,
		"SELECT a FROM ks.t /* WHERE s = 'hunter2'":                  "SELECT a FROM ks.t",
		"SELECT a -- password 'hunter2'":                             "SELECT a",
		"SELECT a FROM t WHERE s = '-- hunter2' AND u = '/* hunter2": "SELECT a FROM t WHERE s = '…' AND u = '…",
		strings.Repeat("é", 300):                                     strings.Repeat("é", 200) + "…",
	} {
		require.Equal(t, want, lex.Shown(statement), statement)
	}
}

// TestShownHidesStrings whatever comments and names stand around them.
func TestShownHidesStrings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{
			" ", "SELECT", "=", "-- don't \" $$ /*\n", "// it's\r", "/* it's -- \" $$ */", `"it's $$ -- """`,
			"'HIDDEN'", "'HIDDEN''HIDDEN'", "''", "$$HIDDEN ' \" -- $$", "$", "-", "/", "*",
		})).Draw(t, "parts")
		last := rapid.SampledFrom([]string{"", "'HIDDEN", "$$HIDDEN", `"HIDDEN`, "/*HIDDEN", "--HIDDEN"}).Draw(t, "last")
		require.NotContains(t, lex.Shown(strings.Join(parts, " ")+" "+last), "HIDDEN")
	})
}
