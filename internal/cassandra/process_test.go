package cassandra

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestJournalKeepsTheLastLines(t *testing.T) {
	j := newJournal()
	for i := range 100 {
		_, err := fmt.Fprintf(j, "line %d\n", i)
		require.NoError(t, err)
	}
	_, err := j.Write([]byte(strings.Repeat("x", 3*journalWidth)))
	require.NoError(t, err)
	lines := strings.Split(j.tail(), "\n")
	require.Len(t, lines, journalLines+1)
	require.Equal(t, "line 60", lines[0])
	require.Equal(t, "line 99", lines[journalLines-1])
	require.Len(t, lines[journalLines], journalWidth)
}

func TestJournalTellsThatTheNodeIsUp(t *testing.T) {
	j := newJournal()
	isUp := func() bool {
		select {
		case <-j.up:
			return true
		default:
			return false
		}
	}
	for _, part := range []string{"INFO - not yet: Startup complete?\nINFO - Startup", " comp", "lete"} {
		_, _ = j.Write([]byte(part))
		require.False(t, isUp())
	}
	_, _ = j.Write([]byte("\n"))
	require.True(t, isUp())
	_, _ = j.Write([]byte("INFO - Startup complete\n")) // closing twice would panic
}

func TestProcessEndsByItself(t *testing.T) {
	p, err := startProcess("", "sh", "-c", "cat; echo out; echo err >&2; exit 7") // cat: its input is empty
	require.NoError(t, err)
	<-p.ended
	require.EqualError(t, p.err, "exit status 7")
	require.Equal(t, "out\nerr\n", p.log.tail())
	p.kill() // harmless
}

func TestProcessIsKilled(t *testing.T) {
	p, err := startProcess("", "sleep", "1000000")
	require.NoError(t, err)
	p.kill()
	require.EqualError(t, p.err, "signal: killed")
}

func TestProcessDiesWithItsOwner(t *testing.T) {
	scratch := filepath.Join(t.TempDir(), "scratch")
	require.NoError(t, os.Mkdir(scratch, 0o755))
	owner := exec.CommandContext(t.Context(), os.Args[0], scratch)
	owner.Env = append(os.Environ(), envRole+"=owner")
	out, err := owner.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, owner.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	var pid int
	_, err = fmt.Sscan(line, &pid)
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, 0), "it runs")

	require.NoError(t, owner.Process.Kill())
	require.Error(t, owner.Wait())
	require.Eventually(t, func() bool {
		return syscall.Kill(pid, 0) == syscall.ESRCH
	}, 30*time.Second, 20*time.Millisecond, "the program outlives its owner")
	require.Eventually(t, func() bool {
		_, err := os.Stat(scratch)
		return os.IsNotExist(err)
	}, 30*time.Second, 20*time.Millisecond, "its folder stays")
}
