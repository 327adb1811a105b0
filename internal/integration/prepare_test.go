package integration_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
)

func TestPrepare(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec("CREATE TABLE KS.t (a int, b text, c frozen<tuple<int, text>>, v map<text, int>, s blob static, PRIMARY KEY ((a, b), c))")
		types := func(columns []cql.Column) (names, types []string) {
			for _, c := range columns {
				names, types = append(names, c.Name), append(types, c.Type.String())
			}
			return names, types
		}
		p, err := t.session.Prepare(t.Context(), t.in("INSERT INTO KS.t (v, c, b, a, s) VALUES (?, (?, ?), ?, :x, ?) USING TTL ? AND TIMESTAMP ?"))
		require.NoError(t, err)
		names, of := types(p.Arguments)
		require.Equal(t, []string{"map<text, int>", "int", "text", "text", "int", "blob", "int", "bigint"}, of)
		require.Equal(t, []string{"v", "b", "x", "s", "[ttl]", "[timestamp]"}, append(names[:1], names[3:]...))
		require.Equal(t, []int{4, 3}, p.PartitionKey)
		require.Empty(t, p.Columns)

		p, err = t.session.Prepare(t.Context(), t.in("UPDATE KS.t SET v = v + ? WHERE a = ? AND b = 'x' AND c = (?, ?)"))
		require.NoError(t, err)
		require.Len(t, p.Arguments, 4)
		require.Nil(t, p.PartitionKey)

		p, err = t.session.Prepare(t.Context(), t.in("DELETE FROM KS.t WHERE a = ? AND b = ? AND c = ?"))
		require.NoError(t, err)
		_, of = types(p.Arguments)
		require.Equal(t, []string{"int", "text", "tuple<int, text>"}, of)
		require.Equal(t, []int{0, 1}, p.PartitionKey)

		p, err = t.session.Prepare(t.Context(), t.in("SELECT c, v FROM KS.t WHERE a = ? AND b = ?"))
		require.NoError(t, err)
		names, of = types(p.Columns)
		require.Equal(t, []string{"c", "v"}, names)
		require.Equal(t, []string{"tuple<int, text>", "map<text, int>"}, of)

		_, err = t.session.Prepare(t.Context(), t.in("SELECT nothing FROM KS.t"))
		require.ErrorIs(t, err, cql.Invalid)
		require.Equal(t, "0", t.rows("SELECT count(*) FROM KS.t"), "nothing was executed")
	})
}

// TestPrepareTellsOfATableMadeAnew, which this session prepared the same text for before.
func TestPrepareTellsOfATableMadeAnew(t *testing.T) {
	onBoth(t, func(t *target) {
		text := t.in("INSERT INTO KS.anew (p, v) VALUES (?, ?)")
		t.exec("CREATE TABLE KS.anew (p int PRIMARY KEY, v int)")
		p, err := t.session.Prepare(t.Context(), text)
		require.NoError(t, err)
		require.Equal(t, cql.Int, p.Arguments[1].Type.Kind)
		other := t.other()
		require.NoError(t, other.Query(t.in("DROP TABLE KS.anew")).Exec())
		require.NoError(t, other.Query(t.in("CREATE TABLE KS.anew (p int PRIMARY KEY, v text)")).Exec())
		p, err = t.session.Prepare(t.Context(), text)
		require.NoError(t, err)
		require.Equal(t, cql.Varchar, p.Arguments[1].Type.Kind)
	})
}
