package cql

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestAGenerationNeverComesBack however many statements there are, and however late requests tell what they met: a text
// that a session has left is not one that it prepares again.
func TestAGenerationNeverComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := newOwnTexts("0")
		name := func(i int) string { return fmt.Sprint("statement ", i) }
		if rapid.Bool().Draw(t, "almost full") {
			for i := range maxMoved - 2 {
				texts.following(name(100+i), generation{step: 1})
			}
		}
		seen := make(map[string]generation)
		late := make(map[string][]generation) // of requests that are on their way
		for step := range rapid.IntRange(1, 60).Draw(t, "steps") {
			s := name(rapid.IntRange(0, 5).Draw(t, "statement"))
			now := texts.of(s)
			require.False(t, now.before(seen[s]), "%v after %v", now, seen[s])
			seen[s] = now
			late[s] = append(late[s], now)
			if rapid.IntRange(0, 3).Draw(t, "refused") == 0 {
				schema := fmt.Sprint(rapid.IntRange(0, step).Draw(t, "schema"))
				renewed := texts.renew([]bound{{own: &wording{statement: s, began: now}}}, schema)
				require.Equal(t, now.schema != schema, renewed)
				require.Equal(t, schema, texts.of(s).schema)
				require.Equal(t, renewed, now.before(texts.of(s)))
				continue
			}
			i := rapid.IntRange(0, len(late[s])-1).Draw(t, "which")
			next := texts.following(s, late[s][i])
			require.True(t, late[s][i].before(next))
			late[s][i] = next
		}
		require.LessOrEqual(t, len(texts.moved), maxMoved)
	})
}

func TestManyStatementsThatWereForgotten(t *testing.T) {
	texts := newOwnTexts("0")
	for round := range 3 {
		for i := range 3 * maxMoved {
			s := fmt.Sprint(i)
			next := texts.following(s, texts.of(s))
			texts.following(s, next)
			require.False(t, texts.of(s).before(next))
			require.LessOrEqual(t, len(texts.moved), maxMoved, round)
		}
	}
	require.LessOrEqual(t, texts.eras, 9, "one for each thousand")
}

func TestPreparable(t *testing.T) {
	for statement, want := range map[string]string{
		"INSERT INTO t (a) VALUES (?)":        "INSERT INTO t (a) VALUES (?)",
		" \n INSERT\nINTO t (a) VALUES (?)":   "INSERT\nINTO t (a) VALUES (?)",
		"/* it's */ INSERT INTO t":            "INSERT INTO t",
		"-- app\nUPDATE t":                    "UPDATE t",
		"// app\r/* x */UPDATE t":             "UPDATE t",
		"INSERT/**/INTO t":                    "INSERT /**/INTO t",
		"SELECT--x\n a":                       "SELECT --x\n a",
		"SELECT*FROM t WHERE a = ?":           "SELECT *FROM t WHERE a = ?",
		`SELECT"a"FROM t WHERE a = ?`:         `SELECT "a"FROM t WHERE a = ?`,
		"BEGIN/**/BATCH UPDATE t APPLY BATCH": "BEGIN /**/BATCH UPDATE t APPLY BATCH",
		"":                                    "",
		"/* open":                             "",
		"SELECT":                              "SELECT",
	} {
		require.Equal(t, want, preparable(statement), statement)
	}
}
