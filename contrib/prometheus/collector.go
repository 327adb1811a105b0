package rxprom

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rxcql/rxcql/rx/flow"
)

// Collector exports the totals of a [flow.Monitor]. Counters never go down as long as it is the same Collector.
//
// It is what client_golang calls unchecked: which metrics there are depends on what stages tell of themselves, so that it is
// found out only at a scrape, which then fails, if it is registered twice.
type Collector struct {
	monitor *flow.Monitor

	mu      sync.Mutex // not held while the monitor is looked at
	reached map[series]float64
	values  map[string]*metric
}

// NewCollector makes a collector of what a monitor sees. Register it once.
func NewCollector(m *flow.Monitor) *Collector {
	if m == nil {
		panic("rxprom.NewCollector: nil monitor")
	}
	return &Collector{monitor: m, reached: make(map[series]float64), values: make(map[string]*metric)}
}

var _ prometheus.Collector = (*Collector)(nil)

// Describe implements prometheus.Collector: it describes nothing.
func (c *Collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(to chan<- prometheus.Metric) {
	snapshot := c.monitor.Snapshot()
	for _, m := range c.gather(snapshot) {
		to <- m
	}
}

// gather gives the metrics of a snapshot.
func (c *Collector) gather(snapshot flow.Snapshot) []prometheus.Metric {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := samples{of: c, sum: make(map[series]float64)}
	for i := range snapshot.Pipelines {
		now.pipeline(&snapshot.Pipelines[i])
	}
	now.bottlenecks(snapshot)
	all := make([]prometheus.Metric, 0, len(now.sum))
	for at, v := range now.sum {
		all = append(all, at.metric.sample(c.monotone(at, v), at))
	}
	return all
}

// monotone sees to it that a counter does not go down, which Prometheus would take for a restart: parts of a stage's time
// are differences between measurements, and those of a moment may be corrected by a later one.
func (c *Collector) monotone(at series, v float64) float64 {
	if at.metric.kind != prometheus.CounterValue {
		return v
	}
	v = max(v, c.reached[at])
	c.reached[at] = v
	return v
}
