package exporting

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/bench/internal/cluster/clustertest"
	"github.com/rxcql/rxcql/bench/internal/events"
)

// Each contestant exports all rows, which is checked.
func TestEachExportsAllRows(t *testing.T) {
	const rows = 2345
	config, session := clustertest.Serve(t)
	require.NoError(t, events.Fill(t.Context(), session, rows))
	for _, e := range Exporters {
		t.Run(e.Name, func(t *testing.T) {
			p := Plan{Parallel: 2, Splits: 5, Page: 100, Dir: t.TempDir()}
			profile := func() (func(), error) { return func() {}, nil }
			r, err := e.Export(t.Context(), config(), p, rows, profile)
			require.NoError(t, err)
			require.Equal(t, rows, r.Rows)
			if e.Writes {
				require.NoError(t, Check(p.Dir, rows))
			}
		})
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	for name, tc := range map[string]struct{ first, second, says string }{
		"missing":   {"0,0,,,,,\n", "0,2,,,,,\n", "have 2 rows instead of 3"},
		"twice":     {"0,0,,,,,\n0,1,,,,,\n", "0,1,,,,,\n", "the row 1 twice"},
		"more":      {"0,0,,,,,\n0,1,,,,,\n", "0,3,,,,,\n", "the row 3 twice, or should not have it"},
		"cut":       {"0,0,,,,,\n", "0,1\n", "2.csv: a line of 2 cells"},
		"no number": {"0,0,,,,,\n", "a,b,,,,,\n", `"b"`},
		"none":      {"", "", "have 0 rows instead of 3"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "1.csv"), []byte(tc.first), 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "2.csv"), []byte(tc.second), 0o600))
			require.ErrorContains(t, Check(dir, 3), tc.says)
		})
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "1.csv"), []byte("0,2,,,,,\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "2.csv"), []byte("0,1,,,,,\n0,0,,,,,\n"), 0o600))
	require.NoError(t, Check(dir, 3))

	line := func(id string) string { return `{"a":1,"id": ` + id + `,"c":1,"d":1,"e":1,"f":1,"g":1}` + "\n" }
	require.NoError(t, os.WriteFile(filepath.Join(dir, "3.jsonl"), []byte(line("3")+line("4")), 0o600))
	require.NoError(t, Check(dir, 5))
	require.ErrorContains(t, Check(dir, 4), "the row 4 twice, or should not have it")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "3.jsonl"), []byte(line("3")+`{"id":4}`), 0o600))
	require.ErrorContains(t, Check(dir, 5), "3.jsonl: a line of 1 cells")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "4.txt"), nil, 0o600))
	require.ErrorContains(t, Check(dir, 5), "a line of 1 cells")
	require.NoError(t, os.Remove(filepath.Join(dir, "3.jsonl")))
	require.ErrorContains(t, Check(dir, 3), "4.txt is neither CSV nor JSON Lines")
}
