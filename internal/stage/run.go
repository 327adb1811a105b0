package stage

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// State is that of a run.
type State uint8

const (
	Running State = iota
	Completed
	Failed
	Canceled
	Left // its consumer wanted no more
)

// Others is the name of what is more than is told apart.
const Others = "others"

// mostStages is how many stages of a run are told apart; there are more only if names are made of data.
const mostStages = 256

// Run is what ran because somebody ran one stream, or several under one name.
type Run struct {
	Began time.Time
	Start time.Duration // on the clock of Now

	// Until its end nil or zero; then they do not change.
	Ended time.Time
	End   time.Duration
	State State
	Err   error // if it has failed; the host takes it away

	over atomic.Bool
	name string // of the first stage, or its own, and
	own  bool   // it is: it does not go by its source

	mu     sync.Mutex
	source *Stage              // the first one
	byKey  map[stageKey]*Stage // of many; few are found faster one by one
	stages []*Stage
	edges  []Edge
}

// stageKey is what makes stages the same: those that begin many times in a run, as the streams of a FlatMap do, are
// counted together.
type stageKey struct {
	scope *Stage
	kind  Kind
	name  string
}

// Edge says that items go from one stage to another; they are given by their positions in [Run.Stages].
type Edge struct {
	From, To int
	Aside    bool // it is none of the stream: to a sink that From runs beside it, or from within a call that To makes
}

func newRun(h Host, name string, own bool) *Run {
	r := &Run{name: bounded(name), own: own, Began: time.Now(), Start: Now()}
	h.Begin(r)
	return r
}

// Name is the run's; known tells that it stays. A run whose first stage is an exit that everybody uses is named after its
// source, once that has begun.
func (r *Run) Name() (name string, known bool) {
	if r.own {
		return r.name, true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.source != nil {
		return r.source.Name, true
	}
	return r.name, false
}

// mostOfName is how many bytes a name has.
const mostOfName = 200

// bounded gives a name that is UTF-8, and not long.
func bounded(name string) string {
	if len(name) <= mostOfName && utf8.ValidString(name) {
		return name
	}
	n := min(len(name), mostOfName)
	for n > 0 && n < len(name) && !utf8.RuneStart(name[n]) {
		n--
	}
	short := strings.Clone(strings.ToValidUTF8(name[:n], "\uFFFD"))
	if n < len(name) {
		short += "…"
	}
	return short
}

// finish ends the run.
func (r *Run) finish(h Host, s State, err error) {
	if r.over.Swap(true) {
		return
	}
	r.mu.Lock()
	r.Ended, r.End, r.State = time.Now(), Now(), s
	if s == Failed {
		r.Err = err
	}
	r.mu.Unlock()
	h.End(r)
}

// Outcome is the run's state, and the times that it has if it has ended.
func (r *Run) Outcome() (s State, ended time.Time, end time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.State, r.Ended, r.End
}

// Graph gives the stages that have begun so far, and the edges between them.
func (r *Run) Graph() ([]*Stage, []Edge) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stages[:len(r.stages):len(r.stages)], r.edges[:len(r.edges):len(r.edges)]
}

// stage gives the stage of a name in a scope: the stage that it feeds, perhaps aside, or for a sink the one that runs it.
func (r *Run) stage(scope *Stage, kind Kind, name string, aside bool) *Stage {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := stageKey{scope, kind, bounded(name)}
	s := r.find(k)
	if s == nil && len(r.stages) >= mostStages {
		k.name = Others
		s = r.find(k)
		if s == nil {
			k.scope, scope = nil, nil
			s = r.find(k)
		}
	}
	if s == nil {
		s = &Stage{ID: len(r.stages), Kind: kind, Name: k.name, scope: k.scope}
		r.add(k, s)
		if kind == Source && !aside && r.source == nil {
			r.source = s
		}
		if scope != nil && kind != Sink {
			r.edges = append(r.edges, Edge{From: s.ID, To: scope.ID, Aside: aside})
		}
	}
	return s
}

// fewStages are looked through one by one.
const fewStages = 16

func (r *Run) find(k stageKey) *Stage {
	if r.byKey != nil {
		return r.byKey[k]
	}
	for _, s := range r.stages {
		if s.Name == k.name && s.Kind == k.kind && s.scope == k.scope {
			return s
		}
	}
	return nil
}

func (r *Run) add(k stageKey, s *Stage) {
	r.stages = append(r.stages, s)
	switch {
	case r.byKey != nil:
		r.byKey[k] = s
	case len(r.stages) > fewStages:
		r.byKey = make(map[stageKey]*Stage, 2*len(r.stages))
		for _, s := range r.stages {
			r.byKey[stageKey{s.scope, s.Kind, s.Name}] = s
		}
	}
}

// link notes that items go aside from one stage to another.
func (r *Run) link(from, to *Stage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := Edge{From: from.ID, To: to.ID, Aside: true}
	if !slices.Contains(r.edges, e) {
		r.edges = append(r.edges, e)
	}
}
