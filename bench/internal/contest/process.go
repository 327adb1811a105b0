package contest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
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
	run := exec.CommandContext(ctx, self, args...)
	run.Env = append(os.Environ(), contestant+"="+name)
	run.Stderr = os.Stderr
	out, err := run.Output()
	if err != nil {
		return r, fmt.Errorf("%s: %w", name, err)
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return r, fmt.Errorf("%s did not tell what it took: %w", name, err)
	}
	return r, nil
}

// Tell gives a result to the process that waits for it at the other end of out.
func Tell(out io.Writer, r Result) error { return json.NewEncoder(out).Encode(r) }
