package stage_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/stage"
)

// TestEveryFigureIsDescribed looks for them in the sources of all that tell some.
func TestEveryFigureIsDescribed(t *testing.T) {
	told := regexp.MustCompile(`\.(Count|Counter|Gauge|GaugeOf)\("(\w+)", (?:stage\.(Sum|Max|Mean), )?`)
	adds := map[string]stage.Adds{"": stage.Sum, "Sum": stage.Sum, "Max": stage.Max, "Mean": stage.Mean}
	seen := make(map[string]bool)
	root := filepath.Join("..", "..")
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range told.FindAllStringSubmatch(string(text), -1) {
			seen[m[2]] = true
			of, ok := stage.Figures[m[2]]
			require.True(t, ok, "%s in %s", m[2], path)
			require.Equal(t, strings.HasPrefix(m[1], "Gauge"), of.Gauge, m[2])
			require.Equal(t, adds[m[3]], of.Adds, m[2])
		}
		return err
	}))
	for _, waits := range []string{"limiter", "breaker"} { // which stages tell by their phases
		seen[waits+"_wait_seconds"], seen[waits+"_waiting"] = true, true
	}
	for name, of := range stage.Figures {
		require.True(t, seen[name], "nobody tells %s", name)
		require.NotEmpty(t, of.Help)
	}
}

// TestUnitsAreThoseOfTheNames: of names that have a unit, it is that one; of others, things are counted.
func TestUnitsAreThoseOfTheNames(t *testing.T) {
	for name, of := range stage.Figures {
		last := name[strings.LastIndex(name, "_")+1:]
		switch unit := map[string]string{"seconds": "s", "bytes": "By", "share": "1"}[last]; unit {
		case "":
			require.Regexp(t, `^\{[a-z]+\}(/s)?$`, of.Unit, name)
		default:
			require.Equal(t, unit, of.Unit, name)
		}
	}
}
