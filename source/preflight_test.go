package source_test

import (
	"context"
	"fmt"
	"log"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/source"
)

// spotKey is a row of lab.spots without its value.
type spotKey struct {
	A int
	B string
	N int
}

func TestPreflightTellsWhatWouldBeRead(t *testing.T) {
	server, session := serve(t, cqltest.Nodes(3))
	spots(server, 60, 5)
	table := source.Table[spotKey](session, "lab.spots").SplitInto(9).Parallel(4)
	server.ResetLog()
	got, err := table.Preflight(t.Context())
	require.NoError(t, err)
	require.Equal(t, "lab.spots", got.Table.String())
	require.NotEmpty(t, got.Table.ID)
	var key, columns []string
	for _, c := range got.Key {
		key = append(key, c.Name+" "+c.Type)
	}
	for _, c := range got.Columns {
		columns = append(columns, c.Name+" "+c.Type.String())
	}
	require.Equal(t, []string{"a int", "b text", "n int"}, key)
	require.Equal(t, []string{"a int", "b text", "n int"}, columns)
	require.Equal(t, "SELECT a, b, n, token(a, b) FROM lab.spots WHERE token(a, b) > ? AND token(a, b) <= ?", got.Statement)
	splits, err := table.Splits(t.Context())
	require.NoError(t, err)
	require.Len(t, splits, got.Ranges)
	require.Equal(t, 4, got.Parallel)
	require.Equal(t, 3, got.Nodes)
	require.Equal(t, "1", got.Replication["replication_factor"])
	require.Empty(t, got.Warnings)

	asked := server.Requests(onSpots(func(cqltest.Request) bool { return true }))
	require.Len(t, asked, 1)
	require.Equal(t, []any{int64(0), int64(0)}, asked[0].Values, "a range without tokens")
}

func TestPreflightWarns(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE lab.clicks (k int, s int STATIC, c int, v int, PRIMARY KEY (k, c))")
	server.MustExec("CREATE TABLE lab.hits (k int PRIMARY KEY, n counter)")

	got, err := source.Table[source.Row](session, "lab.clicks").Where("v > ?", 7).Preflight(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{
		"lab.clicks has static columns: partitions with nothing else come as one row, whose clustering columns are null.",
		"The condition is checked by the servers for every row: the whole table is read, whatever comes of it.",
	}, got.Warnings)

	got, err = source.Table[source.Row](session, "lab.hits").Preflight(t.Context())
	require.NoError(t, err)
	require.Len(t, got.Warnings, 1)
	require.Contains(t, got.Warnings[0], "lab.hits has counters")

	got, err = source.Table[source.Row](session, "system.local").Columns("key").Preflight(t.Context())
	require.NoError(t, err)
	require.Contains(t, got.Warnings[0], "Keyspace system is not replicated")
}

func TestPreflightFailsAsTheScanWould(t *testing.T) {
	server, session := serve(t)
	spots(server, 5, 5)
	for name, c := range map[string]struct {
		preflight func(context.Context) (source.Preflight, error)
		fault     error
		class     cql.Class
		text      string
	}{
		"no such table":       {source.Table[spot](session, "lab.nothing").Preflight, nil, cql.Invalid, "lab.nothing"},
		"a wrong condition":   {source.Table[spot](session, "lab.spots").Where("w = 1").Preflight, nil, cql.Invalid, "w"},
		"a wrong argument":    {source.Table[spot](session, "lab.spots").Where("v = ?", "x").Preflight, nil, cql.Malformed, "v"},
		"no permission":       {source.Table[spot](session, "lab.spots").Preflight, cqltest.Unauthorized("no SELECT"), cql.Unauthorized, "no SELECT"},
		"a type that misfits": {source.Table[struct{ B int }](session, "lab.spots").Preflight, nil, 0, `"b"`},
		"a foreign cursor": {
			source.Table[spot](session, "lab.spots").Ranges(source.Range{Start: 1, End: 5, Cursor: []byte("not a cursor at all")}).Preflight,
			nil, 0, "the cursor of range (1, 5] is not of this scan: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if c.fault != nil {
				defer server.Inject(cqltest.Fault{Match: onSpots(func(cqltest.Request) bool { return true }), Err: c.fault}).Remove()
			}
			_, err := c.preflight(t.Context())
			require.ErrorContains(t, err, c.text)
			if c.class != 0 {
				require.ErrorIs(t, err, c.class)
			}
		})
	}
}

func ExampleScan_Preflight() {
	_, session, done := laboratory()
	defer done()

	found, err := source.Table[Reading](session, "lab.readings").SplitInto(8).Preflight(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range found.Columns {
		fmt.Print(c.Name, " ", c.Type, ", ")
	}
	fmt.Println(found.Ranges, "ranges,", found.Nodes, "node, warnings:", len(found.Warnings))
	// Output: sensor int, at timestamp, note text, value double, 8 ranges, 1 node, warnings: 0
}
