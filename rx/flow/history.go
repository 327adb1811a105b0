package flow

import (
	"sync"
	"time"

	"github.com/rxcql/rxcql/internal/stage"
)

// Of the past of a run so much is remembered: measurements at least apart so far, for as long as windows are to be.
const (
	apart     = time.Second
	windows   = 5 * time.Second
	tooLittle = apart / 2 // for a window
)

// history is what a run was seen to do.
type history struct {
	mu   sync.Mutex
	past []*measurement // the oldest one first
	told []Split        // the most, of each stage
}

// tell has times be no less than they were told to be: parts of the time of a stage are differences between what goes on in
// it and in others, which are not looked at at the same moment.
func (h *history) tell(all []Stage) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range all {
		if i == len(h.told) {
			h.told = append(h.told, Split{})
		}
		s, told := &all[i].Seconds, &h.told[i]
		s.Upstream = max(s.Upstream, told.Upstream)
		s.Own = max(s.Own, told.Own)
		s.Downstream = max(s.Downstream, told.Downstream)
		s.Requests = max(s.Requests, told.Requests)
		*told = *s
	}
}

// end is tell for the last time.
func (h *history) end(all []Stage) {
	h.tell(all)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.past = nil
}

// before gives the measurement that makes the window of m nearest to what it is to be, and remembers m; nil if that is the
// run's start.
func (h *history) before(m *measurement, start time.Duration) (before *measurement, window time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	window = m.at - start
	for _, then := range h.past {
		if w := m.at - then.at; w >= tooLittle && (w-windows).Abs() < (window-windows).Abs() {
			before, window = then, w
		}
	}
	if n := len(h.past); n == 0 || m.at-h.past[n-1].at >= apart {
		h.past = append(h.past, m)
	}
	for len(h.past) > 1 && m.at-h.past[1].at >= windows { // the next one is old enough
		h.past = h.past[1:]
	}
	return before, window
}

// show tells what there is to be seen of a run.
func (at *record) show(now time.Duration) Run {
	r := Run{ID: at.id, Start: at.run.Began, State: Running}
	r.Name, _ = at.run.Name()
	m := at.ended
	if m == nil {
		m = measure(at.run, now)
	} else {
		var state stage.State
		state, r.End, now = at.run.Outcome()
		r.State = states[state]
		told := at.failure.told()
		r.Error, r.Class = told.text, told.class
	}
	window := now - at.run.Start
	r.Seconds = window.Seconds()
	r.Stages = m.totals()
	at.past.tell(r.Stages)
	r.Edges = make([]Edge, len(m.edges))
	for i, e := range m.edges {
		r.Edges[i] = Edge(e)
	}
	d := m
	if at.ended == nil {
		var before *measurement
		before, window = at.past.before(m, at.run.Start)
		d = m.since(before)
	}
	r.WindowSeconds = window.Seconds()
	r.Bottleneck = d.shares(r.Stages, window)
	if window > 0 {
		ups := d.upstreams()
		for i := range r.Stages {
			s := &r.Stages[i]
			items := d.readings[i].Out
			if s.Kind == Sink && items == 0 {
				items = ups[i].items
			}
			s.PerSecond = float64(items) / window.Seconds()
			if r.State == Running {
				s.LagSeconds = s.lag(window.Seconds(), r.Seconds)
			}
		}
	}
	return r
}

// lag goes by the rate of the window; but who reads from a buffer takes several items at once, so if they are few in the
// window it goes by that of all of the run.
func (s *Stage) lag(window, seconds float64) float64 {
	rate := s.PerSecond
	if rate*window < 2*float64(s.Buffer.Max) {
		rate = float64(s.items()) / seconds
	}
	switch {
	case s.Buffer.Now == 0:
		return 0
	case rate > 0:
		return float64(s.Buffer.Now) / rate
	default:
		return seconds
	}
}

var states = [...]State{
	stage.Running: Running, stage.Completed: Completed, stage.Failed: Failed, stage.Canceled: Canceled, stage.Left: Left,
}
