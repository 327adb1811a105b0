package cassandra

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeMaven notes each call in the file calls, and copies one jar; slowly, so that others come in meanwhile.
const fakeMaven = `echo call >>"$CALLS"
for arg; do case "$arg" in -DoutputDirectory=*) lib="${arg#-DoutputDirectory=}";; esac; done
mkdir "$lib" && sleep 0.5 && echo jar >"$lib/cassandra-all.jar"`

func calls(t *testing.T, file string) int {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	return bytes.Count(content, []byte("call\n"))
}

func TestProcessesDownloadOnce(t *testing.T) {
	dir, bin := t.TempDir(), t.TempDir()
	script(t, bin, "mvn", fakeMaven)
	counts := filepath.Join(dir, "calls")

	const processes = 3
	var outs [processes]bytes.Buffer
	var cmds [processes]*exec.Cmd
	for i := range cmds {
		cmds[i] = exec.CommandContext(t.Context(), os.Args[0])
		cmds[i].Env = append(os.Environ(), envRole+"=downloader", "CALLS="+counts, "HOME="+dir, "XDG_CACHE_HOME="+dir,
			"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
		cmds[i].Stdout, cmds[i].Stderr = &outs[i], os.Stderr
		require.NoError(t, cmds[i].Start())
	}
	for i := range cmds {
		require.NoError(t, cmds[i].Wait())
		require.Equal(t, outs[0].String(), outs[i].String())
	}
	require.FileExists(t, filepath.Join(strings.TrimSpace(outs[0].String()), "cassandra-all.jar"))
	require.Equal(t, 1, calls(t, counts))
}

func TestDownloadThatFailsLeavesNothing(t *testing.T) {
	bin, dir := t.TempDir(), filepath.Join(t.TempDir(), "cassandra")
	failing := script(t, bin, "mvn", `for arg; do case "$arg" in -DoutputDirectory=*) mkdir "${arg#-DoutputDirectory=}";; esac; done
echo "[ERROR] no route to central"; exit 3`)
	_, err := jars(t.Context(), dir, tools{mvn: failing})
	require.ErrorContains(t, err, "exit status 3")
	require.ErrorContains(t, err, "[ERROR] no route to central")
	require.NoDirExists(t, dir)

	t.Setenv("CALLS", filepath.Join(bin, "calls"))
	lib, err := jars(t.Context(), dir, tools{mvn: script(t, bin, "mvn", fakeMaven)})
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(lib, "cassandra-all.jar"))
	require.Equal(t, 1, calls(t, filepath.Join(bin, "calls")))
}

func TestDownloadThatCopiesNothingIsAnError(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cassandra")
	_, err := jars(t.Context(), dir, tools{mvn: script(t, t.TempDir(), "mvn", "exit 0")})
	require.ErrorContains(t, err, "copied no jars")
	require.NoDirExists(t, dir)
}

func TestWaitingForTheLockCanBeCancelled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	held, err := lockFile(t.Context(), path)
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = lockFile(ctx, path)
	require.ErrorIs(t, err, context.Canceled)

	require.NoError(t, held.Close())
	again, err := lockFile(t.Context(), path)
	require.NoError(t, err)
	require.NoError(t, again.Close())
}
