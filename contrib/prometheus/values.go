package rxprom

import (
	"fmt"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rxcql/rxcql/internal/stage"
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

func help(v flow.Value) string {
	if of, ok := stage.Figures[v.Name]; ok {
		return of.Help
	}
	return fmt.Sprintf("A figure that stages of the program tell of themselves: %s.", label(v.Name))
}
