package integration_test

import (
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/typetest"
	"github.com/rxcql/rxcql/source"
)

// TestDatesAsText: ours is the server's, for every day there is.
func TestDatesAsText(t *testing.T) {
	c := onCassandra(t)
	c.exec("CREATE TABLE KS.dates (k int PRIMARY KEY, d date, s text)")
	days := []time.Time{{}, time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(0, 2, 29, 0, 0, 0, 0, time.UTC), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)}
	for _, v := range typetest.Date.Values {
		days = append(days, v.Go.(time.Time))
	}
	type texts struct{ D, S string }
	for i, day := range days {
		c.exec("INSERT INTO KS.dates (k, d) VALUES (?, ?)", i, day)
		got, err := source.Query[texts](c.session, c.in("SELECT d, CAST(d AS text) AS s FROM KS.dates WHERE k = ?"), i).Rows().First(t.Context())
		require.NoError(t, err)
		require.Equal(t, got.S, got.D)
		c.exec("INSERT INTO KS.dates (k, d) VALUES (?, ?)", i, got.D)
		again, err := source.Query[time.Time](c.session, c.in("SELECT d FROM KS.dates WHERE k = ?"), i).Rows().First(t.Context())
		require.NoError(t, err)
		require.Equal(t, day, again)
	}
}

// TestTheYearOne: we write time.Time{} as what it is, which the driver reads; it writes an empty timestamp, which we
// read, and an empty date, which the server refuses.
func TestTheYearOne(t *testing.T) {
	c := onCassandra(t)
	c.exec("CREATE TABLE KS.zero (k int PRIMARY KEY, ts timestamp, d date)")
	raw := c.other()
	c.exec("INSERT INTO KS.zero (k, ts, d) VALUES (0, ?, ?)", time.Time{}, time.Time{})
	require.NoError(t, raw.Query(c.in("INSERT INTO KS.zero (k, ts) VALUES (1, ?)"), time.Time{}).Exec())
	require.Error(t, raw.Query(c.in("INSERT INTO KS.zero (k, d) VALUES (1, ?)"), time.Time{}).Exec())

	for k := range 2 {
		at, err := source.Query[time.Time](c.session, c.in("SELECT ts FROM KS.zero WHERE k = ?"), k).Rows().First(t.Context())
		require.NoError(t, err)
		require.Equal(t, time.Time{}, at)
		require.NoError(t, raw.Query(c.in("SELECT ts FROM KS.zero WHERE k = ?"), k).Scan(&at))
		require.True(t, at.IsZero())
		p, err := source.Query[*time.Time](c.session, c.in("SELECT ts FROM KS.zero WHERE k = ?"), k).Rows().First(t.Context())
		require.NoError(t, err)
		require.Equal(t, k == 1, p == nil, "an empty value is no more than null")
	}
	type texts struct{ Ts, D string }
	got, err := source.Query[texts](c.session, c.in("SELECT CAST(ts AS text) AS ts, CAST(d AS text) AS d FROM KS.zero WHERE k = 0")).Rows().First(t.Context())
	require.NoError(t, err)
	require.Equal(t, texts{"0001-01-01T00:00:00.000Z", "0001-01-01"}, got)
	keys, err := source.Query[int](c.session, c.in("SELECT k FROM KS.zero WHERE ts = ? ALLOW FILTERING"), time.Time{}).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{0}, keys)
}

// bytesOf is a value in its encoding.
type bytesOf []byte

func (b bytesOf) MarshalCQL(gocql.TypeInfo) ([]byte, error) { return b, nil }

// TestNullsInsideOfCollections: a Cassandra 5.0 makes nulls of the empty values that it is given for the elements of a
// frozen collection, as the driver writes them for time.Time{}.
func TestNullsInsideOfCollections(t *testing.T) {
	c := onCassandra(t)
	c.exec("CREATE TABLE KS.nulls (k int PRIMARY KEY, l frozen<list<int>>, m frozen<map<text, int>>, ts frozen<list<timestamp>>)")
	list := bytesOf{0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 2}                                      // an empty value, and 2
	mapping := bytesOf{0, 0, 0, 2, 0, 0, 0, 1, 'a', 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1, 'b', 0, 0, 0, 0} // 1 and an empty value
	c.exec("INSERT INTO KS.nulls (k, l, m) VALUES (0, ?, ?)", list, mapping)
	require.NoError(t, c.other().Query(c.in("UPDATE KS.nulls SET ts = ? WHERE k = 0"), []time.Time{{}}).Exec())

	row, err := source.Query[map[string]any](c.session, c.in("SELECT l, m, ts FROM KS.nulls")).Rows().First(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]any{"l": []any{nil, 2}, "m": [][2]any{{"a", 1}, {"b", nil}}, "ts": []any{nil}}, row)

	type typed struct {
		L  []*int
		M  map[string]*int
		Ts []*time.Time
	}
	got, err := source.Query[typed](c.session, c.in("SELECT l, m, ts FROM KS.nulls")).Rows().First(t.Context())
	require.NoError(t, err)
	one, two := 1, 2
	require.Equal(t, typed{[]*int{nil, &two}, map[string]*int{"a": &one, "b": nil}, []*time.Time{nil}}, got)
	_, err = source.Query[[]int](c.session, c.in("SELECT l FROM KS.nulls")).Rows().First(t.Context())
	require.ErrorIs(t, err, source.ErrNull)
}
