package rxprom

import (
	"github.com/prometheus/client_golang/prometheus"

	op "github.com/rxcql/rxcql/operators"
)

// NewCounts makes a collector of what a tap has counted, with a name that is the label tap:
//
//	var counts op.Counts
//	rows = op.Tap(rows, op.HooksOf[Row](&counts))
//	prometheus.MustRegister(rxprom.NewCounts("orders", &counts))
//
// It exports
//
//	rxcql_tap_runs                   runs under way
//	rxcql_tap_items_total            items
//	rxcql_tap_runs_ended_total {state}
//	                                 runs that completed, failed, or were canceled, which includes those that were left
func NewCounts(tap string, c *op.Counts) prometheus.Collector {
	if c == nil {
		panic("rxprom.NewCounts: nil counts")
	}
	return figures(tap, func() []figure {
		t := c.Read()
		return []figure{
			{tapRuns, float64(t.InFlight()), ""},
			{tapItems, float64(t.Items), ""},
			{tapEnded, float64(t.Completed), "completed"},
			{tapEnded, float64(t.Failed), "failed"},
			{tapEnded, float64(t.Canceled), "canceled"},
		}
	})
}

// AsyncTap is what an [op.AsyncTap] tells of itself, of whatever items it is.
type AsyncTap interface {
	Dropped() int64
	Lost() int64
	Panicked() int64
}

// NewAsyncTap makes a collector of what an [op.AsyncTap] could not see, with a name that is the label tap. It exports
//
//	rxcql_tap_dropped_items_total    items that its hooks did not get
//	rxcql_tap_lost_signals_total     starts and ends of runs that they did not get
//	rxcql_tap_panics_total           calls of its hooks that panicked
func NewAsyncTap(tap string, t AsyncTap) prometheus.Collector {
	if t == nil {
		panic("rxprom.NewAsyncTap: nil tap")
	}
	return figures(tap, func() []figure {
		return []figure{
			{tapDropped, float64(t.Dropped()), ""},
			{tapLost, float64(t.Lost()), ""},
			{tapPanics, float64(t.Panicked()), ""},
		}
	})
}

// tapMetric is a metric that taps have.
type tapMetric struct {
	kind       prometheus.ValueType
	name, help string
	labels     []string
}

var (
	tapRuns  = &tapMetric{prometheus.GaugeValue, "runs", "Runs under way that the tap sees.", nil}
	tapItems = &tapMetric{prometheus.CounterValue, "items_total", "Items that the tap has seen.", nil}
	tapEnded = &tapMetric{prometheus.CounterValue, "runs_ended_total", "Runs that the tap has seen end, by how: completed, failed, " +
		"or canceled, which includes those that their consumers left.", []string{"state"}}
	tapDropped = &tapMetric{prometheus.CounterValue, "dropped_items_total", "Items that the tap's hooks did not get, as they were not done " +
		"with earlier ones.", nil}
	tapLost   = &tapMetric{prometheus.CounterValue, "lost_signals_total", "Starts and ends of runs that the tap's hooks did not get.", nil}
	tapPanics = &tapMetric{prometheus.CounterValue, "panics_total", "Calls of the tap's hooks that panicked.", nil}
)

// figure is a sample of a tap.
type figure struct {
	of    *tapMetric
	value float64
	label string
}

// figures makes a collector of what read gives, which are always the same metrics.
func figures(tap string, read func() []figure) prometheus.Collector {
	c := &taps{read: read, descs: make(map[*tapMetric]*prometheus.Desc)}
	for _, f := range read() {
		c.descs[f.of] = prometheus.NewDesc(prefix+"tap_"+f.of.name, f.of.help, f.of.labels, prometheus.Labels{"tap": label(tap)})
	}
	return c
}

type taps struct {
	read  func() []figure
	descs map[*tapMetric]*prometheus.Desc
}

func (c *taps) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range c.descs {
		to <- desc
	}
}

func (c *taps) Collect(to chan<- prometheus.Metric) {
	for _, f := range c.read() {
		var labels []string
		if f.label != "" {
			labels = []string{f.label}
		}
		to <- prometheus.MustNewConstMetric(c.descs[f.of], f.of.kind, f.value, labels...)
	}
}
