package integration_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/typetest"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// TestJSONLinesAreWhatTheServerHas has a file of rows with every type and value written by the server's INSERT JSON, line
// by line: the table then has the same cells. What its SELECT JSON gives reads as these cells, too, where that loses
// nothing itself.
func TestJSONLinesAreWhatTheServerHas(t *testing.T) {
	target := onCassandra(t)
	cases := target.typeTable()
	names := make([]string, len(cases))
	most := 0
	for i, c := range cases {
		names[i] = fmt.Sprint("v", i)
		most = max(most, len(c.Values))
	}
	list := "k, " + strings.Join(names, ", ")
	prepared, err := target.session.Prepare(t.Context(), target.in("SELECT "+list+" FROM KS.types"))
	require.NoError(t, err)
	columns := prepared.Columns

	var rows []source.Row
	for n := range most + 1 { // the last one is of nulls
		cells := make([][]byte, len(columns))
		cells[0] = binary.BigEndian.AppendUint32(nil, uint32(n))
		for i, c := range cases {
			if n < most && !hasLongKey(c, n) {
				cells[i+1], err = columns[i+1].Type.Marshal(c.Values[n%len(c.Values)].Go)
				require.NoError(t, err)
			}
		}
		var row source.Row
		require.NoError(t, row.UnmarshalRow(columns, cells))
		rows = append(rows, row)
	}
	path := filepath.Join(t.TempDir(), "types.jsonl.gz")
	_, err = sink.File(path, sink.JSONL[source.Row]()).Write(t.Context(), rx.From(rows...))
	require.NoError(t, err)
	back, err := source.JSONL[source.Row](source.File(path)).Columns(columns).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.True(t, slices.EqualFunc(rows, back, source.Row.Equal))

	for _, row := range rows {
		var line bytes.Buffer
		_, err := sink.To(&line, sink.JSONL[source.Row]()).Write(t.Context(), rx.From(row))
		require.NoError(t, err)
		target.exec("INSERT INTO KS.types JSON ?", line.String())
	}
	for n, row := range rows {
		stored, err := source.Query[source.Row](target.session, target.in("SELECT "+list+" FROM KS.types WHERE k = ?"), n).Rows().First(t.Context())
		require.NoError(t, err)
		kept := []cql.Column{columns[0]}
		for i, c := range cases {
			if !losesBySelect(c.Type, n) {
				kept = append(kept, columns[i+1])
			}
		}
		selected := target.selectJSON(kept, n)
		for i, c := range cases {
			want := row.Cell(i + 1)
			if c.Unfrozen && n < most && isEmpty(want) {
				want = nil // to the server
			}
			require.Equal(t, want, stored.Cell(i+1), "%s: %.80s", c.CQL, c.Values[n%len(c.Values)].CQL)
			if !losesBySelect(c.Type, n) {
				require.Equal(t, want, selected.Cell(selected.Index(names[i])), "%s: %.80s", c.CQL, c.Values[n%len(c.Values)].CQL)
			}
		}
	}
}

// selectJSON reads a row by what SELECT JSON gives.
func (t *target) selectJSON(columns []cql.Column, k int) source.Row {
	t.Helper()
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	statement := t.in("SELECT JSON " + strings.Join(names, ", ") + " FROM KS.types WHERE k = ?")
	text, err := source.Query[string](t.session, statement, k).Rows().First(t.Context())
	require.NoError(t, err)
	line := source.Reader("SELECT JSON", strings.NewReader(text))
	row, err := source.JSONL[source.Row](line).Columns(columns).Rows().First(t.Context())
	require.NoError(t, err)
	return row
}

// hasLongKey tells a value that INSERT JSON may refuse: keys may have 50,000 characters there.
func hasLongKey(c typetest.Case, n int) bool {
	return len(c.Values[n%len(c.Values)].CQL) > 50_000 && hasMap(c.Type)
}

func hasMap(t cql.Type) bool { return t.Kind == cql.Map || slices.ContainsFunc(t.Elems, hasMap) }

// isEmpty tells a collection without elements.
func isEmpty(cell []byte) bool { return bytes.Equal(cell, make([]byte, 4)) }

// losesBySelect tells whether a value may be one that SELECT JSON has no form for: all but the first ones of types with
// floating-point numbers, of which some are infinite, and with timestamps, of which some have an era.
func losesBySelect(t cql.Type, n int) bool {
	if t.Kind == cql.Float || t.Kind == cql.Double || t.Kind == cql.Timestamp {
		return n > 0
	}
	return slices.ContainsFunc(t.Elems, func(e cql.Type) bool { return losesBySelect(e, n) })
}
