package cassandra

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// nodeOf returns a node whose java is a shell script.
func nodeOf(t *testing.T, body string) *node {
	n := &node{Address: "127.0.0.1", Seed: "127.0.0.1", StoragePort: 7001, NativePort: 9043, Nodes: 1,
		Dir: filepath.Join(t.TempDir(), "with space"), heapMB: 64, lib: "lib"}
	n.java = script(t, t.TempDir(), "java", body)
	t.Cleanup(n.stop)
	return n
}

func TestNodeThatDoesNotStartShowsItsLog(t *testing.T) {
	err := nodeOf(t, "echo Exception: port in use; exit 3").start(t.Context())
	require.ErrorContains(t, err, "node 127.0.0.1 ended by itself: exit status 3\nException: port in use")
}

func TestNodeThatDoesNotComeUpInTimeIsKilled(t *testing.T) {
	n := nodeOf(t, "echo still waiting; exec sleep 1000000")
	late := errors.New("too late")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(late)
	err := n.start(ctx)
	require.ErrorIs(t, err, late)
	require.Nil(t, n.process)
}

func TestNodeThatDiesLaterIsTold(t *testing.T) {
	n := nodeOf(t, "echo Startup complete; exec sleep 1000000")
	require.NoError(t, n.start(t.Context()))
	require.NoError(t, n.died())
	require.NoError(t, n.process.cmd.Process.Kill())
	<-n.process.ended
	require.ErrorContains(t, n.died(), "ended by itself: signal: killed")
	n.stop()
	require.NoError(t, n.died(), "stopped by us")
}

func TestConfigurationFillsEveryPlace(t *testing.T) {
	n := nodeOf(t, "")
	require.NoError(t, n.configure())
	yaml, err := os.ReadFile(n.path("cassandra.yaml"))
	require.NoError(t, err)
	require.Contains(t, string(yaml), `seeds: "127.0.0.1:7001"`)
	require.Contains(t, string(yaml), "native_transport_port: 9043\n")
	require.Contains(t, string(yaml), `with space/data" ]`)
	require.NotContains(t, string(yaml), "{{")
	require.NotContains(t, string(yaml), "<no value>")
	require.Contains(t, n.command(), "-Dcassandra.config=file://"+filepath.ToSlash(filepath.Dir(n.Dir))+"/with%20space/cassandra.yaml")
}

func TestOptionsAreChecked(t *testing.T) {
	for _, o := range []Options{{Nodes: 4}, {Nodes: -1}, {HeapMB: -1}} {
		_, err := Start(t.Context(), o)
		require.ErrorContains(t, err, "want 1 to 3 nodes")
	}
}

func TestFreePortsDiffer(t *testing.T) {
	ports, err := freePorts(50, "127.0.0.1")
	require.NoError(t, err)
	seen := map[int]bool{}
	for _, p := range ports {
		require.False(t, seen[p])
		seen[p] = true
	}
	_, err = freePorts(1, "192.0.2.1") // no address of this machine
	require.ErrorContains(t, err, "no free ports on [192.0.2.1]")
}
