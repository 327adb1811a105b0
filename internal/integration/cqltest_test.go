package integration_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/source"
)

// statement is one line of a dialogue with a server.
type statement struct {
	cql  string
	want any // what comes of it: nil for success, a cql.Class, or the rows, as rows writes them
}

// say runs statements in their order.
func (t *target) say(dialogue []statement) {
	t.Helper()
	for _, st := range dialogue {
		switch want := st.want.(type) {
		case nil:
			t.exec(st.cql)
		case cql.Class:
			err := t.session.Execute(t.Context(), cql.Statement{CQL: t.in(st.cql)})
			require.ErrorIs(t, err, want, st.cql)
		default:
			require.Equal(t, want, t.rows(st.cql), st.cql)
		}
	}
}

// rows writes down a result, a row a line: its cells in the order of their columns' names, without those names.
func (t *target) rows(statement string, args ...any) string {
	t.Helper()
	rows, err := source.Query[map[string]any](t.session, t.in(statement), args...).Rows().Collect(t.Context())
	require.NoError(t, err, statement)
	lines := make([]string, len(rows))
	for i, row := range rows {
		var cells []string
		for _, name := range slices.Sorted(maps.Keys(row)) {
			cells = append(cells, strings.ReplaceAll(fmt.Sprint(row[name]), "<nil>", "-"))
		}
		lines[i] = strings.Join(cells, " ")
	}
	return strings.Join(lines, "\n")
}

// TestCqltestTransactions: rows of [applied], c, p, s, s2, v; of conditions only their columns.
func TestCqltestTransactions(t *testing.T) {
	onBoth(t, func(t *target) {
		t.say([]statement{
			{"CREATE TABLE KS.t (p int, c int, s int static, s2 int static, v int, PRIMARY KEY (p, c))", nil},
			{"INSERT INTO KS.t (p, c, s, v) VALUES (1, 1, 7, 5)", nil},
			// A static column is shown only to a statement that sets one.
			{"INSERT INTO KS.t (p, c, v) VALUES (1, 1, 9) IF NOT EXISTS", "false 1 1 - - 5"},
			{"INSERT INTO KS.t (p, c, s2, v) VALUES (1, 1, 9, 9) IF NOT EXISTS", "false 1 1 7 - 5"},
			{"INSERT INTO KS.t (p, c) VALUES (1, 2) IF NOT EXISTS", "true"},
			{"INSERT INTO KS.t (p, c) VALUES (1, 2) IF NOT EXISTS", "false 2 1 - - -"},
			// A statement that names no row is shown the clustering of the first one.
			{"INSERT INTO KS.t (p, s2) VALUES (1, 9) IF NOT EXISTS", "false 1 1 7 - -"},
			{"DELETE FROM KS.t WHERE p = 1 AND c = 1", nil},
			{"INSERT INTO KS.t (p, s2) VALUES (1, 9) IF NOT EXISTS", "false 2 1 7 - -"},
			{"INSERT INTO KS.t (p, s) VALUES (2, 9) IF NOT EXISTS", "true"},
			{"INSERT INTO KS.t (p, s) VALUES (2, 9) IF NOT EXISTS", "false - 2 9 - -"},
			{"INSERT INTO KS.t (p, c, v) VALUES (2, 1, 9) IF NOT EXISTS", "true"},
			{"INSERT INTO KS.t (p, c) VALUES (3, 1)", nil},
			{"INSERT INTO KS.t (p, s) VALUES (3, 9) IF NOT EXISTS", "true"},
			// Conditions on static columns do not need the row.
			{"UPDATE KS.t SET v = 6 WHERE p = 1 AND c = 9 IF s = 1", "false 7"},
			{"UPDATE KS.t SET v = 6 WHERE p = 1 AND c = 9 IF s2 = 1", "false -"},
			{"UPDATE KS.t SET v = 6 WHERE p = 1 AND c = 9 IF v = 1", "false"},
			{"UPDATE KS.t SET v = 6 WHERE p = 1 AND c = 9 IF s = 7 AND v = 1", "false 7 -"},
			{"UPDATE KS.t SET v = 6 WHERE p = 1 AND c = 2 IF v = 1", "false -"},
			{"UPDATE KS.t SET v = 6 WHERE p = 1 AND c = 9 IF EXISTS", "false"},
			{"UPDATE KS.t SET v = 6 WHERE p = 99 AND c = 9 IF s = 7", "false"},
			{"UPDATE KS.t SET v = 6 WHERE p = 1 AND c = 9 IF s = 7", "true"},
			{"UPDATE KS.t SET v = 6 WHERE p = 1 AND c = 8 IF s = 7 AND v = null", "true"},
			{"UPDATE KS.t SET v = 6 WHERE p = 4 AND c = 1 IF s = null", "true"},
			// Static columns alone.
			{"UPDATE KS.t SET s = 8 WHERE p = 1 IF s = 9", "false 7"},
			{"UPDATE KS.t SET s = 8 WHERE p = 1 IF s = 7", "true"},
			{"UPDATE KS.t SET s = 8 WHERE p = 4 IF s = 7", "false"},
			{"UPDATE KS.t SET s = 8 WHERE p = 99 IF s = 7", "false"},
			{"UPDATE KS.t SET s = 8 WHERE p = 99 IF EXISTS", "false"},
			{"UPDATE KS.t SET s = 8 WHERE p = 4 IF EXISTS", "false"},
			{"UPDATE KS.t SET s = 9 WHERE p = 2 IF EXISTS", "true"},
			{"DELETE s FROM KS.t WHERE p = 2 IF EXISTS", "true"},
			{"UPDATE KS.t SET s = 3 WHERE p = 1 AND c = 9 IF v = 6", "true"},
			{"SELECT c, p, s, s2, v FROM KS.t WHERE p IN (1, 2, 3, 4)",
				"2 1 3 - -\n8 1 3 - 6\n9 1 3 - 6\n1 2 - - 9\n1 3 9 - -\n1 4 - - 6"},
			{"UPDATE KS.t SET s = 3 WHERE p = 1 IF v = 6", cql.Invalid},
			{"DELETE FROM KS.t WHERE p = 1 IF s = 3", cql.Invalid},
			{"DELETE FROM KS.t WHERE p = 1 IF EXISTS", cql.Invalid},
			{"UPDATE KS.t SET v = 3 WHERE p = 1 AND c IN (8, 9) IF v = 6", cql.Invalid},
			{"UPDATE KS.t USING TIMESTAMP 5 SET v = 3 WHERE p = 1 AND c = 9 IF v = 6", cql.Invalid},
			{"INSERT INTO KS.t (p, c) VALUES (7, 1) IF NOT EXISTS USING TIMESTAMP 5", cql.Invalid},
		})
	})
}

func TestCqltestRefusals(t *testing.T) {
	onBoth(t, func(t *target) {
		t.say([]statement{
			{"CREATE TABLE KS.t (p int, c int, s int static, v int, PRIMARY KEY (p, c))", nil},
			{"UPDATE KS.t SET s = 8 WHERE p = 1 AND c = 1", cql.Invalid},
			{"UPDATE KS.t SET s = 8 WHERE p = 1 AND c IN (1, 2)", cql.Invalid},
			{"UPDATE KS.t SET s = 8 WHERE p = 1 AND c > 1", cql.Invalid},
			{"UPDATE KS.t SET s = 8 WHERE p = 1 AND c = 1 IF EXISTS", cql.Invalid},
			{"UPDATE KS.t SET s = 8 WHERE p = 1 AND c = 1 IF s = 8", cql.Invalid},
			{"DELETE s FROM KS.t WHERE p = 1 AND c = 1", cql.Invalid},
			{"UPDATE KS.t SET s = 8, v = 9 WHERE p = 1", cql.Invalid},
			{"UPDATE KS.t SET s = 8, v = 9 WHERE p = 1 AND c = 1", nil},
			{"DELETE s, v FROM KS.t WHERE p = 1 AND c = 1", nil},
			{"UPDATE KS.t SET s = 8 WHERE p = 1", nil},
			{"INSERT INTO KS.t (p, c, s) VALUES (1, 1, 9)", nil},
			{"SELECT c, p, s, v FROM KS.t", "1 1 9 -"},
			{"INSERT INTO KS.t (p, v) VALUES (1, 9)", cql.Invalid},

			{"SELECT COUNT(*) FROM KS.t PER PARTITION LIMIT 1", cql.Invalid},
			{"SELECT COUNT(*) FROM KS.t WHERE p = 1 PER PARTITION LIMIT 1", cql.Invalid},
			{"SELECT DISTINCT p FROM KS.t PER PARTITION LIMIT 1", cql.Invalid},
			{"SELECT COUNT(*) FROM KS.t LIMIT 1", "1"},
			{"SELECT DISTINCT p FROM KS.t LIMIT 1", "1"},
			{"SELECT c FROM KS.t PER PARTITION LIMIT 1 LIMIT 1", "1"},
			{"SELECT c FROM KS.t LIMIT 1 PER PARTITION LIMIT 1", cql.Syntax},

			{"CREATE TABLE KS.n (p int PRIMARY KEY, n counter)", nil},
			{"UPDATE KS.n SET n = n + 3 WHERE p = 1", nil},
			{"UPDATE KS.n SET n = n + 1 WHERE p = 1 IF EXISTS", cql.Invalid},
			{"UPDATE KS.n SET n = n + 1 WHERE p = 1 IF n = 1", cql.Invalid},
			{"DELETE FROM KS.n WHERE p = 1 IF EXISTS", cql.Invalid},
			{"UPDATE KS.n USING TTL 5 SET n = n + 1 WHERE p = 1", cql.Invalid},
			{"UPDATE KS.n USING TIMESTAMP 5 SET n = n + 1 WHERE p = 1", cql.Invalid},
			{"DELETE FROM KS.n USING TIMESTAMP 5 WHERE p = 1", cql.Invalid},
			{"SELECT n FROM KS.n", "3"},
		})
	})
}

func TestCqltestAlterTable(t *testing.T) {
	onBoth(t, func(t *target) {
		t.say([]statement{
			{"CREATE TABLE KS.t (p int, c int, a ascii, i int, n bigint, s int static, l list<ascii>, f frozen<set<int>>, u tuple<int>, x int, PRIMARY KEY (p, c))", nil},
			{"ALTER TABLE KS.t ADD y int, z text", cql.Syntax},
			{"ALTER TABLE KS.t DROP x, i", cql.Syntax},
			{"ALTER TABLE KS.t ADD (y int, z text)", nil},
			{"ALTER TABLE KS.t ADD w int", nil},
			{"ALTER TABLE KS.t ADD w int", cql.Invalid},
			{"ALTER TABLE KS.t ADD k counter", cql.Config},
			{"ALTER TABLE KS.t DROP missing", cql.Invalid},
			{"ALTER TABLE KS.t DROP (x)", nil},
			{"ALTER TABLE KS.t DROP (a, i, n, s, l, f, u)", nil},
			{"ALTER TABLE KS.t ADD i text", cql.Invalid},
			{"ALTER TABLE KS.t ADD i bigint", cql.Invalid},
			{"ALTER TABLE KS.t ADD i varint", cql.Invalid},
			{"ALTER TABLE KS.t ADD i blob", cql.Invalid},
			{"ALTER TABLE KS.t ADD i set<int>", cql.Invalid},
			{"ALTER TABLE KS.t ADD i int static", cql.Invalid},
			{"ALTER TABLE KS.t ADD i int", nil},
			{"ALTER TABLE KS.t ADD s int", cql.Invalid},
			{"ALTER TABLE KS.t ADD s int static", nil},
			{"ALTER TABLE KS.t ADD a text", nil},
			{"ALTER TABLE KS.t DROP a", nil},
			{"ALTER TABLE KS.t ADD a ascii", cql.Invalid},
			{"ALTER TABLE KS.t ADD a blob", nil},
			{"ALTER TABLE KS.t ADD n timestamp", nil},
			{"ALTER TABLE KS.t ADD l frozen<list<ascii>>", cql.Invalid},
			{"ALTER TABLE KS.t ADD l list<blob>", nil},
			{"ALTER TABLE KS.t ADD f frozen<set<varint>>", cql.Invalid},
			{"ALTER TABLE KS.t ADD f set<int>", cql.Invalid},
			{"ALTER TABLE KS.t ADD f blob", nil},
			{"ALTER TABLE KS.t ADD u tuple<text>", cql.Invalid},
			{"ALTER TABLE KS.t ADD u tuple<int, text>", nil},
			{"INSERT INTO KS.t (p, c, i) VALUES (1, 1, 1)", nil},
			{"SELECT i FROM KS.t", "1"},

			{"CREATE TABLE KS.n (p int PRIMARY KEY, n counter)", nil},
			{"ALTER TABLE KS.n ADD v int", cql.Config},
			{"ALTER TABLE KS.n DROP n", nil},
			{"ALTER TABLE KS.n ADD n counter", cql.Invalid},
			{"ALTER TABLE KS.n ADD v int", cql.Config},
			{"ALTER TABLE KS.n ADD m counter", nil},
			{"CREATE TABLE KS.mixed (p int PRIMARY KEY, n counter, v int)", cql.Invalid},
		})
	})
}

func TestCqltestNumbers(t *testing.T) {
	onBoth(t, func(t *target) {
		t.say([]statement{
			{"CREATE TABLE KS.t (p int, c int, PRIMARY KEY (p, c))", nil},
			{"INSERT INTO KS.t (p, c) VALUES (0, 1)", nil},
			// A word may follow a number at once, unless it makes it a duration, or starts as hexadecimals do.
			{"SELECT c FROM KS.t WHERE p = 0LIMIT 1", "1"},
			{"SELECT c FROM KS.t WHERE p = 0ORDER BY c DESC LIMIT 1", "1"},
			{"SELECT c FROM KS.t WHERE p = 0PER PARTITION LIMIT 1", "1"},
			{"SELECT c FROM KS.t WHERE token(p) > 0LIMIT 1", ""},
			{"SELECT c FROM KS.t WHERE p = -1AND c = 1", ""},
			{"SELECT c FROM KS.t WHERE p = 12345678AND c = 1", ""},
			{"SELECT c FROM KS.t WHERE p = 12AND c = 1", cql.Syntax},
			{"SELECT c FROM KS.t WHERE c = 1ALLOW FILTERING", cql.Syntax},
			{"SELECT c FROM KS.t WHERE p = 1a", cql.Syntax},
			{"SELECT c FROM KS.t WHERE p = 1x", cql.Syntax},
			{"SELECT c FROM KS.t WHERE p = 1d", cql.Invalid},
			{"SELECT c FROM KS.t WHERE p = 1MO2dLIMIT 1", cql.Invalid},
			{"SELECT c FROM KS.t WHERE p = 1day", cql.Syntax},
			{"SELECT c FROM KS.t WHERE p = 1.5LIMIT 1", cql.Invalid},
			{"DELETE FROM KS.t USING TIMESTAMP 6WHERE p = 1", cql.Syntax},

			{"CREATE TABLE KS.f (p int PRIMARY KEY, f float, d double)", nil},
			{"INSERT INTO KS.f (p, f) VALUES (1, 1e50)", nil},
			{"INSERT INTO KS.f (p, f) VALUES (2, -1e50)", nil},
			{"INSERT INTO KS.f (p, f) VALUES (3, 3.4028236e38)", nil},
			{"INSERT INTO KS.f (p, f) VALUES (4, 99999999999999999999999999999999999999999999999999)", nil},
			{"INSERT INTO KS.f (p, f) VALUES (5, 1e-60)", nil},
			{"INSERT INTO KS.f (p, d) VALUES (6, 1e-400)", nil},
			{"INSERT INTO KS.f (p, d) VALUES (7, 1e400)", cql.Syntax},
			{"SELECT d, f FROM KS.f WHERE p IN (1, 2, 3, 4, 5, 6)", "- +Inf\n- -Inf\n- +Inf\n- +Inf\n- 0\n0 -"},
		})
		require.Equal(t, "1", t.rows("SELECT c FROM KS.t WHERE p = 0LIMIT ?", 1))
	})
}

func TestCqltestAddresses(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec("CREATE TABLE KS.t (p text PRIMARY KEY, i inet, t timestamp)")
		for text, want := range map[string]string{
			"1.2.3": "1.2.0.3", "1.2": "1.0.0.2", "1": "0.0.0.1", "1.2.65535": "1.2.255.255", "4294967295": "255.255.255.255",
			"010.001.1.08": "10.1.1.8", "::1": "::1", "[::1]": "::1", "fe80::1%25": "fe80::1", "::01.2.3.4": "::102:304",
			"::ffff:1.2.3.4": "1.2.3.4", "[::ffff:102:304]": "1.2.3.4", "": "",
		} {
			t.exec("INSERT INTO KS.t (p, i) VALUES ('i" + text + "', '" + text + "')")
			found := strings.Split(t.rows("SELECT p FROM KS.t WHERE i = '"+want+"' ALLOW FILTERING"), "\n")
			require.Contains(t, found, "i"+text, "%q is %q", text, want)
		}
		for _, text := range []string{
			"1.2.65536", "1.2.3.256", "1.2.3.4.5", "1.2.3.", "1..3", " 1.2.3.4", "-1", "4294967296", "0x10.1.1.1", "[1.2.3.4]",
			"1.2.3.4%1", "::1%", "[::1]%1", "%1", "::ffff:1.2.3", "1:2", "00000000000000000000000001.2.3.4",
		} {
			t.say([]statement{{"INSERT INTO KS.t (p, i) VALUES ('x', '" + text + "')", cql.Invalid}})
		}
		t.say([]statement{
			{"INSERT INTO KS.t (p, t) VALUES ('empty', '')", nil},
			{"SELECT p FROM KS.t WHERE t = '' ALLOW FILTERING", "empty"},
		})
	})
}
