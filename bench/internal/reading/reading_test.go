package reading

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/bench/internal/cluster/clustertest"
	"github.com/rxcql/rxcql/bench/internal/events"
)

// Each contestant reads all rows, tells when the first one is there, and leaves after ten.
func TestEachReadsAllRows(t *testing.T) {
	const rows = 2345
	config, session := clustertest.Serve(t)
	require.NoError(t, events.Fill(t.Context(), session, rows))
	for _, r := range Readers {
		t.Run(r.Name, func(t *testing.T) {
			profiles := 0
			profile := func() (func(), error) { return func() { profiles++ }, nil }
			result, err := r.Read(t.Context(), config(), 100, rows, profile)
			require.NoError(t, err)
			require.Equal(t, rows, result.Rows)
			require.Positive(t, result.RowsPerSecond)
			require.Equal(t, 1, profiles)
			seen := 0
			require.NoError(t, r.Ten(t.Context(), config(), 100, func() { seen++ }))
			if r.Name == "gocql pages, not decoded" {
				require.Zero(t, result.FirstRowMs)
				require.Zero(t, seen)
				return
			}
			require.Positive(t, result.FirstRowMs)
			require.Equal(t, 1, seen)
			_, err = r.Read(t.Context(), config(), 100, rows+1, profile)
			require.ErrorContains(t, err, "2345 rows came through instead of 2346")
		})
	}
}
