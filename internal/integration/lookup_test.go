package integration_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/source"
)

// Rows of one partition that are looked up together are those that each would be by itself, of every type that a
// clustering column has here.
func TestRowsLookedUpTogether(t *testing.T) {
	onBoth(t, func(t *target) {
		for cqlType, key := range keysOf {
			table := "KS.l_" + cqlType
			t.exec(fmt.Sprintf(`CREATE TABLE %s (p text, "C" %s, v int, s int STATIC, PRIMARY KEY (p, "C"))`, table, cqlType))
			keys := make([]any, 60)
			for i := range keys {
				keys[i] = key(rand.Uint64(), i%2 == 0)
				if i < 40 {
					t.exec("INSERT INTO "+table+` (p, "C", v) VALUES ('a', ?, ?)`, keys[i], i)
				}
			}
			t.exec("UPDATE " + table + " SET s = 1 WHERE p = 'a'")
			for range 60 { // twice in the stream
				keys = append(keys, keys[rand.IntN(len(keys))])
			}
			query := source.Query[int](t.session, t.in("SELECT v FROM "+table+` WHERE p = ? AND "C" = ?`))
			bind := func(k any) []any { return []any{"a", k} }
			want, err := source.Lookup(rx.From(keys...), 1, query, bind).Collect(t.Context())
			require.NoError(t, err)
			require.Len(t, want, len(keys))
			before := t.reads.Load()
			got, err := source.Lookup(rx.From(keys...), 64, query, bind).Collect(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, got, cqlType)
			require.LessOrEqual(t, t.reads.Load()-before, int64(len(keys)))
			found, err := operators.Filter(rx.From(got...), func(m operators.Match[any, int]) bool { return m.Found }).Collect(t.Context())
			require.NoError(t, err)
			require.GreaterOrEqual(t, len(found), 40)
			t.Logf("%s: %d keys, %d requests", cqlType, len(keys), t.reads.Load()-before)
		}
	})
}

func TestKeysJoinedWithATable(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec("CREATE TABLE KS.parts (k int, n int, PRIMARY KEY (k, n))")
		var want []string
		for k := range 20 {
			for n := range k % 4 {
				t.exec("INSERT INTO KS.parts (k, n) VALUES (?, ?)", k, n)
				want = append(want, fmt.Sprint(k, n, true))
			}
			if k%4 == 0 {
				want = append(want, fmt.Sprint(k, 0, false))
			}
		}
		query := source.Query[int](t.session, t.in("SELECT n FROM KS.parts WHERE k = ?")).PageSize(2)
		joined := source.Lookup(rx.Range(0, 20), 5, query, func(k int) []any { return []any{k} })
		got, err := operators.Map(joined, func(m operators.Match[int, int]) string {
			return fmt.Sprint(m.Item, m.Value, m.Found)
		}).Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}
