package cassandra

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gocql/gocql"
	"go.uber.org/goleak"
)

// suite is what the tests of one package, that is of one process, share. Main owns it.
type suite struct {
	settings settings
	skipped  atomic.Int32

	open  sync.Once // at the first test that asks
	err   error
	nodes *Nodes // nil when the environment names a cluster
	hosts []string
	admin *gocql.Session // creates and drops the tests' keyspaces
}

var current *suite // set by Main before the tests run

// Main runs the tests of a package, brings up Cassandra when the first of them asks for it, and stops it at the
// end. Then it looks for leaked goroutines, as goleak.VerifyTestMain does. It returns the code to exit with.
func Main(m *testing.M) int {
	s, err := readSettings(os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	current = &suite{settings: s}
	code := m.Run()
	if err := errors.Join(current.close(), current.report(os.Stdout)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	if code == 0 {
		// The driver takes a node of a 5.0 for one of before 2.2 and waits for 10 s before it uses it again, on a goroutine
		// that does not end with the session. Nor does the one of its control connection, if the session is closed before
		// that has begun.
		if err := goleak.Find(
			goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*Session).handleNodeUp"),
			goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*controlConn).heartBeat"),
		); err != nil {
			fmt.Fprintf(os.Stderr, "goleak: %v\n", err)
			code = 1
		}
	}
	return code
}

// join returns the suite, with its cluster up.
func join(tb testing.TB) *suite {
	tb.Helper()
	s := mustRun(tb)
	if s.settings.skip {
		s.skip(tb, envSkip+" is set")
	}
	s.open.Do(s.connect)
	if s.err != nil {
		tb.Fatal(s.err)
	}
	return s
}

func mustRun(tb testing.TB) *suite {
	tb.Helper()
	if current == nil {
		tb.Fatal("no cassandra.Main: the package needs func TestMain(m *testing.M) { os.Exit(cassandra.Main(m)) }")
	}
	return current
}

// skip ends the test: skipped and counted, or failed where nothing may be skipped.
func (s *suite) skip(tb testing.TB, why string) {
	tb.Helper()
	if s.settings.noSkip {
		tb.Fatalf("would be skipped (%s), but %s is set", why, envNoSkip)
	}
	s.skipped.Add(1)
	tb.Skip(why)
}

func (s *suite) connect() {
	s.hosts = s.settings.hosts
	if len(s.hosts) == 0 {
		if s.nodes, s.err = Start(context.Background(), Options{}); s.err != nil {
			return
		}
		s.hosts = s.nodes.Hosts()
	}
	if s.admin, s.err = s.cluster().CreateSession(); s.err != nil {
		s.err = fmt.Errorf("cassandra: connect to %v: %w", s.hosts, s.err)
	}
}

func (s *suite) cluster() *gocql.ClusterConfig {
	return clusterConfig(s.hosts, s.settings.user, s.settings.password)
}

// close ends what connect began, and tells if the node had ended before.
func (s *suite) close() error {
	if s.admin != nil {
		s.admin.Close()
	}
	if s.nodes == nil {
		return nil
	}
	defer s.nodes.Stop()
	return s.nodes.died()
}

// report tells how many tests were skipped: to the reader, and to Serve, because `go test` hides what a passing
// package prints.
func (s *suite) report(out io.Writer) error {
	n := s.skipped.Load()
	if n == 0 {
		return nil
	}
	fmt.Fprintf(out, "SKIPPED: %d\n", n)
	if s.settings.skipReport == "" {
		return nil
	}
	f, err := os.OpenFile(s.settings.skipReport, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", envSkipReport, err)
	}
	_, err = fmt.Fprintln(f, n)
	return errors.Join(err, f.Close())
}
