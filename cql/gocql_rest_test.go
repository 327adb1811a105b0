package cql_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
)

// cellsOf reads a page to its end.
func cellsOf(t require.TestingT, page cql.Page) (rows [][][]byte) {
	for range page.Len() {
		cells, err := page.Next()
		require.NoError(t, err)
		rows = append(rows, append([][]byte{}, cells...))
	}
	return rows
}

// TestRowsBehindTheFirstAreReadWithoutTheDriver fails when a version of the driver keeps a page elsewhere than the one
// that this was written for: rows are then read by its Scan, as with DriverScan, and all is well but for the time it
// takes. See restOf.
func TestRowsBehindTheFirstAreReadWithoutTheDriver(t *testing.T) {
	server, session := serve(t)
	scanning, err := cql.Connect(t.Context(), server.Cluster(), cql.Defaults{DriverScan: true})
	require.NoError(t, err)
	defer scanning.Close()
	server.MustExec("CREATE TABLE ks.t (p int, c int, PRIMARY KEY (p, c))")
	for c := range 3 {
		server.MustExec("INSERT INTO ks.t (p, c) VALUES (1, ?)", c)
	}
	rest := func(s *cql.Session) (before, after bool, rows []byte) {
		page, err := s.Fetch(t.Context(), cql.PageRequest{Statement: cql.Statement{CQL: "SELECT c FROM ks.t"}})
		require.NoError(t, err)
		_, before = page.(cql.RawPage).Rest()
		_, err = page.Next()
		require.NoError(t, err)
		rows, after = page.(cql.RawPage).Rest()
		return before, after, rows
	}
	before, after, rows := rest(session)
	require.False(t, before, "nothing is known before the driver has read a row")
	require.True(t, after)
	require.Equal(t, []byte{0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 2}, rows)
	_, after, _ = rest(scanning)
	require.False(t, after)
}

// TestCellsAreTheDrivers, whatever is null or empty, in the first row too.
func TestCellsAreTheDrivers(t *testing.T) {
	server := cqltest.NewServer()
	defer server.Close()
	server.MustExec("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	var sessions [2]*cql.Session
	for i := range sessions {
		var err error
		sessions[i], err = cql.Connect(t.Context(), server.Cluster(), cql.Defaults{DriverScan: i == 1})
		require.NoError(t, err)
		defer sessions[i].Close()
	}
	tables := 0
	rapid.Check(t, func(t *rapid.T) {
		tables++
		table := fmt.Sprintf("ks.t%d", tables)
		server.MustExec("CREATE TABLE " + table + " (p int, c int, a text, b tuple<int, text>, l list<int>, n blob, PRIMARY KEY (p, c))")
		values := map[string][]string{
			"a": {"''", "'text'", "'longer than the text before'"}, "b": {"(1, 'text')", "(null, null)"}, "l": {"[1]", "[2, 3]"}, "n": {"0x", "0x010203"},
		}
		for c := range rapid.IntRange(1, 5).Draw(t, "rows") {
			server.MustExec("INSERT INTO "+table+" (p, c) VALUES (1, ?)", c)
			for _, name := range []string{"a", "b", "l", "n"} {
				if rapid.Bool().Draw(t, name) {
					server.MustExec("UPDATE "+table+" SET "+name+" = "+rapid.SampledFrom(values[name]).Draw(t, name)+" WHERE p = 1 AND c = ?", c)
				}
			}
		}
		var got [2][][][]byte
		for i, s := range sessions {
			page, err := s.Fetch(context.Background(), cql.PageRequest{Statement: cql.Statement{CQL: "SELECT a, b, l, n FROM " + table}})
			require.NoError(t, err)
			got[i] = cellsOf(t, page)
		}
		require.Equal(t, got[1], got[0])
	})
}
