package rxprom

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
)

// metric is a family of samples: of a pipeline, or of a stage.
type metric struct {
	kind  prometheus.ValueType
	desc  *prometheus.Desc
	stage bool // else a pipeline
}

const prefix = "rxcql_"

var (
	runs      = ofRuns("runs", prometheus.GaugeValue, "Runs that are under way.")
	runsEnded = ofRuns("runs_ended_total", prometheus.CounterValue, "Runs that have ended, by how: completed, failed, "+
		"canceled by their context, or left by their consumer.", "state")

	stageRunning = gauge("running", "Stages of the name that are under way.")
	stageBegun   = counter("begun_total", "Stages of the name that have begun.")
	stageIn      = counter("items_in_total", "Items that the stage got from upstream.")
	stageOut     = counter("items_out_total", "Items that the stage has handed on.")
	stageSeconds = counter("seconds_total", "The stage's time: waiting for upstream, its own work, and what is downstream "+
		"of it taking items. Of stages that run several at a time, of all of them.", "part")
	stageRequests = counter("requests_wait_seconds_total", "Of the own time of a sink, that in which it waits until "+
		"requests are done.")
	stageBottleneck = gauge("bottleneck_share", "The share of the time, from 0 to 1, that the stage takes which a run that "+
		"is under way waits for; absent of all other stages.")
	stageErrors  = counter("errors_total", "Failures that arose in the stage, whatever became of them.")
	stageRetries = counter("retries_total", "Attempts to repeat what had failed.")
	stageDrops   = counter("drops_total", "Items that were dropped, or became dead letters.")

	bufferItems    = gauge("buffer_items", "Items in the buffers of the stage.")
	bufferCapacity = gauge("buffer_capacity_items", "How many items the buffers of the stage have space for.")
	callsInFlight  = gauge("calls_in_flight", "Calls of the stage that are under way.")
	callsLimit     = gauge("calls_limit", "How many calls of the stage may be under way.")
)

func ofRuns(name string, kind prometheus.ValueType, help string, more ...string) *metric {
	return newMetric(name, kind, help, slices.Concat([]string{"pipeline"}, more))
}

// ofAll are the names of metrics that stages have whatever they are.
var ofAll = make(map[string]bool)

func gauge(name, help string) *metric {
	return ofStage(name, prometheus.GaugeValue, help)
}

func counter(name, help string, more ...string) *metric {
	return ofStage(name, prometheus.CounterValue, help, more...)
}

func ofStage(name string, kind prometheus.ValueType, help string, more ...string) *metric {
	m := newMetric("stage_"+name, kind, help, slices.Concat([]string{"pipeline", "stage", "kind"}, more))
	m.stage = true
	ofAll[name] = true
	return m
}

func newMetric(name string, kind prometheus.ValueType, help string, labels []string) *metric {
	return &metric{kind: kind, desc: prometheus.NewDesc(prefix+name, help, labels, nil)}
}

// sample makes a sample for a scrape.
func (m *metric) sample(v float64, of series) prometheus.Metric {
	labels := []string{of.pipeline}
	if m.stage {
		labels = append(labels, of.stage, of.kind)
	}
	if of.more != "" {
		labels = append(labels, of.more)
	}
	return prometheus.MustNewConstMetric(m.desc, m.kind, v, labels...)
}

// label makes a label's value of a name, which must be valid UTF-8.
func label(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	return strconv.QuoteToASCII(name)
}
