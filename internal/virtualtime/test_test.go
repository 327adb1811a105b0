package virtualtime_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
)

// Ends the process under -race if the bubble has two processors.
func TestTimersOfManyGoroutines(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	virtualtime.Test(t, func(*testing.T) {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 20_000 {
					select {
					case <-time.NewTimer(0).C:
					default:
					}
				}
			})
		}
		all.Wait()
	})
	require.Equal(t, before, runtime.GOMAXPROCS(0))
}

func TestAllTestsInVirtualTimeAreRunHere(t *testing.T) {
	root := filepath.Join("..", "..")
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") || entry.Name() == "example_readme_test.go" {
			return err
		}
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NotContains(t, string(source), "synctest."+"Test(t, ", "%s: call virtualtime.Test instead", path)
		return nil
	}))
}
