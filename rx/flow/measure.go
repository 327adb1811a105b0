package flow

import (
	"slices"
	"time"

	"github.com/rxcql/rxcql/internal/stage"
)

// measurement is what the stages of a run know at a moment.
type measurement struct {
	at       time.Duration
	stages   []*stage.Stage
	edges    []stage.Edge
	readings []stage.Reading
}

// measure reads all stages of a run.
func measure(r *stage.Run, now time.Duration) *measurement {
	m := &measurement{at: now}
	m.stages, m.edges = r.Graph()
	m.readings = make([]stage.Reading, len(m.stages))
	for i, s := range m.stages {
		m.readings[i] = s.Read(now)
	}
	return m
}

// since gives the measurement of what came after an earlier one, which may be nil.
func (m *measurement) since(before *measurement) *measurement {
	if before == nil {
		return m
	}
	d := &measurement{at: m.at, stages: m.stages, edges: m.edges, readings: append([]stage.Reading{}, m.readings...)}
	for i := range before.readings {
		then, now := &before.readings[i], &d.readings[i]
		now.In -= then.In
		now.Out -= then.Out
		for p := range now.Times {
			now.Times[p] -= then.Times[p]
		}
	}
	return d
}

// upstream is what feeds each stage: items, and how long it had it wait, or may have.
type upstream struct {
	items  int64
	waited time.Duration
	either time.Duration // of which nothing is known yet
	some   bool
}

func (m *measurement) upstreams() []upstream {
	ups := make([]upstream, len(m.stages))
	for _, e := range m.edges {
		if e.Aside {
			continue
		}
		from, to := m.readings[e.From], &ups[e.To]
		to.items += from.Out
		to.some = true
		switch m.stages[e.From].Kind {
		case stage.Source, stage.Step:
			to.waited += from.Times[stage.Up]
			to.either += from.Times[stage.Either]
		case stage.Boundary:
			to.waited += from.Times[stage.Empty]
		}
	}
	return ups
}

// split says how a stage spent its time, as far as that is known. calls is that of the calls of a boundary, each for itself.
func (m *measurement) split(i int, up upstream) (waited, own, down, calls time.Duration) {
	t := &m.readings[i].Times
	switch m.stages[i].Kind {
	case stage.Source:
		if up.some { // an rx.New that is an operator
			break
		}
		return 0, t[stage.Up], t[stage.Down], 0
	case stage.Sink:
		if !up.some { // nothing is known of what is upstream but by the sink's own yield
			return t[stage.Up], max(t[stage.Inner]-t[stage.Up]-t[stage.Either]-t[stage.Full], 0), t[stage.Full], 0
		}
		return min(up.waited, t[stage.Inner]), max(t[stage.Inner]-up.waited-up.either-t[stage.Full], 0), t[stage.Full], 0
	case stage.Boundary:
		return t[stage.Empty], max(t[stage.Inner]-t[stage.Full]-up.waited-up.either, 0), t[stage.Full], t[stage.Calls]
	}
	either := max(up.either-t[stage.Either], 0)
	return min(up.waited, t[stage.Up]), max(t[stage.Up]-up.waited-either-t[stage.Full], 0), t[stage.Down] + t[stage.Full], 0
}

// requests says how much of a sink's own time it waited until requests are done: of several streams at a time, as much as
// they did on average.
func (m *measurement) requests(i int, own time.Duration) time.Duration {
	t := &m.readings[i].Times
	waits := t[stage.Requests]
	if t[stage.Streams] > t[stage.Inner] {
		waits = time.Duration(float64(waits) / t[stage.Streams].Seconds() * t[stage.Inner].Seconds())
	}
	return min(waits, own)
}

var kinds = [...]Kind{stage.Source: Source, stage.Step: Step, stage.Boundary: Boundary, stage.Sink: Sink}

// totals gives the stages with all but rates and shares.
func (m *measurement) totals() []Stage {
	ups := m.upstreams()
	all := make([]Stage, len(m.stages))
	for i, s := range m.stages {
		r := m.readings[i]
		waited, own, down, calls := m.split(i, ups[i])
		in, out := r.In, r.Out
		switch {
		case s.Kind == stage.Sink && out > 0: // what its yield was called with
			in, out = out, 0
		case ups[i].some:
			in = ups[i].items
		}
		all[i] = Stage{
			ID: s.ID, Name: s.Name, Kind: kinds[s.Kind], Running: r.Live, Begun: r.Begun, In: in, Out: out,
			Seconds: Split{waited.Seconds(), (own + calls).Seconds(), down.Seconds(), m.requests(i, own).Seconds()},
			Buffer:  Level{r.Buffered, r.Capacity}, Calls: Level{r.CallsNow, r.CallsMost},
			Errors: r.Errors, Retries: r.Retries, Drops: r.Drops, Values: values(r.Values),
		}
	}
	return all
}

func values(vs []stage.Value) []Value {
	if len(vs) == 0 {
		return nil
	}
	all := make([]Value, len(vs))
	for i, v := range vs {
		all[i] = Value{Name: v.Name, Gauge: v.Gauge, Adds: adds[v.Adds], Value: v.N, of: v.Of}
	}
	return all
}

var adds = [...]Adds{stage.Sum: Sum, stage.Max: Max, stage.Mean: Mean}

// add takes in another value of the name.
func (v *Value) add(o Value) {
	a := stage.Value{Adds: stage.Adds(slices.Index(adds[:], v.Adds)), N: v.Value, Of: v.of}
	a.Add(stage.Value{N: o.Value, Of: o.of})
	v.Value, v.of = a.N, a.Of
}
