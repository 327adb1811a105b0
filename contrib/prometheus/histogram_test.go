package rxprom_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	rxprom "github.com/rxcql/rxcql/contrib/prometheus"
	op "github.com/rxcql/rxcql/operators"
)

func TestAHistogramInSeconds(t *testing.T) {
	var h op.Histogram
	for _, took := range []time.Duration{time.Microsecond, 5 * time.Millisecond, 5 * time.Millisecond, 2 * time.Second} {
		h.Record(int64(took))
	}
	c := rxprom.NewHistogram(prometheus.HistogramOpts{
		Namespace: "shop", Name: "write_seconds", Help: "Writes.", ConstLabels: prometheus.Labels{"table": "orders"},
		Buckets: []float64{0.005, 0.01, 1, 1e12, math.Inf(1)},
	}, &h, 1e-9)
	require.NoError(t, testutil.CollectAndCompare(c, strings.NewReader(`
		# HELP shop_write_seconds Writes.
		# TYPE shop_write_seconds histogram
		shop_write_seconds_bucket{table="orders",le="0.005"} 3
		shop_write_seconds_bucket{table="orders",le="0.01"} 3
		shop_write_seconds_bucket{table="orders",le="1"} 3
		shop_write_seconds_bucket{table="orders",le="+Inf"} 4
		shop_write_seconds_sum{table="orders"} 2.0106782500000002
		shop_write_seconds_count{table="orders"} 4
	`)))
	problems, err := testutil.CollectAndLint(c)
	require.NoError(t, err)
	require.Empty(t, problems)
}

func TestAHistogramOfNothing(t *testing.T) {
	c := rxprom.NewHistogram(prometheus.HistogramOpts{Name: "empty_seconds", Help: "Nothing."}, new(op.Histogram), 1e-9)
	require.Equal(t, 1, testutil.CollectAndCount(c))
	require.Panics(t, func() { rxprom.NewHistogram(prometheus.HistogramOpts{Name: "n", Help: "h"}, nil, 1) })
	for _, unit := range []float64{0, -1, math.NaN()} {
		require.Panics(t, func() {
			rxprom.NewHistogram(prometheus.HistogramOpts{Name: "n", Help: "h"}, new(op.Histogram), unit)
		})
	}
}
