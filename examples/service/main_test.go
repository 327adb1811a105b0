package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rxcql/rxcql/sink"
)

// asProgram has the test binary be the program, with these arguments, one a line, so that it can be sent signals.
const asProgram = "RXCQL_SERVICE_ARGUMENTS"

func TestMain(m *testing.M) {
	if args := os.Getenv(asProgram); args != "" {
		os.Args = append(os.Args[:1], strings.Split(args, "\n")...)
		main()
		os.Exit(0)
	}
	// A driver that is closed soon after it connected may still be filling its pool, which it does in the background.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*hostConnPool).fill.func1"),
		goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*hostConnPool).connect"),
		goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*controlConn).heartBeat"))
}

// A stream that is under way when the process is told to end comes to its end.
func TestTheProcessEndsOnSIGTERMWhenItsStreamsHave(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, bytes.Repeat([]byte("s"), 32), 0o600))
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), asProgram+"="+strings.Join([]string{
		"-listen=127.0.0.1:0", "-rows=150000", "-notice=0s", "-grace=5m", "-secret-file=" + secret,
	}, "\n"))
	out, err := program.StdoutPipe()
	require.NoError(t, err)
	log, err := program.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, program.Start())
	defer func() { _ = program.Process.Kill() }()
	first, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	url, ok := strings.CutPrefix(strings.TrimSpace(first), "Listening on ")
	require.True(t, ok, first)

	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	response, err := client.Get(url + "/orders/stream")
	require.NoError(t, err)
	defer response.Body.Close()
	rows := bufio.NewScanner(response.Body)
	require.True(t, rows.Scan())

	require.NoError(t, program.Process.Signal(syscall.SIGTERM))
	lines := bufio.NewScanner(log)
	for lines.Scan() && !strings.Contains(lines.Text(), `msg="not ready any more" streams=1`) {
	}
	require.NoError(t, lines.Err())
	n := 1
	for ; rows.Scan(); n++ {
	}
	require.NoError(t, rows.Err())
	require.Equal(t, 150_000, n)
	require.Equal(t, "200", response.Trailer.Get(sink.StreamStatus))
	rest, err := io.ReadAll(log)
	require.NoError(t, err)
	require.Contains(t, string(rest), "msg=streamed")
	require.NoError(t, program.Wait())
}

func TestSettings(t *testing.T) {
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	for want, args := range map[string]string{
		"-h lists the flags":        "-x",
		"is no flag":                "orders",
		"-streams must be positive": "-streams=0",
		"-secret-file: open":        "-secret-file=/nowhere",
		"at least 32 random ones":   "-secret-file=/dev/null",
		"context canceled":          "-rows=100",
	} {
		require.ErrorContains(t, run(stopped, []string{args}, io.Discard, io.Discard), want)
	}
	var help bytes.Buffer
	require.NoError(t, run(stopped, []string{"-h"}, &help, io.Discard))
	require.Contains(t, help.String(), "-grace time")

	err := run(context.Background(), []string{"-rows=100", "-table=shop.nothing"}, io.Discard, io.Discard)
	require.ErrorContains(t, err, "shop.nothing")
	err = run(context.Background(), []string{"-rows=100", "-listen=nowhere.invalid:x"}, io.Discard, io.Discard)
	require.ErrorContains(t, err, "listen")
}
