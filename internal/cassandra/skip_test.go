package cassandra

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// verdict stands in for a test and notes how it ended.
type verdict struct {
	testing.TB
	skipped, failed string
}

func (v *verdict) Helper()                   {}
func (v *verdict) Skip(args ...any)          { v.skipped = fmt.Sprint(args...); runtime.Goexit() }
func (v *verdict) Fatal(args ...any)         { v.failed = fmt.Sprint(args...); runtime.Goexit() }
func (v *verdict) Fatalf(f string, a ...any) { v.Fatal(fmt.Sprintf(f, a...)) }

// judge runs a test under an environment of its own and returns how it ended.
func judge(t *testing.T, s *suite, test func(testing.TB)) *verdict {
	real := current
	current = s
	defer func() { current = real }()
	v := &verdict{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(v)
	}()
	<-done
	return v
}

func TestSkippedTestsAreCounted(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report")
	require.NoError(t, os.WriteFile(report, []byte("7\n"), 0o600))
	s := &suite{settings: settings{skip: true, skipReport: report}}
	for _, test := range []func(testing.TB){
		func(tb testing.TB) { Hosts(tb) },
		func(tb testing.TB) { Cluster(tb) },
		func(tb testing.TB) { Keyspace(tb) },
		func(tb testing.TB) { Own(tb, Options{}) },
	} {
		v := judge(t, s, test)
		require.Equal(t, "RXCQL_SKIP_INTEGRATION is set", v.skipped)
		require.Empty(t, v.failed)
	}
	var out strings.Builder
	require.NoError(t, s.report(&out))
	require.Equal(t, "SKIPPED: 4\n", out.String())
	content, err := os.ReadFile(report)
	require.NoError(t, err)
	require.Equal(t, "7\n4\n", string(content))
}

func TestNothingSkippedIsNotReported(t *testing.T) {
	s := &suite{settings: settings{skipReport: filepath.Join(t.TempDir(), "missing")}}
	require.NoError(t, s.report(io.Discard))
	s.skipped.Add(1)
	require.ErrorIs(t, s.report(io.Discard), os.ErrNotExist)
}

func TestSkippingFailsWhereItIsForbidden(t *testing.T) {
	s := &suite{settings: settings{skip: true, noSkip: true}}
	v := judge(t, s, func(tb testing.TB) { Hosts(tb) })
	require.Empty(t, v.skipped)
	require.Contains(t, v.failed, "RXCQL_NO_SKIP is set")
	require.Zero(t, s.skipped.Load())
}

func TestOwnClusterBesideAGivenOneNeedsTheTools(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("JAVA_HOME", "")
	places := wellKnownJDKs
	wellKnownJDKs = nil
	defer func() { wellKnownJDKs = places }()

	given := &suite{settings: settings{hosts: []string{"db1:9042"}}}
	v := judge(t, given, func(tb testing.TB) { Own(tb, Options{}) })
	require.Contains(t, v.skipped, "a JDK 11 or 17")

	v = judge(t, &suite{}, func(tb testing.TB) { Hosts(tb) })
	require.Contains(t, v.failed, "a JDK 11 or 17")
	require.Empty(t, v.skipped)
}

func TestPackageWithoutMainIsTold(t *testing.T) {
	v := judge(t, nil, func(tb testing.TB) { Hosts(tb) })
	require.Contains(t, v.failed, "os.Exit(cassandra.Main(m))")
}
