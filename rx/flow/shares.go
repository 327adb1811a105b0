package flow

import (
	"time"

	"github.com/rxcql/rxcql/internal/stage"
)

// lane is a group of goroutines that do the same: that of a sink, with all stages up to the next boundaries; or those that
// run what is upstream of a boundary; or those that make a boundary's calls.
type lane struct {
	time time.Duration // that all of them had
	busy time.Duration // of it, they did not wait for others
	top  int           // the stage that took most of that,
	most time.Duration // which is so much
}

func (l *lane) add(i int, own time.Duration) {
	l.busy += own
	if own > l.most {
		l.top, l.most = i, own
	}
}

func (l *lane) share(t time.Duration) float64 {
	if l.time <= 0 {
		return 0
	}
	return min(max(float64(t)/float64(l.time), 0), 1)
}

// shares fills in which part of a window each stage took, and tells which is the bottleneck. d is what was done in it.
func (d *measurement) shares(all []Stage, window time.Duration) Bottleneck {
	roots := d.roots()
	lanes := make([]lane, len(all)) // by their roots
	calls := make([]lane, len(all)) // by their boundaries
	for i, r := range d.readings {
		lanes[i].time = max(window, r.Times[stage.Inner])
		calls[i].time = window * time.Duration(r.CallsMost)
	}
	ups := d.upstreams()
	for i := range all {
		waited, own, down, called := d.split(i, ups[i])
		s, on := &all[i], &lanes[roots[i]]
		if d.stages[i].Kind != stage.Boundary {
			if roots[i] != i || d.stages[i].Kind == stage.Sink { // a call counts as a whole
				on.add(i, own)
			}
			s.Share = Split{on.share(waited), on.share(own), on.share(down), on.share(d.requests(i, own))}
			continue
		}
		inner := &lanes[i]
		inner.add(i, own)
		calls[i].add(i, called)
		s.Share = Split{Upstream: on.share(waited), Own: inner.share(own), Downstream: inner.share(down)}
		if calls[i].time > 0 {
			s.Share.Own = max(s.Share.Own, calls[i].share(called))
		}
	}
	return bottleneck(all, lanes, calls)
}

// roots tells on whose lane each stage is: a sink's own, and for others that of the nearest sink or boundary downstream.
// Those inside of calls are on none, which is their own.
func (d *measurement) roots() []int {
	consumer := make([]int, len(d.stages))
	for i := range consumer {
		consumer[i] = i
	}
	for _, e := range d.edges {
		if !e.Aside && consumer[e.From] == e.From {
			consumer[e.From] = e.To
		}
	}
	roots := make([]int, len(d.stages))
	for i := range roots {
		at := i
		if d.stages[i].Kind != stage.Sink {
			at = consumer[i]
		}
		for range d.stages { // edges make no circle, but nothing here is to hang if they do
			if k := d.stages[at].Kind; k == stage.Sink || k == stage.Boundary {
				break
			}
			at = consumer[at]
		}
		roots[i] = at
	}
	return roots
}

// little is a share of the busiest lane's time that tells nothing.
const little = 0.005

// bottleneck finds the busiest lane, and of it the stage that takes most of its time.
func bottleneck(all []Stage, lanes, calls []lane) Bottleneck {
	var (
		busiest *lane
		most    = little
	)
	for _, group := range [][]lane{calls, lanes} {
		for i := range group {
			if l := &group[i]; l.most > 0 && l.share(l.busy) > most {
				busiest, most = l, l.share(l.busy)
			}
		}
	}
	if busiest == nil {
		return Bottleneck{}
	}
	s := all[busiest.top]
	return Bottleneck{Stage: s.ID, Name: s.Name, Kind: s.Kind, Share: busiest.share(busiest.most), Requests: s.Share.Requests}
}
