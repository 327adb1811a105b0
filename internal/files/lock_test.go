package files_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/files"
)

// child is what this program does as another process: it locks, or begins a file, says so and waits to be killed.
func child(what, path string) {
	var has any
	var err error
	switch what {
	case "lock":
		has, err = files.NewLock(path)
	case "draft":
		has, err = files.Create(path, files.Private)
	}
	fmt.Println(err)
	_, _ = io.Copy(io.Discard, os.Stdin)
	runtime.KeepAlive(has)
}

// start starts this program as another process, and gives what kills it.
func start(t *testing.T, what, path string) (pid int, kill func()) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "FILES_CHILD="+what, "FILES_PATH="+path)
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	_, err = c.StdinPipe() // that it waits for the end of
	require.NoError(t, err)
	require.NoError(t, c.Start())
	ended := false
	kill = func() {
		if !ended {
			ended = true
			require.NoError(t, c.Process.Kill())
			require.Error(t, c.Wait())
		}
	}
	t.Cleanup(kill)
	said, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "<nil>\n", said)
	return c.Process.Pid, kill
}

func TestAFileThatAnotherProcessHasIsLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	pid, kill := start(t, "lock", path)
	_, err := files.NewLock(path)
	require.ErrorIs(t, err, files.ErrLocked)
	require.ErrorContains(t, err, fmt.Sprintf("%s: it is in use by process %d: wait until that has ended, or stop it", path, pid))
	kill()
	l, err := files.NewLock(path)
	require.NoError(t, err)
	_, err = files.NewLock(path) // of this process
	require.ErrorContains(t, err, fmt.Sprintf("process %d", os.Getpid()))
	require.NoError(t, l.Unlock())
	l, err = files.NewLock(path)
	require.NoError(t, err)
	require.NoError(t, l.Unlock())
}

func TestWhatAKilledProcessLeavesGoesWithTheNextOfItsName(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.csv")
	_, kill := start(t, "draft", path)
	other, err := files.Create(filepath.Join(dir, "b.csv"), files.Private) // leaves it alone
	require.NoError(t, err)
	alive, err := files.Create(path, files.Private) // and so does one of its name while it is alive
	require.NoError(t, err)
	require.Len(t, names(t, dir), 3)
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".a.csv.notes.tmp"), nil, 0o600)) // is not ours

	kill()
	next, err := files.Create(path, files.Private)
	require.NoError(t, err)
	require.Len(t, names(t, dir), 4)
	require.NoError(t, other.Abort())
	require.NoError(t, alive.Abort())
	require.NoError(t, next.Commit())
	require.Equal(t, []string{".a.csv.notes.tmp", "a.csv"}, names(t, dir))
}

func TestADraftThatWasTakenForLeftBehindIsNotGoneOnWith(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	resting, err := files.Create(path, files.Private)
	require.NoError(t, err)
	require.NoError(t, resting.Rest())
	next, err := files.Create(path, files.Private)
	require.NoError(t, err)
	require.ErrorIs(t, resting.Resume(), os.ErrNotExist)
	require.ErrorIs(t, resting.Commit(), os.ErrNotExist)
	require.NoError(t, next.Commit())
	require.Equal(t, []string{"a.csv"}, names(t, filepath.Dir(path)))
}
