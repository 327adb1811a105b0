package main

import (
	"context"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/bench/internal/contest"
	"github.com/rxcql/rxcql/internal/cassandra"
)

// TestMain has the test binary be the program when it is run as one of the contestants.
func TestMain(m *testing.M) {
	if contest.Contestant() != "" {
		if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
			log.Fatal(err)
		}
		return
	}
	os.Exit(cassandra.Main(m))
}

// Each contestant loads all rows, and each cell is what it should be, in partitions that are not full too.
func TestEachLoadsAllRows(t *testing.T) {
	hosts := strings.Join(cassandra.Hosts(t), ",")
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"-hosts", hosts, "-rows", "1050", "-rounds", "1"}, &out))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 2*len(names)+1+len(names), out.String())
	for i, name := range names {
		require.True(t, strings.HasPrefix(lines[2*len(names)+1+i], name+" "), out.String())
	}
}

// What the file has is what was made, for who reads it by hand too, partition by partition.
func TestTheFileIsReadAsItWasMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "readings.csv")
	require.NoError(t, write(t.Context(), file, 250))
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	var sizes []int
	n := 0
	require.NoError(t, readPartitions(f, func(rows []reading) bool {
		sizes = append(sizes, len(rows))
		for _, r := range rows {
			require.True(t, r.is(made(n)), "%+v", r)
			n++
		}
		return true
	}))
	require.Equal(t, []int{100, 100, 50}, sizes)
}
