package contest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// contestant is the variable of the environment that tells a process whom it is to run.
const contestant = "RXCQL_BENCH_CONTESTANT"

// Contestant is the name of whom this process is to run; empty for the one that was started by hand, which has the
// others run.
func Contestant() string { return os.Getenv(contestant) }

// Process has this program run a contestant in a process of its own, with these arguments, and gives what it tells by
// [Tell].
func Process(ctx context.Context, name string, args ...string) (r Result, err error) {
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	return told(name, command(ctx, append(os.Environ(), contestant+"="+name), self, args...))
}

// Command has another program run a contestant, and gives what that tells: a line of JSON with the fields of Result.
func Command(ctx context.Context, name, program string, args ...string) (Result, error) {
	return told(name, command(ctx, os.Environ(), program, args...))
}

func command(ctx context.Context, env []string, program string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, program, args...)
	c.Env, c.WaitDelay = env, 10*time.Second
	return c
}

func told(name string, run *exec.Cmd) (r Result, err error) {
	var said bytes.Buffer
	run.Stderr = &said
	out, err := run.Output()
	if err != nil {
		return r, fmt.Errorf("%s: %w\n%s", name, err, end(said.String()))
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n") // others may have printed something before
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &r); err != nil {
		return r, fmt.Errorf("%s did not tell what it took: %w\n%s", name, err, end(said.String()))
	}
	return r, nil
}

// end is what matters of a long text.
func end(text string) string {
	const enough = 4000
	return strings.TrimSpace(text[max(0, len(text)-enough):])
}

// Tell gives a result to the process that waits for it at the other end of out.
func Tell(out io.Writer, r Result) error { return json.NewEncoder(out).Encode(r) }
