package rxprom

import (
	"math"

	"github.com/prometheus/client_golang/prometheus"

	op "github.com/rxcql/rxcql/operators"
)

// NewHistogram makes a collector of an [op.Histogram], such as the latencies that a tap measures. A value that was recorded
// as 1 is one unit of what is exported, and of o.Buckets: 1e-9 for nanoseconds that are exported as seconds, 1 for bytes
// that stay such. Of the options it uses the names, the help, the constant labels and the buckets, prometheus.DefBuckets
// if there are none. Bounds and the sum are right to 1%.
//
//	var latency op.Histogram
//	rows = op.Tap(rows, op.DownstreamLatency[Row](&latency))
//	prometheus.MustRegister(rxprom.NewHistogram(prometheus.HistogramOpts{
//		Name: "orders_write_seconds", Help: "How long it took to write an order.",
//	}, &latency, 1e-9))
func NewHistogram(o prometheus.HistogramOpts, h *op.Histogram, unit float64) prometheus.Collector {
	switch {
	case h == nil:
		panic("rxprom.NewHistogram: nil histogram")
	case !(unit > 0):
		panic("rxprom.NewHistogram: the unit must be positive")
	}
	if len(o.Buckets) == 0 {
		o.Buckets = prometheus.DefBuckets
	}
	c := &histogram{of: h, unit: unit}
	for _, bound := range o.Buckets {
		if recorded := math.Round(bound / unit); recorded < math.MaxInt64 { // there always is a bucket for what is beyond
			c.buckets = append(c.buckets, bound)
			c.bounds = append(c.bounds, int64(recorded))
		}
	}
	c.desc = prometheus.NewDesc(prometheus.BuildFQName(o.Namespace, o.Subsystem, o.Name), o.Help, nil, o.ConstLabels)
	return c
}

type histogram struct {
	of      *op.Histogram
	unit    float64
	buckets []float64
	bounds  []int64 // the same as recorded
	desc    *prometheus.Desc
}

func (h *histogram) Describe(to chan<- *prometheus.Desc) { to <- h.desc }

func (h *histogram) Collect(to chan<- prometheus.Metric) {
	counts, d := h.of.AtMost(h.bounds...)
	buckets := make(map[float64]uint64, len(counts))
	for i, n := range counts {
		buckets[h.buckets[i]] = uint64(n)
	}
	sum := d.Mean * float64(d.Count) * h.unit
	to <- prometheus.MustNewConstHistogram(h.desc, uint64(d.Count), sum, buckets)
}
