package bridge_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who does not import this package does not link rxgo.
func TestNoOtherPackageImportsRxgo(t *testing.T) {
	const root = "../.."
	var importers []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if _, err := os.Stat(filepath.Join(path, "go.mod")); path != root && (err == nil || entry.Name() == ".git") {
				return filepath.SkipDir // another module
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			if strings.Contains(i.Path.Value, "reactivex/rxgo") {
				importers = append(importers, filepath.ToSlash(filepath.Dir(path)))
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, importers)
	for _, dir := range importers {
		require.Equal(t, "../../rx/bridge", dir)
	}
}
