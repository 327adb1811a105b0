package loading

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/bench/internal/cluster/clustertest"
)

// Each contestant loads all rows, and each cell is what it should be, in partitions that are not full too.
func TestEachLoadsAllRows(t *testing.T) {
	const rows = 1050
	config, session := clustertest.Serve(t)
	require.NoError(t, Create(t.Context(), session))
	file := filepath.Join(t.TempDir(), "readings.csv")
	require.NoError(t, Write(t.Context(), file, rows))
	for _, l := range Loaders {
		t.Run(l.Name, func(t *testing.T) {
			require.NoError(t, Truncate(t.Context(), session))
			require.Error(t, Check(t.Context(), session, rows))
			r, err := l.Load(t.Context(), config(), file, rows)
			require.NoError(t, err)
			require.Equal(t, rows, r.Rows)
			require.NoError(t, Check(t.Context(), session, rows))
		})
	}
}

// What the file has is what was made, for who reads it by hand too, partition by partition.
func TestTheFileIsReadAsItWasMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "readings.csv")
	require.NoError(t, Write(t.Context(), file, 250))
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	var sizes []int
	n := 0
	require.NoError(t, readPartitions(f, func(rows []reading) bool {
		sizes = append(sizes, len(rows))
		for _, r := range rows {
			require.True(t, r.is(made(n)), "%+v", r)
			n++
		}
		return true
	}))
	require.Equal(t, []int{100, 100, 50}, sizes)
}
