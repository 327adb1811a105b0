package integration_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cqltext"
	"github.com/rxcql/rxcql/internal/typetest"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// TestATableUnloadedToCSVAndLoadedAgain is equal cell by cell: for every type, null, empty and extremes.
func TestATableUnloadedToCSVAndLoadedAgain(t *testing.T) {
	target := onCassandra(t)
	ctx := t.Context()
	cases := target.typeTable()
	target.fillTypeTable(cases)
	columns := make([]string, len(cases))
	for i, c := range cases {
		columns[i] = fmt.Sprintf("v%d %s", i, c.CQL)
	}
	target.exec("CREATE TABLE KS.again (k int PRIMARY KEY, " + strings.Join(columns, ", ") + ")")

	unloaded, err := source.Table[source.Row](target.session, target.in("KS.types")).Rows().Collect(ctx)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "types.csv.gz")
	written, err := sink.File(path, sink.CSV[source.Row]()).Write(ctx, source.Table[source.Row](target.session, target.in("KS.types")).Rows())
	require.NoError(t, err)
	require.EqualValues(t, len(unloaded), written.Rows)

	table, err := target.session.Prepare(ctx, target.in("SELECT * FROM KS.again"))
	require.NoError(t, err)
	rows := source.CSV[source.Row](source.File(path)).Columns(table.Columns).Rows()
	loaded, err := sink.Insert[source.Row](target.session, target.in("KS.again")).Write(ctx, rows)
	require.NoError(t, err)
	require.EqualValues(t, len(unloaded), loaded.Written)

	again, err := source.Table[source.Row](target.session, target.in("KS.again")).Rows().Collect(ctx)
	require.NoError(t, err)
	require.Len(t, again, len(unloaded))
	byKey := map[string]source.Row{}
	for _, row := range again {
		byKey[string(row.Cell(row.Index("k")))] = row
	}
	values := 0
	for _, want := range unloaded {
		got := byKey[string(want.Cell(want.Index("k")))]
		for i, c := range want.Columns() {
			require.Equal(t, want.Cell(i), got.Cell(got.Index(c.Name)), "%v", c.Type)
			if want.Cell(i) != nil {
				values++
			}
		}
	}
	require.Greater(t, values, 2*len(cases), "there was something to compare")
}

// fillTypeTable writes a row for each value of the case with the most, all of them as literals, and one of nulls.
func (t *target) fillTypeTable(cases []typetest.Case) {
	t.Helper()
	most := 0
	for _, c := range cases {
		most = max(most, len(c.Values))
	}
	raw := t.other()
	for n := range most {
		names, literals := []string{"k"}, []string{fmt.Sprint(n)}
		for i, c := range cases {
			if n < len(c.Values) {
				names, literals = append(names, fmt.Sprint("v", i)), append(literals, c.Values[n].CQL)
			}
		}
		insert := "INSERT INTO " + t.keyspace + ".types (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(literals, ", ") + ")"
		require.NoError(t, raw.Query(insert).Exec())
	}
	require.NoError(t, raw.Query("INSERT INTO "+t.keyspace+".types (k) VALUES (-1)").Exec())
}

// TestTextsAreLiterals: the server reads the texts of values as we do, with quotes around those that have them inside of
// others.
func TestTextsAreLiterals(t *testing.T) {
	target := onCassandra(t)
	cases := target.typeTable()
	raw := target.other()
	for i, c := range cases {
		for _, v := range c.Values {
			cell, err := c.Type.Marshal(v.Go)
			require.NoError(t, err)
			text, err := cqltext.AppendText(nil, &c.Type, cell, "null")
			require.NoError(t, err)
			literal := string(text)
			switch c.Type.Kind {
			case cql.Ascii, cql.Varchar, cql.Inet, cql.Date, cql.Time:
				literal = "'" + strings.ReplaceAll(literal, "'", "''") + "'"
			case cql.Timestamp:
				if strings.Contains(literal, ":") { // else it is a number
					literal = "'" + literal + "'"
				}
			}
			err = raw.Query(fmt.Sprintf("INSERT INTO %s.types (k, v%d) VALUES (0, %s)", target.keyspace, i, literal)).Exec()
			require.NoError(t, err, "%v: %.80s", c.Type, literal)
			row, err := source.Query[source.Row](target.session, target.in(fmt.Sprintf("SELECT v%d FROM KS.types WHERE k = 0", i))).Rows().First(t.Context())
			require.NoError(t, err)
			if c.Unfrozen && isEmpty(cell) {
				cell = nil // to the server
			}
			require.Equal(t, cell, row.Cell(0), "%v: %.80s", c.Type, literal)
		}
	}
}
