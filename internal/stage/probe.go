package stage

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"
)

// Probe is one run of a stage, as its monitor sees it. The methods of a nil Probe do nothing; those of another may be
// called by any goroutine, until End.
type Probe struct {
	host  Host
	run   *Run
	stage *Stage
	owner bool            // the run ends with it
	outer context.Context // that it was begun with
	name  string          // of runs that begin within, if any

	calls    bool   // what begins here is inside of a call that the stage makes, and not upstream of it
	consumer *Stage // that there is no other stage for
	parent   *Probe
	began    time.Duration
	excused  atomic.Bool // what is upstream has failed, and told
	ended    atomic.Bool
	metered  atomic.Bool // meter is used
	meter    Meter
}

// begin begins a stage within at. plain is for exits whose names tell nothing of the run.
func (at *Probe) begin(kind Kind, name string, plain bool) *Probe {
	p := &Probe{host: at.host, run: at.run, parent: at, began: Now()}
	if at.calls {
		p.parent = at.parent
	}
	if p.run == nil {
		p.owner = true
		if at.name != "" {
			p.run = newRun(p.host, at.name, true)
		} else {
			p.run = newRun(p.host, name, !plain)
		}
	}
	scope := at.stage
	if scope == nil && kind != Sink {
		p.consumer = p.run.stage(nil, Sink, "consumer", false)
		p.consumer.begin(p.began)
		scope = p.consumer
	}
	p.stage = p.run.stage(scope, kind, name, at.calls)
	p.stage.begin(p.began)
	if at.stage != nil {
		at.excused.Store(false)
	}
	return p
}

// begin counts a stage; a sink runs from its begin to its end.
func (s *Stage) begin(now time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live++
	s.begun++
	if s.Kind == Sink {
		s.spans[Inner].begin(now)
	}
}

func (s *Stage) end(began, now time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live--
	if s.Kind == Sink {
		s.stop(Inner, began, now)
	}
}

// stop ends a phase. s.mu is held.
func (s *Stage) stop(p Phase, began, now time.Duration) {
	s.spans[p].end(began)
	s.spans[p].done += now - began
}

// ErrPanicked is how a stage ended that a panic or runtime.Goexit passed through. What it panicked with is nobody's
// business but of whoever recovers.
var ErrPanicked = errors.New("panicked")

// End notes that the stage has ended: with an error, or because its consumer has left. Only the first call counts.
func (p *Probe) End(err error, left bool) {
	if p == nil || p.ended.Swap(true) {
		return
	}
	state := Completed
	switch ctx := p.outer; {
	case left:
		state = Left
	case err == nil:
	case ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))):
		state = Canceled
	default:
		state = Failed
	}
	now := Now()
	if p.stage != nil {
		p.keepCounts()
		p.forget(state == Failed && !p.excused.Load())
		p.stage.end(p.began, now)
		if p.consumer != nil {
			p.consumer.end(p.began, now)
		}
		if state == Failed && p.parent != nil {
			p.parent.excused.Store(true)
		}
	}
	if p.owner {
		p.run.finish(p.host, state, err)
	}
}

// keepCounts keeps what the stage's counts are at the end. No lock is held while they are read.
func (p *Probe) keepCounts() {
	s := p.stage
	s.mu.Lock()
	gauges := slices.Clone(s.gauges)
	s.mu.Unlock()
	var last Reading
	for _, g := range gauges {
		if g.of == p && g.count {
			last.count(g.value(g.read()))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gauges = slices.DeleteFunc(s.gauges, func(g gauge) bool { return g.of == p && g.count })
	s.retries += last.Retries
	s.drops += last.Drops
	for _, v := range last.Values {
		add(&s.values, v)
	}
}

// forget drops the gauges of the probe, and counts a failure of the stage's own.
func (p *Probe) forget(failed bool) {
	s := p.stage
	s.mu.Lock()
	defer s.mu.Unlock()
	if failed {
		s.errors++
	}
	s.gauges = slices.DeleteFunc(s.gauges, func(g gauge) bool {
		if g.of == p && g.name == "" {
			s.capacity = g.capacity
		}
		return g.of == p
	})
}

// In counts items that a stage has taken in whose upstream need not be known.
func (p *Probe) In(n int) {
	if p != nil {
		p.count(&p.stage.in, n)
	}
}

// Out counts items that a stage without a meter has given to its consumer.
func (p *Probe) Out(n int) {
	if p != nil {
		p.count(&p.stage.out, n)
	}
}

// Failed counts failures that did not end the stage.
func (p *Probe) Failed(n int) {
	if p != nil {
		p.count(&p.stage.errors, n)
	}
}

// Retried counts what was tried again.
func (p *Probe) Retried(n int) {
	if p != nil {
		p.count(&p.stage.retries, n)
	}
}

// Dropped counts items that were dropped, or went where items go that nothing can be done with.
func (p *Probe) Dropped(n int) {
	if p != nil {
		p.count(&p.stage.drops, n)
	}
}

func (p *Probe) count(to *int64, n int) {
	p.stage.mu.Lock()
	defer p.stage.mu.Unlock()
	*to += int64(n)
}

// Concurrency says how many calls the stage may make at a time.
func (p *Probe) Concurrency(n int) {
	if p == nil {
		return
	}
	p.stage.mu.Lock()
	defer p.stage.mu.Unlock()
	p.stage.calls = max(p.stage.calls, int64(n))
}

// Count adds to a figure of the stage's own. The name says what is counted, and the unit if it is not one of these:
// pages, wait_seconds. It is not for every item.
func (p *Probe) Count(name string, n float64) {
	if p == nil {
		return
	}
	p.stage.mu.Lock()
	defer p.stage.mu.Unlock()
	add(&p.stage.values, Value{Name: name, N: n})
}

// Gauge has read called for a figure of the stage's own when somebody looks, on any goroutine, until End and perhaps a
// moment after. It must be quick. Those of all runs of the stage add up.
func (p *Probe) Gauge(name string, read func() float64) { p.GaugeOf(name, Sum, read) }

// GaugeOf is Gauge for a figure of which those of several runs are put together otherwise. Where the probe has one of the
// name it does nothing, so that it may be told again and again, also by calls within the stage.
func (p *Probe) GaugeOf(name string, adds Adds, read func() float64) {
	if p == nil {
		return
	}
	if p.calls {
		p = p.parent
	}
	p.stage.mu.Lock()
	defer p.stage.mu.Unlock()
	if p.ended.Load() || slices.ContainsFunc(p.stage.gauges, func(g gauge) bool { return g.of == p && g.name == name }) {
		return
	}
	p.stage.gauges = append(p.stage.gauges, gauge{of: p, name: name, adds: adds, read: read})
}

// Counter is [Probe.Gauge] for a count of what has been: at End it is read for the last time, and stays. [Retries] and
// [Drops] are names of figures that all stages have.
func (p *Probe) Counter(name string, read func() int64) {
	p.gauge(gauge{of: p, name: name, count: true, read: func() float64 { return float64(read()) }})
}

// Buffer has items called for how many items are in a buffer of a capacity, as Gauge does.
func (p *Probe) Buffer(capacity int, items func() int) {
	p.gauge(gauge{of: p, capacity: int64(capacity), read: func() float64 { return float64(items()) }})
}

func (p *Probe) gauge(g gauge) {
	if p == nil {
		return
	}
	p.stage.mu.Lock()
	defer p.stage.mu.Unlock()
	p.stage.gauges = append(p.stage.gauges, g)
}

// Within returns ctx for calls that the stage makes: what begins there is not upstream of it.
func (p *Probe) Within(ctx context.Context) context.Context {
	if p == nil {
		return ctx
	}
	return context.WithValue(ctx, key{}, &Probe{host: p.host, run: p.run, stage: p.stage, parent: p, calls: true})
}

// Outside returns ctx for what is no part of this stage, but of its consumer: what is done with its items on other
// goroutines.
func (p *Probe) Outside(ctx context.Context) context.Context {
	if p == nil {
		return ctx
	}
	out := &Probe{host: p.host, run: p.run, stage: p.consumer}
	if p.consumer == nil {
		out.stage = p.parent.stage
	}
	return context.WithValue(ctx, key{}, out)
}

// Aside notes that some of this stage's items go to another, which is not downstream of it.
func (p *Probe) Aside(to *Probe) {
	if p != nil && to != nil && to.run == p.run {
		p.run.link(p.stage, to.stage)
	}
}
