package cassandra

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Check tells what keeps the integration tests from running: nothing if they are to be skipped, else a JDK or Maven
// that is missing, or a named cluster that cannot be reached.
func Check(ctx context.Context) error {
	s, err := checkSettings(ctx)
	if err != nil || s.skip || len(s.hosts) == 0 {
		return err
	}
	return reachable(ctx, s.hosts)
}

// checkSettings is Check without asking a named cluster.
func checkSettings(ctx context.Context) (settings, error) {
	s, err := readSettings(os.Getenv)
	if err != nil {
		return s, err
	}
	switch {
	case s.skip && s.noSkip:
		return s, fmt.Errorf("%s and %s are both set: these tests may not be skipped here", envSkip, envNoSkip)
	case s.skip, len(s.hosts) > 0:
		return s, nil
	}
	return s, checkTools(ctx)
}

// reachable tells whether one of the named hosts accepts a connection.
func reachable(ctx context.Context, hosts []string) error {
	dialer := net.Dialer{Timeout: 10 * time.Second}
	var failed []error
	for _, h := range hosts {
		conn, err := dialer.DialContext(ctx, "tcp", h)
		if err == nil {
			return conn.Close()
		}
		failed = append(failed, err)
	}
	return fmt.Errorf("no host of %s can be reached: %w", envHosts, errors.Join(failed...))
}

func checkTools(ctx context.Context) error {
	cache, err := cacheDir()
	if err != nil {
		return err
	}
	_, err = findTools(ctx, wellKnownJDKs, !cached(cache))
	return err
}

// Serve runs a command with one node for all the test processes under it, named to them by the environment, and
// prints how many tests they skipped. Cancelling ctx interrupts the command. The error is the command's, if it failed:
// an *exec.ExitError among others.
func Serve(ctx context.Context, command ...string) error {
	s, err := checkSettings(ctx)
	if err != nil {
		return err
	}
	skips, err := os.CreateTemp("", "rxcql-skips-")
	if err != nil {
		return err
	}
	defer os.Remove(skips.Name())
	defer skips.Close()
	env := []string{envSkipReport + "=" + skips.Name()}
	if s.skip || len(s.hosts) > 0 {
		return errors.Join(run(ctx, env, command), tellSkipped(skips))
	}
	nodes, err := Start(ctx, Options{})
	if err != nil {
		return err
	}
	defer nodes.Stop()
	env = append(env, envHosts+"="+strings.Join(nodes.Hosts(), ","))
	return errors.Join(run(ctx, env, command), nodes.died(), tellSkipped(skips))
}

func run(ctx context.Context, env, command []string) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	return cmd.Run()
}

func tellSkipped(counts io.Reader) error {
	total, err := addUp(counts)
	if total > 0 {
		fmt.Printf("SKIPPED: %d\n", total)
	}
	return err
}

// addUp sums the counts that the packages left, one a line.
func addUp(counts io.Reader) (total int, err error) {
	lines := bufio.NewScanner(counts)
	for lines.Scan() {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			return total, fmt.Errorf("count of skipped tests: %w", err)
		}
		total += n
	}
	return total, lines.Err()
}
