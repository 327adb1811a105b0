package stage

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Kind is what a stage is to the stream.
type Kind uint8

const (
	Source   Kind = iota // has no upstream
	Step                 // has its upstream on its own goroutine
	Boundary             // has its upstream on other goroutines
	Sink                 // has no downstream
)

// span adds up the time of phases, also of those that have not ended.
type span struct {
	done   time.Duration // of those that have
	live   int64         // those that have not, and
	starts time.Duration // the sum of the times when they began
}

func (s *span) begin(now time.Duration) {
	s.live++
	s.starts += now
}

func (s *span) end(began time.Duration) {
	s.live--
	s.starts -= began
}

func (s *span) total(now time.Duration) time.Duration {
	return s.done + time.Duration(s.live)*now - s.starts
}

// Stage is what is known of all stages of one name, kind and place in a run.
type Stage struct {
	ID    int
	Name  string
	Kind  Kind
	scope *Stage

	mu          sync.Mutex
	live, begun int64
	in, out     int64
	spans       [Phases]span
	calls       int64 // that may be under way at a time
	errors      int64
	retries     int64
	drops       int64
	capacity    int64 // of the last boundary that ended
	values      []Value
	gauges      []gauge
	meters      []*Meter // that have not ended
}

// meter has a meter be read with the stage.
func (s *Stage) meter(m *Meter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.place = len(s.meters)
	s.meters = append(s.meters, m)
}

// unmeter forgets a meter. s.mu is held.
func (s *Stage) unmeter(m *Meter) {
	last := len(s.meters) - 1
	s.meters[m.place] = s.meters[last]
	s.meters[m.place].place = m.place
	s.meters[last] = nil
	s.meters = s.meters[:last]
}

// Value is a figure that a stage has beside those that all have.
type Value struct {
	Name  string
	Gauge bool // goes up and down; else it is a count, which adds up
	Adds  Adds
	N     float64
	Of    int64 // how many it is the mean of
}

// Adds is how a figure is made of those of several runs of a stage.
type Adds uint8

const (
	Sum Adds = iota
	Max
	Mean
)

// Add takes in another value of the name.
func (v *Value) Add(o Value) {
	switch v.Adds {
	case Sum:
		v.N += o.N
	case Max:
		v.N = max(v.N, o.N)
	case Mean:
		v.N = (v.N*float64(v.Of) + o.N*float64(o.Of)) / float64(v.Of+o.Of)
		v.Of += o.Of
	}
}

// gauge is a figure that is asked for when it is needed.
type gauge struct {
	of       *Probe
	name     string // "" for a buffer
	count    bool   // what it is at the end stays
	adds     Adds
	read     func() float64
	capacity int64 // of a buffer
}

// These names of counts stand for figures that all stages have.
const (
	Retries = "retries"
	Drops   = "drops"
)

// count adds to a figure that a stage has under that name.
func (r *Reading) count(v Value) {
	switch v.Name {
	case Retries:
		r.Retries += int64(v.N)
	case Drops:
		r.Drops += int64(v.N)
	default:
		add(&r.Values, v)
	}
}

// waits adds how long something was waited for, and how many do so now, if anybody has.
func (r *Reading) waits(what string, s *span, now time.Duration) {
	if t := s.total(now); t > 0 || s.live > 0 {
		r.count(Value{Name: what + "_wait_seconds", N: t.Seconds()})
		r.count(Value{Name: what + "_waiting", Gauge: true, N: float64(s.live)})
	}
}

// Reading is what a stage knows at a moment.
type Reading struct {
	In, Out                int64 // In is 0 if it is known from what is upstream
	Live, Begun            int64
	Times                  [Phases]time.Duration
	CallsNow, CallsMost    int64
	Errors, Retries, Drops int64
	Buffered, Capacity     int64
	Values                 []Value // by their names
}

// Read gives what the stage knows. No lock is held while gauges are read.
func (s *Stage) Read(now time.Duration) Reading {
	s.mu.Lock()
	out, unknown := s.out, time.Duration(0)
	for _, m := range s.meters {
		items, t := m.read(now)
		out += int64(m.told) + items
		unknown += t
	}
	r := Reading{
		In: s.in, Out: out, Live: s.live, Begun: s.begun,
		CallsNow: s.spans[Calls].live, CallsMost: s.calls,
		Errors: s.errors, Retries: s.retries, Drops: s.drops,
		Values: slices.Clone(s.values),
	}
	for p := range r.Times {
		r.Times[p] = s.spans[p].total(now)
	}
	r.Times[Either] = unknown
	r.waits("limiter", &s.spans[Limited], now)
	r.waits("breaker", &s.spans[Broken], now)
	gauges := slices.Clone(s.gauges)
	ended := s.capacity
	s.mu.Unlock()
	for _, g := range gauges {
		n := g.read()
		if g.name == "" {
			r.Buffered += int64(n)
			r.Capacity += g.capacity
			continue
		}
		r.count(g.value(n))
	}
	if r.Capacity == 0 {
		r.Capacity = ended
	}
	slices.SortFunc(r.Values, func(a, b Value) int { return strings.Compare(a.Name, b.Name) })
	return r
}

// mostValues is how many figures of its own a stage has.
const mostValues = 64

// add adds v to the value of its name.
func add(values *[]Value, v Value) {
	for i := range *values {
		if to := &(*values)[i]; to.Name == v.Name {
			to.Add(v)
			return
		}
	}
	if len(*values) < mostValues {
		*values = append(*values, v)
	}
}

// value is what was read.
func (g gauge) value(n float64) Value {
	return Value{Name: g.name, Gauge: !g.count, Adds: g.adds, N: n, Of: 1}
}
