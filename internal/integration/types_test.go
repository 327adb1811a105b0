package integration_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/typetest"
	"github.com/rxcql/rxcql/source"
)

// TestEveryType walks through all types and values: each is written as a literal, by gocql and by us, each is the same
// to the server, and what one wrote the other reads. A real Cassandra alone knows vectors and user-defined types.
func TestEveryType(t *testing.T) {
	onBoth(t, func(t *target) {
		cases := t.typeTable()
		raw := t.other()
		for i, c := range cases {
			t.Run(c.CQL, func(sub *testing.T) {
				sub.Parallel()
				here := *t
				here.T = sub
				(&column{target: &here, Case: c, raw: raw, name: fmt.Sprint("v", i)}).check()
			})
		}
	})
}

// typeTable makes a table with a column for each case.
func (t *target) typeTable() []typetest.Case {
	t.Helper()
	cases := slices.DeleteFunc(slices.Clone(typetest.All), func(c typetest.Case) bool {
		return c.Type.Kind == cql.Counter || t.fake() && !c.Fake
	})
	if !t.fake() {
		for _, c := range []typetest.Case{typetest.Address, typetest.Person} {
			fields := make([]string, len(c.Type.Fields))
			for i, f := range c.Type.Fields {
				fields[i] = f + " " + strings.ReplaceAll(c.Type.Elems[i].String(), "ks.address", "frozen<KS.address>")
			}
			t.exec("CREATE TYPE " + c.CQL + " (" + strings.Join(fields, ", ") + ")")
		}
	}
	columns := make([]string, len(cases))
	for i, c := range cases {
		columns[i] = fmt.Sprintf("v%d %s", i, c.CQL)
	}
	t.exec("CREATE TABLE KS.types (k int PRIMARY KEY, " + strings.Join(columns, ", ") + ")")
	return cases
}

func (t *target) fake() bool { return t.keyspace == "it" }

// column is the column for the values of a type.
type column struct {
	*target
	typetest.Case
	raw  *gocql.Session
	name string
}

func (c *column) check() {
	for n, v := range c.Values {
		literal, ours, driver := 3*n, 3*n+1, 3*n+2
		written := c.write(v, literal, ours, driver)
		want := v.Go
		if c.Unfrozen && reflect.ValueOf(v.Go).Len() == 0 {
			want = nil // to the server
		}
		c.read(want, written)
		if golden, ok := typetest.Golden(c.Case, v); ok {
			require.Equal(c, golden, c.cell(literal), "%.80s", v.CQL)
		}
		if c.Driver && want != nil {
			c.readByDriver(v, ours)
		}
	}
	c.exec("UPDATE KS.types SET " + c.name + " = null WHERE k = 0")
	if c.Type.Kind != cql.Tuple { // the driver binds only its elements, and a tuple of nulls is not null
		insert, _ := c.insert(c.Values[0].Go)
		c.exec(insert, nil, 0)
	}
	c.read(nil, []int{0})
}

// write writes a value in up to three ways and gives the keys of the rows.
func (c *column) write(v typetest.Value, literal, ours, driver int) []int {
	err := c.raw.Query(fmt.Sprintf("INSERT INTO %s.types (k, %s) VALUES (%d, %s)", c.keyspace, c.name, literal, v.CQL)).Exec()
	require.NoError(c, err, "%.80s", v.CQL)
	insert, args := c.insert(v.Go)
	c.exec(insert, append(args, ours)...)
	if c.Driver && c.raw.Query(c.in(insert), append(args, driver)...).Exec() == nil {
		return []int{literal, ours, driver}
	}
	// The driver knows no vectors and no null for a user-defined type.
	require.True(c, !c.Driver || strings.Contains(v.CQL, "null"), "%.80s", v.CQL)
	return []int{literal, ours}
}

// insert gives the statement for a value and its arguments but for the key. The driver binds a tuple of several elements
// only by those.
func (c *column) insert(v any) (string, []any) {
	marker, args := markerFor(c.Type, v)
	return "INSERT INTO KS.types (" + c.name + ", k) VALUES (" + marker + ", ?)", slices.Clip(args)
}

func markerFor(ct cql.Type, v any) (string, []any) {
	elems, ok := v.([]any)
	if ct.Kind != cql.Tuple || !ok {
		return "?", []any{v}
	}
	markers, args := make([]string, len(elems)), []any{}
	for i, e := range elems {
		if e == nil && ct.Elems[i].Kind == cql.Tuple {
			markers[i] = "null"
			continue
		}
		var inner []any
		markers[i], inner = markerFor(ct.Elems[i], e)
		args = append(args, inner...)
	}
	return "(" + strings.Join(markers, ", ") + ")", args
}

// read reads rows: of one value, in the same bytes.
func (c *column) read(want any, keys []int) {
	rows, err := source.Query[source.Row](c.session, c.in("SELECT "+c.name+" FROM KS.types WHERE k IN ?"), keys).Rows().Collect(c.Context())
	require.NoError(c, err)
	require.Len(c, rows, len(keys))
	for _, row := range rows {
		require.Equal(c, c.Type.Kind, row.Columns()[0].Type.Kind)
		got, err := row.Value(c.name)
		require.NoError(c, err)
		require.True(c, typetest.Equal(want, got), "%.80v: %#v", want, got)
		require.Equal(c, rows[0].Cell(0), row.Cell(0))
	}
}

// cell gives the bytes of a row's value.
func (c *column) cell(k int) []byte {
	row, err := source.Query[source.Row](c.session, c.in("SELECT "+c.name+" FROM KS.types WHERE k = ?"), k).Rows().First(c.Context())
	require.NoError(c, err)
	return row.Cell(0)
}

// readByDriver has gocql read the row: a tuple's elements one by one.
func (c *column) readByDriver(v typetest.Value, k int) {
	iter := c.raw.Query(c.in("SELECT "+c.name+" FROM KS.types WHERE k = ?"), k).Iter()
	row, err := iter.RowData()
	require.NoError(c, err)
	require.True(c, iter.Scan(row.Values...))
	require.NoError(c, iter.Close())
	want, ok := v.Go.([]any)
	if c.Type.Kind != cql.Tuple || !ok {
		want = []any{v.Go}
	}
	for i, read := range row.Values {
		read = reflect.ValueOf(read).Elem().Interface()
		require.True(c, typetest.EqualToDriver(want[i], read), "%.80s: %#v", v.CQL, read)
	}
}

func TestCounters(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec("CREATE TABLE KS.counters (k int PRIMARY KEY, v counter)")
		raw := t.other()
		for i, v := range typetest.Counter.Values {
			t.exec("UPDATE KS.counters SET v = v + ? WHERE k = ?", v.Go, i)
			got, err := source.Query[int64](t.session, t.in("SELECT v FROM KS.counters WHERE k = ?"), i).Rows().First(t.Context())
			require.NoError(t, err)
			require.Equal(t, v.Go, got)
			row, err := source.Query[source.Row](t.session, t.in("SELECT v FROM KS.counters WHERE k = ?"), i).Rows().First(t.Context())
			require.NoError(t, err)
			golden, ok := typetest.Golden(typetest.Counter, v)
			require.True(t, ok)
			require.Equal(t, golden, row.Cell(0))
			var read int64
			require.NoError(t, raw.Query(t.in("SELECT v FROM KS.counters WHERE k = ?"), i).Scan(&read))
			require.Equal(t, v.Go, read)
		}
	})
}
