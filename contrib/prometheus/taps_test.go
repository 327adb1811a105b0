package rxprom_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	rxprom "github.com/rxcql/rxcql/contrib/prometheus"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func TestTapsOfSeveralNames(t *testing.T) {
	var a, b op.Counts
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(rxprom.NewCounts("a", &a), rxprom.NewCounts("b\xff", &b))
	require.Error(t, registry.Register(rxprom.NewCounts("a", &a)), "twice")
	_, err := op.Tap(rx.From(1, 2), op.HooksOf[int](&a)).Collect(t.Context())
	require.NoError(t, err)
	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP rxcql_tap_items_total Items that the tap has seen.
# TYPE rxcql_tap_items_total counter
rxcql_tap_items_total{tap="a"} 2
rxcql_tap_items_total{tap="\"b\\xff\""} 0
`), "rxcql_tap_items_total"))
	problems, err := testutil.GatherAndLint(registry)
	require.NoError(t, err)
	require.Empty(t, problems)

	require.Panics(t, func() { rxprom.NewCounts("a", nil) })
	require.Panics(t, func() { rxprom.NewAsyncTap("a", nil) })
}
