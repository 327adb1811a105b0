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
	"pages_ahead":          "Pages that were fetched, and not yet handed on.",
	"ranges":               "Ranges of the tables that are read.",
	"ranges_done":          "Ranges of tables that were read.",
	"ranges_failed":        "Ranges of tables that could not be read.",
	"read_bytes":           "Bytes of the rows that were read.",
	"progress_share":       "How much of the tables was read, from 0 to 1; of several scans, the mean.",
	"written_rows":         "Rows that were written, and acknowledged.",
	"written_bytes":        "Bytes of the rows that were written.",
	"batches":              "Batches that were written.",
	"not_applied_rows":     "Rows whose condition did not hold.",
	"requests_in_flight":   "Requests that are under way.",
	"requests_window":      "How many requests may be under way, by what the servers have taken of late.",
	"latency_p99_seconds":  "How long requests took, but for the slowest of a hundred; of several runs, the longest.",
	"limiter_wait_seconds": "Time that was waited for a limiter.",
	"limiter_waiting":      "Items or calls that wait for a limiter now.",
	"limiter_rate":         "Tokens a second that the limiter gives.",
	"limiter_burst":        "Tokens that the limiter gives at once, at most.",
	"limiter_limit":        "How many calls the limiter lets be under way.",
	"limiter_in_flight":    "Calls that the limiter has let through, and that are under way, of all who share it.",
	"breaker_wait_seconds": "Time that was waited for a circuit breaker.",
	"breaker_waiting":      "Calls that wait for a circuit breaker now.",
	"breaker_open_share":   "1 while the circuit breaker is open, 0.5 while it is half-open, else 0.",
}

func help(v flow.Value) string {
	if text, ok := helps[v.Name]; ok {
		return text
	}
	return fmt.Sprintf("A figure that stages of the program tell of themselves: %s.", label(v.Name))
}
