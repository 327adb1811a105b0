package cassandra

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// version of Cassandra, and so the name of the cache folder too.
const version = "5.0.6"

// cacheDir is where the jars of this version are kept: its folder lib exists only when it is complete.
func cacheDir() (string, error) {
	user, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("cassandra: no folder for the jars: %w", err)
	}
	return filepath.Join(user, "rxcql", "cassandra-"+version), nil
}

func cached(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "lib"))
	return err == nil
}

// jars returns the folder with Cassandra's jars, and downloads them first if dir lacks them. Of several
// processes one downloads, and the others wait for it.
func jars(ctx context.Context, dir string, t tools) (string, error) {
	lib := filepath.Join(dir, "lib")
	if cached(dir) {
		return lib, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", fmt.Errorf("cassandra: %w", err)
	}
	lock, err := lockFile(ctx, dir+".lock")
	if err != nil {
		return "", fmt.Errorf("cassandra: waiting for the download of the jars: %w", err)
	}
	defer lock.Close()
	if cached(dir) {
		return lib, nil
	}
	if err := download(ctx, dir, t, lock); err != nil {
		return "", fmt.Errorf("cassandra: download of the jars: %w", err)
	}
	return lib, nil
}

// download fills dir, which appears only when it is complete.
func download(ctx context.Context, dir string, t tools, lock *os.File) error {
	fmt.Fprintf(os.Stderr, "cassandra: Maven downloads Cassandra %s into %s (once)\n", version, dir)
	partial := dir + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	if err := os.MkdirAll(partial, 0o755); err != nil {
		return err
	}
	pom, err := recipe.ReadFile("recipe/pom.xml")
	if err != nil {
		return err
	}
	file := filepath.Join(partial, "pom.xml")
	if err := os.WriteFile(file, pom, 0o644); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, t.mvn, "-q", "-B", "-C", "-f", file, "dependency:copy-dependencies",
		"-Dcassandra.version="+version, "-DoutputDirectory="+filepath.Join(partial, "lib"))
	if t.home != "" {
		cmd.Env = append(os.Environ(), "JAVA_HOME="+t.home)
	}
	// Maven inherits the lock, so that it is held until Maven ends even if this process is killed before.
	cmd.ExtraFiles = []*os.File{lock}
	cmd.WaitDelay = 10 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		j := newJournal()
		_, _ = j.Write(out)
		return fmt.Errorf("mvn: %w (does Maven reach its central repository?)\n%s", err, j.tail())
	}
	if !cached(partial) {
		return errors.New("mvn ended well but copied no jars")
	}
	if err := os.RemoveAll(dir); err != nil { // there without lib: somebody has cleared a part of it
		return err
	}
	return os.Rename(partial, dir)
}
