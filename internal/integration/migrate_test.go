package integration_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/checkpoint"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/typetest"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// TestATableOfEveryTypeIsCopiedWithItsTimes copies by scan, write and acknowledgement of pages, in two runs, what all
// types have for values, with null, and by way of a file of dead letters the same again.
func TestATableOfEveryTypeIsCopiedWithItsTimes(t *testing.T) {
	onBoth(t, func(t *target) {
		cases := t.typeTable()
		columns := make([]string, len(cases))
		for i, c := range cases {
			columns[i] = fmt.Sprintf("v%d %s", i, c.CQL)
		}
		for _, table := range []string{"copy", "again"} {
			t.exec("CREATE TABLE KS." + table + " (k int PRIMARY KEY, " + strings.Join(columns, ", ") + ")")
		}
		rows := t.fillTypes(cases)
		all, compared := t.withTimes(cases)
		scan := source.Table[source.Row](t.session, t.keyspace+".types").Columns(all...).PageSize(1)

		store, err := checkpoint.File(filepath.Join(t.TempDir(), "checkpoint"))
		require.NoError(t, err)
		defer store.Close()
		insert := sink.Insert[source.Row](t.session, t.keyspace+".copy")
		stop, cancel := context.WithCancel(t.Context())
		defer cancel()
		var pages atomic.Int64
		copyPages := func(ctx context.Context) error {
			_, err := insert.Work(ctx, func(ctx context.Context, w *sink.Writer[source.Row]) error {
				return scan.Resume(store).Each(ctx, 3, func(ctx context.Context, page source.TablePage[source.Row]) error {
					if pages.Add(1) == 5 {
						cancel()
					}
					return w.Write(ctx, rx.From(page.Rows...))
				})
			})
			return err
		}
		require.ErrorIs(t, copyPages(stop), context.Canceled)
		require.NoError(t, copyPages(t.Context()))
		t.requireSame("types", "copy", compared, rows)

		path := filepath.Join(t.TempDir(), "dead.jsonl")
		letters := operators.Map(scan.Rows(), func(row source.Row) operators.Failure[source.Row] {
			return operators.Failure[source.Row]{Item: row, Err: cql.Overloaded}
		})
		require.NoError(t, sink.DeadLetterFile[source.Row](path)(t.Context(), letters))
		again := sink.Insert[source.Row](t.session, t.keyspace+".again")
		report, err := again.Replay(t.Context(), source.DeadLetters[source.Row](path).Letters())
		require.NoError(t, err)
		require.EqualValues(t, rows, report.Written)
		t.requireSame("types", "again", compared, rows)
	})
}

// fillTypes writes each value of each type, and gives the number of rows; the last one has nulls only.
func (t *target) fillTypes(cases []typetest.Case) (rows int) {
	for i, c := range cases {
		for n, v := range c.Values {
			marker, args := markerFor(c.Type, v.Go)
			using := fmt.Sprintf(" USING TIMESTAMP %d", 1_000_000*(n+1)+i%2)
			if i%3 == 1 {
				using += " AND TTL 800000"
			}
			t.exec(fmt.Sprintf("INSERT INTO KS.types (v%d, k) VALUES (%s, ?)%s", i, marker, using), append(args[:len(args):len(args)], n)...)
			rows = max(rows, n+1)
		}
	}
	t.exec("INSERT INTO KS.types (k) VALUES (?) USING TIMESTAMP 1", rows)
	return rows + 1
}

// withTimes names all columns with their times, and those of which two copies have the same cells: a TTL goes on.
func (t *target) withTimes(cases []typetest.Case) (all, compared []string) {
	all, compared = []string{"k"}, []string{"k"}
	for i, c := range cases {
		name := fmt.Sprintf("v%d", i)
		both := []string{name}
		switch {
		case !c.Unfrozen:
			all = append(all, "ttl("+name+")")
			both = append(both, "writetime("+name+")")
		case c.Type.Kind == cql.List: // written twice with the same time it would be twice as long
		case !t.fake(): // which has no maxwritetime
			both = append(both, "maxwritetime("+name+")")
		}
		all, compared = append(all, both...), append(compared, both...)
	}
	return all, compared
}

// requireSame checks that two tables are equal cell by cell.
func (t *target) requireSame(a, b string, columns []string, rows int) {
	t.Helper()
	read := func(table string) map[int]source.Row {
		byKey := map[int]source.Row{}
		require.NoError(t, source.Table[source.Row](t.session, t.keyspace+"."+table).Columns(columns...).Rows().ForEach(t.Context(), func(r source.Row) error {
			k, err := source.Get[int](r, "k")
			byKey[k] = r
			return err
		}))
		return byKey
	}
	want, got := read(a), read(b)
	require.Len(t, want, rows)
	require.Len(t, got, rows)
	for k, row := range want {
		for i, c := range row.Columns() {
			require.Equal(t, row.Cell(i), got[k].Cell(i), "row %d, %s", k, c.Name)
		}
	}
}
