package cql_test

import (
	"context"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
)

func TestTable(t *testing.T) {
	server, session := serve(t)
	server.MustExec(`CREATE TABLE ks.t (b int, a text, z int static, c timestamp, d uuid, y int, x frozen<list<int>>, PRIMARY KEY ((b, a), c, d))
		WITH CLUSTERING ORDER BY (c DESC, d ASC)`)
	table, err := session.Table(t.Context(), "KS.T")
	require.NoError(t, err)
	require.Len(t, table.ID, 36)
	require.Equal(t, cql.Table{Keyspace: "ks", Name: "t", ID: table.ID, Columns: []cql.TableColumn{
		{Name: "b", Kind: cql.PartitionKey, Position: 0, Type: "int"},
		{Name: "a", Kind: cql.PartitionKey, Position: 1, Type: "text"},
		{Name: "c", Kind: cql.Clustering, Position: 0, Type: "timestamp", Descending: true},
		{Name: "d", Kind: cql.Clustering, Position: 1, Type: "uuid"},
		{Name: "z", Kind: cql.Static, Position: -1, Type: "int"},
		{Name: "x", Kind: cql.Regular, Position: -1, Type: "frozen<list<int>>"},
		{Name: "y", Kind: cql.Regular, Position: -1, Type: "int"},
	}}, table)
	require.Equal(t, "ks.t", table.String())

	bytes, partitions, err := session.SizeEstimate(t.Context(), table)
	require.NoError(t, err)
	require.Zero(t, bytes)
	require.Zero(t, partitions)

	server.MustExec("CREATE TABLE ks.n (p int PRIMARY KEY, n counter)")
	table, err = session.Table(t.Context(), `"ks".n`)
	require.NoError(t, err)
	require.True(t, table.Counter)
}

func TestATableThatIsNotThere(t *testing.T) {
	_, session := serve(t)
	for name, says := range map[string]string{
		"ks.t":             "cql: table: invalid request: table ks.t: not in the schema",
		"nowhere.t":        "table nowhere.t: not in the schema",
		"ks.Table":         "table ks.\"table\" (names with capitals need double quotes)",
		`"Ks"."A ""b"" c"`: `table "Ks"."A ""b"" c": not in the schema`,
	} {
		_, err := session.Table(t.Context(), name)
		require.ErrorIs(t, err, cql.ErrUndefined, name)
		require.ErrorIs(t, err, cql.Invalid, name)
		require.ErrorContains(t, err, says)
	}
	_, err := session.Keyspace(t.Context(), "nowhere")
	require.ErrorIs(t, err, cql.ErrUndefined)
	require.ErrorContains(t, err, "cql: keyspace: invalid request: keyspace nowhere: not in the schema")
}

func TestNamesOfTables(t *testing.T) {
	session := cql.NewSession(&system{})
	defer session.Close()
	for _, name := range []string{"", ".", "a.", ".b", "a.b.c", `"a`, `"a".`, `a."b"c`, `""."b"`, "a b", "a-b.c", "a. b", "1.b", `a."b`, "a..b", "é.b"} {
		_, err := session.Table(t.Context(), name)
		require.ErrorIs(t, err, cql.Invalid, name)
		require.NotErrorIs(t, err, cql.ErrUndefined, name)
		require.ErrorContains(t, err, "is not the name of a table; write keyspace.table", name)
	}
	for _, name := range []string{"t", `"T.U"`} {
		_, err := session.Table(t.Context(), name)
		require.ErrorIs(t, err, cql.Invalid, name)
		require.ErrorContains(t, err, "names no keyspace; write keyspace.table", name)
	}
	for name, want := range map[string]string{
		"a.b": "a.b", "A1_.B": "a1_.b", `"a"."b"`: "a.b", `"A".b`: `"A".b`, `"a.b"."c""."`: `"a.b"."c""."`, `"order".T`: `"order".t`,
	} {
		_, err := session.Table(t.Context(), name)
		require.ErrorIs(t, err, cql.ErrUndefined, name)
		require.ErrorContains(t, err, "table "+want, name)
	}
}

func TestKeyspaceAndPartitioner(t *testing.T) {
	server, session := serve(t)
	server.MustExec(`CREATE KEYSPACE "Two" WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 3}`)
	replication, err := session.Keyspace(t.Context(), "Two")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"class": "org.apache.cassandra.locator.NetworkTopologyStrategy", "datacenter1": "3"}, replication)
	replication, err = session.Keyspace(t.Context(), "system")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"class": "org.apache.cassandra.locator.LocalStrategy"}, replication)

	partitioner, err := session.Partitioner(t.Context())
	require.NoError(t, err)
	require.Equal(t, "org.apache.cassandra.dht.Murmur3Partitioner", partitioner)
}

// system is a driver that answers queries of system tables with the rows that it was given.
type system struct {
	cql.Driver
	rows map[string][][][]byte // by table
}

func (s *system) Close() {}

func (s *system) Fetch(_ context.Context, r cql.PageRequest) (cql.Page, error) {
	for table, rows := range s.rows {
		if strings.Contains(r.CQL, " FROM "+table+" ") {
			return &pageOf{rows: rows}, nil
		}
	}
	return &pageOf{}, nil
}

type pageOf struct {
	cql.Page
	rows [][][]byte
}

func (p *pageOf) Len() int     { return len(p.rows) }
func (p *pageOf) Host() string { return "h" }
func (p *pageOf) Next() ([][]byte, error) {
	row := p.rows[0]
	p.rows = p.rows[1:]
	return row, nil
}

func row(cells ...any) [][]byte {
	out := make([][]byte, len(cells))
	for i, c := range cells {
		switch c := c.(type) {
		case string:
			out[i] = []byte(c)
		case []byte:
			out[i] = c
		case int32:
			out[i] = binary.BigEndian.AppendUint32(nil, uint32(c))
		case int:
			out[i] = binary.BigEndian.AppendUint64(nil, uint64(c))
		}
	}
	return out
}

func TestAView(t *testing.T) {
	session := cql.NewSession(&system{rows: map[string][][][]byte{
		"system_schema.views":   {row(make([]byte, 16))},
		"system_schema.columns": {row("v", "clustering", int32(0), "int", "asc"), row("p", "partition_key", int32(0), "int", "none")},
	}})
	defer session.Close()
	view, err := session.Table(t.Context(), "ks.v")
	require.NoError(t, err)
	require.Equal(t, cql.Table{
		Keyspace: "ks", Name: "v", ID: "00000000-0000-0000-0000-000000000000", View: true,
		Columns: []cql.TableColumn{{Name: "p", Type: "int"}, {Name: "v", Kind: cql.Clustering, Type: "int"}},
	}, view)
}

// TestATableThatIsDroppedMeanwhile has an id, and no columns any more.
func TestATableThatIsDroppedMeanwhile(t *testing.T) {
	session := cql.NewSession(&system{rows: map[string][][][]byte{"system_schema.tables": {row(make([]byte, 16), nil)}}})
	defer session.Close()
	_, err := session.Table(t.Context(), "ks.t")
	require.ErrorIs(t, err, cql.ErrUndefined)
}

func TestSystemTablesThatAreNotAsTheyShouldBe(t *testing.T) {
	column := row("p", "partition_key", int32(0), "int", "none")
	id := make([]byte, 16)
	for name, rows := range map[string]map[string][][][]byte{
		"no id":              {"system_schema.tables": {row(nil, nil)}},
		"a short id":         {"system_schema.tables": {row(id[:7], nil)}},
		"flags that end":     {"system_schema.tables": {row(id, []byte{0, 0, 0, 1, 0, 0})}},
		"flags that lie":     {"system_schema.tables": {row(id, []byte{0x7f, 0xff, 0xff, 0xff})}},
		"flags of no count":  {"system_schema.tables": {row(id, []byte{0, 0, 0})}},
		"a null flag":        {"system_schema.tables": {row(id, []byte{0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff})}},
		"flags and more":     {"system_schema.tables": {row(id, []byte{0, 0, 0, 0, 0})}},
		"an unknown kind":    {"system_schema.tables": {row(id, nil)}, "system_schema.columns": {column, row("v", "compact_value", int32(0), "int", "none")}},
		"a position of long": {"system_schema.tables": {row(id, nil)}, "system_schema.columns": {row("p", "partition_key", 0, "int", "none")}},
	} {
		session := cql.NewSession(&system{rows: rows})
		_, err := session.Table(t.Context(), "ks.t")
		require.ErrorIs(t, err, cql.Malformed, name)
		require.ErrorContains(t, err, "cql: table at h", name)
		session.Close()
	}
	session := cql.NewSession(&system{rows: map[string][][][]byte{"system_schema.keyspaces": {row([]byte{0, 0, 0, 1, 0, 0, 0, 0})}}})
	defer session.Close()
	_, err := session.Keyspace(t.Context(), "ks")
	require.ErrorIs(t, err, cql.Malformed)
}

func TestSizeEstimate(t *testing.T) {
	const min, quarter = "-9223372036854775808", "-4611686018427387904"
	for name, c := range map[string]struct {
		rows              [][][]byte
		bytes, partitions int64
	}{
		"a quarter of the ring":       {[][][]byte{row(min, quarter, 100, 7)}, 2800, 28},
		"one that ends with the ring": {[][][]byte{row("0", min, 100, 7), row(min, quarter, 10, 2)}, 960, 12},
		"the whole ring":              {[][][]byte{row(min, min, 100, 7)}, 700, 7},
		"more than the whole":         {[][][]byte{row(min, min, 100, 7), row(min, min, 100, 7)}, 1400, 14},
		"too much":                    {[][][]byte{row(min, quarter, 1<<62, 1<<62)}, 1<<63 - 1, 1<<63 - 1},
		"nothing known":               {nil, 0, 0},
		"an empty table":              {[][][]byte{row(min, quarter, 0, 0)}, 0, 0},
	} {
		session := cql.NewSession(&system{rows: map[string][][][]byte{"system.size_estimates": c.rows}})
		bytes, partitions, err := session.SizeEstimate(t.Context(), cql.Table{Keyspace: "ks", Name: "t"})
		require.NoError(t, err)
		require.Equal(t, c.bytes, bytes, name)
		require.Equal(t, c.partitions, partitions, name)
		session.Close()
	}
	session := cql.NewSession(&system{rows: map[string][][][]byte{"system.size_estimates": {row("0a", "0b", 1, 1)}}})
	defer session.Close()
	_, _, err := session.SizeEstimate(t.Context(), cql.Table{Keyspace: "ks", Name: "t"})
	require.ErrorContains(t, err, "no token of Murmur3Partitioner")
}

func TestTableFails(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY)")
	for _, from := range []string{"system_schema.tables", "system_schema.columns", "system_schema.views"} {
		fault := server.Inject(cqltest.Fault{Err: cqltest.ReadTimeout(0, 1, false), Match: func(r cqltest.Request) bool {
			return r.Op == cqltest.OpExecute && strings.Contains(r.Statement, " FROM "+from)
		}})
		name := "ks.t"
		if from == "system_schema.views" {
			name = "ks.v"
		}
		_, err := session.Table(t.Context(), name)
		require.ErrorIs(t, err, cql.ReadTimeout)
		require.ErrorContains(t, err, from)
		require.Equal(t, 1, fault.Hits())
		fault.Remove()
	}
}
