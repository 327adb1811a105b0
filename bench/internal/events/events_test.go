package events_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/bench/internal/cluster/clustertest"
	"github.com/rxcql/rxcql/bench/internal/events"
	"github.com/rxcql/rxcql/source"
)

// TestFillLeavesAsManyRowsAsItIsToldTo, whatever was there.
func TestFillLeavesAsManyRowsAsItIsToldTo(t *testing.T) {
	_, session := clustertest.Serve(t)
	for _, n := range []int{1500, 1500, 3000, 1000, 2001} {
		require.NoError(t, events.Fill(t.Context(), session, n))
		rows, err := source.Query[int](session, "SELECT id FROM "+events.Table).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, rows, n)
	}
}
