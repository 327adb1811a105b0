package rxprom

import (
	"fmt"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rxcql/rxcql/rx/flow"
)

// value gives the metric for a figure that stages tell of themselves; nil if that has the name of one that all have.
// c.mu is held.
func (c *Collector) value(v flow.Value) *metric {
	name := metricName(v)
	m, known := c.values[name]
	if !known && !ofAll[name] {
		m = newMetric("stage_"+name, valueKind(v), help(v), []string{"pipeline", "stage", "kind"})
		m.stage = true
		c.values[name] = m
	}
	return m
}

func valueKind(v flow.Value) prometheus.ValueType {
	if v.Gauge {
		return prometheus.GaugeValue
	}
	return prometheus.CounterValue
}

// metricName makes a name of a value's as Prometheus has them: of a count it ends in _total, and of nothing else.
func metricName(v flow.Value) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		default:
			return '_'
		}
	}, v.Name)
	for strings.HasSuffix(name, "_total") {
		name = strings.TrimSuffix(name, "_total")
	}
	if !v.Gauge {
		name += "_total"
	}
	return name
}

// helps are for the values that the stages of this module tell.
var helps = map[string]string{
	"pages":                "Pages that were fetched.",
	"rows":                 "Rows that were read.",
	"written_rows":         "Rows that were written, and acknowledged.",
	"written_bytes":        "Bytes of the rows that were written.",
	"batches":              "Batches that were written.",
	"not_applied_rows":     "Rows whose condition did not hold.",
	"requests_in_flight":   "Requests that are under way.",
	"requests_window":      "How many requests may be under way, by what the servers have taken of late.",
	"latency_p99_seconds":  "How long requests took, but for the slowest of a hundred.",
	"limiter_wait_seconds": "Time that was waited for a limiter.",
	"breaker_wait_seconds": "Time that was waited for a circuit breaker.",
}

func help(v flow.Value) string {
	if text, ok := helps[v.Name]; ok {
		return text
	}
	return fmt.Sprintf("What stages tell of themselves as %s; see their documentation.", label(v.Name))
}
