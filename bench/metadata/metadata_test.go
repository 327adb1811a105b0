package metadata

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/gocql/gocql"
)

// BenchmarkPage fetches pages of seven columns, with the metadata and without, and reports the client's CPU time a page.
func BenchmarkPage(b *testing.B) {
	hosts := os.Getenv("RXCQL_CASSANDRA_HOSTS")
	if hosts == "" {
		b.Fatal("RXCQL_CASSANDRA_HOSTS names no cluster; from the repository's root: go run ./internal/cassandra/serve -- sh -c 'cd bench && go test -bench . ./metadata'")
	}
	config := gocql.NewCluster(strings.Split(hosts, ",")...)
	config.WriteCoalesceWaitTime = 0
	session, err := config.CreateSession()
	if err != nil {
		b.Fatal(err)
	}
	defer session.Close()
	exec := func(statement string, args ...any) {
		if err := session.Query(statement, args...).Exec(); err != nil {
			b.Fatal(err)
		}
	}
	exec("CREATE KEYSPACE IF NOT EXISTS rxcql_metadata WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	exec("CREATE TABLE IF NOT EXISTS rxcql_metadata.t (p int, c int, ts timestamp, kind text, value double, ref uuid, payload text, PRIMARY KEY (p, c))")
	for c := range 1000 {
		exec("INSERT INTO rxcql_metadata.t (p, c, ts, kind, value, ref, payload) VALUES (0, ?, 0, 'kind', 1.5, 123e4567-e89b-12d3-a456-426614174000, 'a payload of some length')", c)
	}
	for _, rows := range []int{1, 100, 1000} {
		for _, skip := range []bool{true, false} {
			b.Run(fmt.Sprintf("rows=%d/skipped=%v", rows, skip), func(b *testing.B) {
				b.ReportAllocs()
				before := cpu(b)
				for b.Loop() {
					q := session.Query("SELECT p, c, ts, kind, value, ref, payload FROM rxcql_metadata.t").PageSize(rows).PageState(nil)
					if !skip {
						q = q.NoSkipMetadata()
					}
					iter := q.Iter()
					if iter.NumRows() != rows {
						b.Fatal(iter.NumRows(), iter.Close())
					}
				}
				b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/page")
			})
		}
	}
}

func cpu(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
