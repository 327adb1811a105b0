package main

import (
	"context"
	"log"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/bench/internal/contest"
	"github.com/rxcql/rxcql/bench/internal/events"
	"github.com/rxcql/rxcql/cql/cqltest"
)

// TestMain has the test binary be the program when it is run as one of the contestants.
func TestMain(m *testing.M) {
	if contest.Contestant() != "" {
		if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
			log.Fatal(err)
		}
		return
	}
	os.Exit(m.Run())
}

// All contestants in Go do all jobs in processes of their own, which is reported, plotted, put into a document and profiled.
func TestContests(t *testing.T) {
	server := cqltest.NewServer()
	defer server.Close()
	dir := t.TempDir()
	doc := filepath.Join(dir, "doc.md")
	require.NoError(t, os.WriteFile(doc, []byte("# Read\n<!-- read -->\n<!-- /read -->\n<!-- export -->\n<!-- /export -->\n<!-- load -->\n<!-- /load -->\n"), 0o600))
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{
		"-hosts", net.JoinHostPort("127.0.0.1", strconv.Itoa(server.Cluster().Port)), "-jobs", "read,export,load", "-only", "gocql,rxcql",
		"-rows", "1050", "-rounds", "1", "-page", "100", "-splits", "4", "-parallel", "2", "-doc", doc,
		"-profile", filepath.Join(dir, "profiles"),
	}, &out), out.String())
	content, err := os.ReadFile(doc)
	require.NoError(t, err)
	require.Contains(t, string(content), "](docs/benchmarks/read-client-cpu.svg)\n")
	for name, j := range jobs {
		for _, c := range j.contestants {
			if c.inGo == nil {
				require.NotContains(t, string(content), "\n| "+c.name)
				continue
			}
			require.Contains(t, string(content), "\n| "+c.name+" | ")
			require.FileExists(t, filepath.Join(dir, "profiles", fileName(name+" "+c.name)+".prof"))
		}
	}
	for _, line := range strings.Split(string(content), "\n") {
		if strings.HasPrefix(line, "| rxcql rows |") || strings.HasPrefix(line, "| gocql Scan |") {
			require.True(t, strings.HasSuffix(line, " | 1 |"), line) // page for ten rows
		}
	}
	for _, name := range []string{"read.md", "export.md", "load.md", "read-client-cpu.svg", "read-first-row.svg", "export-rows-s.svg", "load-peak-memory.svg"} {
		require.FileExists(t, filepath.Join(dir, "docs", "benchmarks", name))
	}
}

// Who fails is named in the end, and the others have their figures. Here it is who reads a table that misses a row.
func TestWhoFailsIsTold(t *testing.T) {
	server := cqltest.NewServer()
	defer server.Close()
	hosts := net.JoinHostPort("127.0.0.1", strconv.Itoa(server.Cluster().Port))
	args := []string{"-hosts", hosts, "-jobs", "read", "-only", "samber", "-rounds", "1", "-out", t.TempDir(), "-rows", "100"}
	var out strings.Builder
	require.NoError(t, run(t.Context(), args, &out), out.String())
	server.MustExec("DELETE FROM " + events.Table + " WHERE bucket = 0 AND id = 10")
	require.ErrorContains(t, run(t.Context(), args, &out), "read: 1 contestants failed")
	require.Contains(t, out.String(), "99 rows came through instead of 100")
}

func TestFlagsAreChecked(t *testing.T) {
	for _, args := range [][]string{{"-rows", "9"}, {"-rounds", "0"}, {"-page", "0"}, {"here"}} {
		require.ErrorContains(t, run(t.Context(), args, nil), "want flags")
	}
	require.ErrorContains(t, run(t.Context(), []string{"-jobs", "read,write"}, nil), `there is no job "write"`)
	require.ErrorContains(t, settings{}.play(t.Context(), "read/nobody", nil), `no contestant "nobody" for the job "read"`)
}

func TestChosen(t *testing.T) {
	require.True(t, settings{}.chosen("anybody"))
	s := settings{only: "RXCQL, scan"}
	require.True(t, s.chosen("rxcql rows"))
	require.True(t, s.chosen("gocql MapScan"))
	require.False(t, s.chosen("dsbulk load"))
}

func TestFileName(t *testing.T) {
	require.Equal(t, "read-gocql-samber-ro", fileName("read gocql → samber/ro"))
	require.Equal(t, "rows-s", fileName("rows/s"))
}

func TestCostsOfOperators(t *testing.T) {
	const out = `goos: linux
BenchmarkItem/Map5/rxcql-2         	 1000	 60.1 ns/op	 48.2 cpu-ns/op	 1.000 times-rxcql	 0 B/op	 0 allocs/op
BenchmarkItem/Map5/rxgo-buffered-2 	 1000	 900 ns/op	 1141 cpu-ns/op	 23.7 times-rxcql
BenchmarkItem/Merge/rxcql-2        	 1000	 60.1 ns/op	 66 cpu-ns/op	 1.000 times-rxcql
BenchmarkItem/Map5/rxcql-2         	 1000	 60.1 ns/op	 40 cpu-ns/op	 1.000 times-rxcql
BenchmarkItem/Map5/rxcql-2         	 1000	 60.1 ns/op	 90 cpu-ns/op	 1.000 times-rxcql
PASS
`
	require.Equal(t, `| CPU time per item, ns | rxcql | rxgo-buffered |
|---|---:|---:|
| Map5 | 48 (40–90) | 1,141 |
| Merge | 66 | – |
`, parseCosts([]byte(out)).table())
}
