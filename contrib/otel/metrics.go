package rxotel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx/flow"
)

// Metrics registers instruments that observe what a monitor sees, whenever the provider collects; nil is for the global
// provider. Streams do not notice. What it returns ends that.
func Metrics(m *flow.Monitor, p metric.MeterProvider) (metric.Registration, error) {
	if m == nil {
		panic("rxotel.Metrics: nil monitor")
	}
	if p == nil {
		p = otel.GetMeterProvider()
	}
	meter := p.Meter(scope)
	g := &gauges{meter: meter, monitor: m, reached: make(map[point]float64)}
	all := g.instruments()
	if g.failed != nil {
		return nil, fmt.Errorf("rxotel: the instruments cannot be made: %w", g.failed)
	}
	registration, err := meter.RegisterCallback(g.observe, all...)
	if err != nil {
		return nil, fmt.Errorf("rxotel: the instruments cannot be registered: %w", err)
	}
	return registration, nil
}

// gauges are the instruments, and what they have reached.
type gauges struct {
	meter   metric.Meter
	monitor *flow.Monitor
	all     map[string]instrument
	failed  error

	mu      sync.Mutex // not held while the monitor is looked at
	reached map[point]float64
}

type instrument struct {
	counter bool
	metric.Float64Observable
}

// point is what a figure is of.
type point struct {
	instrument string
	of         attribute.Distinct
}

// instruments makes them all.
func (g *gauges) instruments() (all []metric.Observable) {
	g.all = make(map[string]instrument)
	counter := func(name, unit, help string) {
		i, err := g.meter.Float64ObservableCounter(name, metric.WithUnit(unit), metric.WithDescription(help))
		g.all[name], g.failed = instrument{true, i}, errors.Join(g.failed, err)
		all = append(all, i)
	}
	level := func(name, unit, help string) { // of which those of several programs add up
		i, err := g.meter.Float64ObservableUpDownCounter(name, metric.WithUnit(unit), metric.WithDescription(help))
		g.all[name], g.failed = instrument{false, i}, errors.Join(g.failed, err)
		all = append(all, i)
	}
	gauge := func(name, unit, help string) {
		i, err := g.meter.Float64ObservableGauge(name, metric.WithUnit(unit), metric.WithDescription(help))
		g.all[name], g.failed = instrument{false, i}, errors.Join(g.failed, err)
		all = append(all, i)
	}
	level("rxcql.runs", "{run}", "Runs that are under way.")
	counter("rxcql.runs.ended", "{run}", "Runs that have ended.")
	level("rxcql.stage.running", "{stage}", "Stages that are under way.")
	counter("rxcql.stage.begun", "{stage}", "Stages that have begun.")
	counter("rxcql.stage.items.in", "{item}", "Items that the stage got from upstream.")
	counter("rxcql.stage.items.out", "{item}", "Items that the stage has handed on.")
	counter("rxcql.stage.time", "s", "Time of waiting for what is upstream or downstream, and of own work.")
	counter("rxcql.stage.requests_wait", "s", "Of the own time of a sink, that in which it waits until requests are done.")
	gauge("rxcql.stage.bottleneck", "1", "The share of the time that the stage takes which a run waits for.")
	counter("rxcql.stage.errors", "{error}", "Failures that arose in the stage.")
	counter("rxcql.stage.retries", "{retry}", "Attempts to repeat what had failed.")
	counter("rxcql.stage.drops", "{item}", "Items that were dropped, or became dead letters.")
	level("rxcql.stage.buffer.items", "{item}", "Items in the buffers of the stage.")
	level("rxcql.stage.buffer.capacity", "{item}", "How many items they have space for.")
	level("rxcql.stage.calls.in_flight", "{call}", "Calls of the stage that are under way.")
	level("rxcql.stage.calls.limit", "{call}", "How many there may be.")
	for name, of := range stage.Figures {
		switch {
		case !of.Gauge:
			counter(instrumentOf(name), of.Unit, of.Help)
		case of.Adds == stage.Sum:
			level(instrumentOf(name), of.Unit, of.Help)
		default:
			gauge(instrumentOf(name), of.Unit, of.Help)
		}
	}
	return all
}

// instrumentOf gives the name of the instrument for a figure, without a unit that the instrument has beside its name.
func instrumentOf(name string) string {
	for _, unit := range []string{"_seconds", "_share"} {
		name = strings.TrimSuffix(name, unit)
	}
	return "rxcql.stage." + name
}

// observe tells o what the monitor sees.
func (g *gauges) observe(_ context.Context, o metric.Observer) error {
	s := g.monitor.Snapshot()
	g.mu.Lock()
	defer g.mu.Unlock()
	tell := func(name string, v float64, of ...attribute.KeyValue) {
		i, set := g.all[name], attribute.NewSet(of...)
		if at := (point{name, set.Equivalent()}); i.counter {
			v = max(v, g.reached[at]) // parts of a stage's time are differences, which later ones may correct
			g.reached[at] = v
		}
		o.ObserveFloat64(i.Float64Observable, v, metric.WithAttributeSet(set))
	}
	for i := range s.Pipelines {
		tellRuns(&s.Pipelines[i], tell)
		for j := range s.Pipelines[i].Stages {
			tellStage(&s.Pipelines[i], &s.Pipelines[i].Stages[j], tell)
		}
	}
	for _, b := range s.Bottlenecks() {
		at := attributes(b.Pipeline, b.Kind, b.Stage)
		tell("rxcql.stage.bottleneck", b.Share, at[:]...)
	}
	return nil
}

func tellRuns(p *flow.Pipeline, tell func(string, float64, ...attribute.KeyValue)) {
	of := text("rxcql.pipeline", p.Name)
	tell("rxcql.runs", float64(p.Running), of)
	for state, n := range map[flow.State]int64{
		flow.Completed: p.Completed, flow.Failed: p.Failed, flow.Canceled: p.Canceled, flow.Left: p.Left,
	} {
		tell("rxcql.runs.ended", float64(n), of, attribute.String("rxcql.state", string(state)))
	}
}

func tellStage(p *flow.Pipeline, s *flow.Stage, tell func(string, float64, ...attribute.KeyValue)) {
	at := attributes(p.Name, s.Kind, s.Name)
	of := func(name string, n int64) { tell("rxcql.stage."+name, float64(n), at[:]...) }
	of("running", s.Running)
	of("begun", s.Begun)
	if s.Kind != flow.Source || s.In > 0 {
		of("items.in", s.In)
	}
	if s.Kind != flow.Sink || s.Out > 0 {
		of("items.out", s.Out)
	}
	of("errors", s.Errors)
	of("retries", s.Retries)
	of("drops", s.Drops)
	if s.Kind == flow.Boundary || s.Buffer != (flow.Level{}) {
		of("buffer.items", s.Buffer.Now)
		of("buffer.capacity", s.Buffer.Max)
	}
	if s.Kind == flow.Boundary || s.Calls != (flow.Level{}) {
		of("calls.in_flight", s.Calls.Now)
		of("calls.limit", s.Calls.Max)
	}
	more := func(name string, v float64, key, value string) {
		tell("rxcql.stage."+name, v, slices.Concat(at[:], []attribute.KeyValue{text(key, value)})...)
	}
	more("time", s.Seconds.Upstream, "rxcql.part", "upstream")
	more("time", s.Seconds.Own, "rxcql.part", "own")
	more("time", s.Seconds.Downstream, "rxcql.part", "downstream")
	if s.Kind == flow.Sink {
		tell("rxcql.stage.requests_wait", s.Seconds.Requests, at[:]...)
	}
	for _, v := range s.Values {
		if _, ok := stage.Figures[v.Name]; ok {
			tell(instrumentOf(v.Name), v.Value, at[:]...)
		}
	}
}

func attributes(pipeline string, kind flow.Kind, stage string) [3]attribute.KeyValue {
	return [...]attribute.KeyValue{text("rxcql.pipeline", pipeline), text("rxcql.kind", string(kind)), text("rxcql.stage", stage)}
}

// text is an attribute of a name, which may be anything, while exporters want UTF-8.
func text(key, name string) attribute.KeyValue {
	return attribute.String(key, strings.ToValidUTF8(name, "\uFFFD"))
}
