package cassandra

import (
	"crypto/rand"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gocql/gocql"
)

// Hosts returns host:port of every contact point of the cluster that this process's tests share. The first call
// brings it up, unless the environment names one. Without a cluster the test fails, or is skipped where the
// environment asks for that. The package needs Main as its TestMain.
func Hosts(tb testing.TB) []string {
	tb.Helper()
	return slices.Clone(join(tb).hosts)
}

// Cluster returns a new gocql configuration for the cluster of Hosts, for the test to change as it likes.
func Cluster(tb testing.TB) *gocql.ClusterConfig {
	tb.Helper()
	return join(tb).cluster()
}

// Keyspace creates a keyspace with replication factor 1 in the cluster of Hosts, returns its name, and drops it
// when the test has ended.
func Keyspace(tb testing.TB) string {
	tb.Helper()
	s := join(tb)
	name := keyspaceName(tb.Name())
	create := fmt.Sprintf("CREATE KEYSPACE %s WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", name)
	if err := s.admin.Query(create).Exec(); err != nil {
		tb.Fatalf("cassandra: %s: %v", create, err)
	}
	tb.Cleanup(func() {
		if err := s.admin.Query("DROP KEYSPACE " + name).Exec(); err != nil {
			tb.Errorf("cassandra: drop of keyspace %s: %v", name, err)
		}
	})
	return name
}

// Own brings up a cluster for this test alone, as Start does, and stops it when the test has ended. Where the
// environment names a cluster and the tools to bring up another one are missing, the test is skipped, and counted.
func Own(tb testing.TB, opts Options) *Nodes {
	tb.Helper()
	s := mustRun(tb)
	if s.settings.skip {
		s.skip(tb, envSkip+" is set")
	}
	if len(s.settings.hosts) > 0 {
		if err := checkTools(tb.Context()); err != nil {
			s.skip(tb, err.Error())
		}
	}
	nodes, err := Start(tb.Context(), opts)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(nodes.Stop)
	return nodes
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// keyspaceName makes a name of at most 48 characters, CQL's limit, that tells which test it belongs to.
func keyspaceName(test string) string {
	test = strings.Trim(notInNames.ReplaceAllString(strings.ToLower(test), "_"), "_")
	return fmt.Sprintf("t_%s_%s", test[:min(len(test), 32)], strings.ToLower(rand.Text()[:12]))
}
