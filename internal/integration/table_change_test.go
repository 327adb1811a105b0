package integration_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/source"
)

// spread makes KS.spread with 200 rows, a partition each.
func (t *target) spread() {
	t.Helper()
	t.exec("CREATE TABLE KS.spread (p int PRIMARY KEY, v text)")
	for p := range 200 {
		t.exec("INSERT INTO KS.spread (p, v) VALUES (?, 'four')", p)
	}
}

func TestTheTableOfAScanChanges(t *testing.T) {
	type row struct {
		P int
		V string
	}
	for name, change := range map[string]struct {
		statements []string
		ok         bool
	}{
		"a column more": {[]string{"ALTER TABLE KS.spread ADD more int"}, true},
		"a column less": {[]string{"ALTER TABLE KS.spread DROP v"}, false},
		"made anew": {[]string{
			"DROP TABLE KS.spread", "CREATE TABLE KS.spread (p int PRIMARY KEY, v int)", "INSERT INTO KS.spread (p, v) VALUES (1, 1718580594)",
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *target) {
				t.spread()
				n := 0
				err := source.Table[row](t.session, t.in("KS.spread")).PageSize(10).SplitInto(4).Rows().ForEach(t.Context(), func(r row) error {
					require.Equal(t, "four", r.V)
					if n++; n == 50 {
						t.change("SELECT p FROM KS.spread", change.statements...)
					}
					return nil
				})
				if change.ok {
					require.NoError(t, err)
					require.Equal(t, 200, n)
				} else {
					require.ErrorIs(t, err, source.ErrSchemaChanged)
				}
			})
		})
	}
}

// A server takes a state for any range and for a table made anew, and gives wrong rows.
func TestACursorIsRefusedWhereItIsNotFrom(t *testing.T) {
	onBoth(t, func(t *target) {
		t.spread()
		table := source.Table[source.Row](t.session, t.in("KS.spread")).PageSize(10)
		p, err := table.SplitInto(1).Pages().First(t.Context())
		require.NoError(t, err)
		require.False(t, p.Last)
		refused := func(r source.Range) {
			t.Helper()
			_, err := table.Ranges(r).Rows().First(t.Context())
			require.ErrorIs(t, err, source.ErrBadState)
		}
		later, before := p.Range, p.Range
		later.Start++
		before.End = before.Start + 1
		refused(later)
		refused(before)
		rest, err := table.Ranges(p.Range).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, rest, 190)
		t.exec("DROP TABLE KS.spread")
		t.spread()
		refused(p.Range)
	})
}
