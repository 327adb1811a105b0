package cassandra

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// given names a cluster in the environment, as a user does, so that Serve starts none.
func given(t *testing.T, hosts string) {
	for _, name := range []string{envSkip, envNoSkip, envSkipReport} {
		t.Setenv(name, "")
	}
	t.Setenv(envHosts, hosts)
}

func TestServeLeavesAGivenClusterAlone(t *testing.T) {
	given(t, "db1,db2:9043")
	out := filepath.Join(t.TempDir(), "out")
	require.NoError(t, Serve(t.Context(), "sh", "-c", `echo "$RXCQL_CASSANDRA_HOSTS" >"$0"`, out))
	content, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, "db1,db2:9043\n", string(content))
}

func TestServeReturnsTheCommandsFailure(t *testing.T) {
	given(t, "db1")
	var exit *exec.ExitError
	require.ErrorAs(t, Serve(t.Context(), "sh", "-c", "exit 7"), &exit)
	require.Equal(t, 7, exit.ExitCode())
}

func TestServeInterruptsTheCommand(t *testing.T) {
	given(t, "db1")
	ctx, cancel := context.WithCancel(t.Context())
	ready := filepath.Join(t.TempDir(), "ready")
	// The command reads from a pipe that nobody writes to, so that only the signal ends it.
	require.NoError(t, exec.Command("mkfifo", ready).Run())
	done := make(chan error, 1)
	go func() {
		done <- Serve(ctx, "sh", "-c", `trap 'exit 9' INT; echo up >"$0"; while :; do sleep 0.1; done`, ready)
	}()
	_, err := os.ReadFile(ready)
	require.NoError(t, err)
	cancel()
	require.ErrorContains(t, <-done, "exit status 9")
}

func TestServeAddsUpSkippedTests(t *testing.T) {
	given(t, "")
	t.Setenv(envSkip, "1")
	counts := filepath.Join(t.TempDir(), "counts")
	require.NoError(t, os.WriteFile(counts, []byte("2\n3\n"), 0o600))
	f, err := os.Open(counts)
	require.NoError(t, err)
	defer f.Close()
	total, err := addUp(f)
	require.NoError(t, err)
	require.Equal(t, 5, total)

	require.ErrorContains(t, Serve(t.Context(), "sh", "-c", `echo many >>"$RXCQL_SKIP_REPORT"`), "count of skipped tests")
}

func TestSkippingWhereItIsForbiddenFails(t *testing.T) {
	given(t, "")
	t.Setenv(envSkip, "1")
	require.NoError(t, Check(t.Context()))
	t.Setenv(envNoSkip, "1")
	require.ErrorContains(t, Check(t.Context()), "may not be skipped here")
	require.ErrorContains(t, Serve(t.Context(), "true"), "may not be skipped here")
}

func TestCheckTellsAMistakeInTheEnvironment(t *testing.T) {
	given(t, "db1:port")
	require.ErrorContains(t, Check(t.Context()), "must be a number")
}

func TestCheckFindsAClusterThatCannotBeReached(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Setenv(envSkip, "")
	t.Setenv(envHosts, listener.Addr().String())
	require.NoError(t, Check(t.Context()))
	require.NoError(t, listener.Close())
	require.ErrorContains(t, Check(t.Context()), "no host of RXCQL_CASSANDRA_HOSTS can be reached")
}
