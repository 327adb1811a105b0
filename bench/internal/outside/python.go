package outside

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Python is an interpreter that has the driver.
type Python struct {
	dir, python string
}

// InstallPython makes a virtual environment in the user's cache folder, with what the requirements in dir say.
func InstallPython(ctx context.Context, dir string) (Python, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return Python{}, err
	}
	place := filepath.Join(cache, "rxcql", "bench-python")
	p := Python{dir, filepath.Join(place, "bin", "python")}
	if _, err := os.Stat(p.python); err != nil {
		if err := quietly(ctx, "python3", "-m", "venv", place); err != nil {
			return p, err
		}
	}
	return p, quietly(ctx, p.python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", filepath.Join(dir, "requirements.txt"))
}

// quietly runs a command. Its error has the last line that it printed.
func quietly(ctx context.Context, program string, args ...string) error {
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err == nil {
		return nil
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return fmt.Errorf("%s %s: %w: %s", filepath.Base(program), strings.Join(args, " "), err, lines[len(lines)-1])
}

// Run gives the command line that reads the table.
func (p Python) Run(job Job) []string {
	return append([]string{p.python, filepath.Join(p.dir, "read.py")}, job.args()...)
}
