// Package flowlog writes the runs that a [flow.Monitor] sees to a log, as structured records of log/slog: when one begins,
// how it goes on, and how it ended.
//
//	monitor := flow.NewMonitor(flow.Options{})
//	done := flowlog.Start(monitor, slog.Default(), 10*time.Second)
//	defer done()
//
// A run that begins is at level Debug, "run began"; one that was there at the look before, too, at Info, "run goes on"; one
// that completed, was left by its consumer or canceled, at Info, "run ended"; one that failed at Error, "run failed". The
// attributes are
//
//	id, pipeline    the run's number in the monitor, and its name
//	state           completed, left, canceled or failed; of one that has ended
//	error           the text of what it failed with; see flow.Options for what is in it
//	class           the class of that error, if it has a cql.Class, such as "overloaded"
//	seconds         how long it ran, or has run so far
//	items           that its sinks got
//	per_second      items of late, of one that goes on
//	errors, retries, drops
//	                of all its stages, if there were any
//	bottleneck      the stage that it waits or waited for, and its share of the time
//
// At one look each of these is written of at most 50 runs, of those that ended the failed ones first, then those that took
// longest. How many others there were is a record for each pipeline and state, "more runs ended" or, at Error, "more runs
// failed", with the attributes pipeline, state and runs. So no failure is missing, though not each has a line.
//
// No value of an item is among them.
package flowlog

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/rxcql/rxcql/rx/flow"
)

const (
	mostRuns = 50              // of which each look writes
	patience = 5 * time.Second // for a log that hangs
)

// Start looks at the monitor at once and then each time that has passed, and logs the runs that have begun, go on and have
// ended since, until done is called, which logs the rest and waits until all is written; for a log that hangs it waits 5
// seconds. Streams never wait for the log: it is written by a goroutine of its own, which done ends. A record that the log
// panics at is lost, and counted by a later one. It panics if every is not positive.
func Start(m *flow.Monitor, l *slog.Logger, every time.Duration) (done func()) {
	if m == nil || l == nil || every <= 0 {
		panic("flowlog.Start: nil monitor or logger, or no time between looks")
	}
	w := &writer{log: l}
	w.look(m.Snapshot(), true)
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		next := time.NewTicker(every)
		defer next.Stop()
		for {
			select {
			case <-next.C:
				w.look(m.Snapshot(), false)
			case <-stop:
				w.look(m.Snapshot(), false)
				return
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(stop)
		over := time.NewTimer(patience)
		defer over.Stop()
		select {
		case <-ended:
		case <-over.C:
		}
	})
}

// writer writes what is new.
type writer struct {
	log    *slog.Logger
	seen   map[uint64]flow.State // the runs of the look before
	totals map[group]int64       // of runs that had ended by then
	lost   int64                 // records that the log panicked at
	why    any                   // it did so the last time
}

// group is what runs that have ended are counted by.
type group struct {
	pipeline string
	state    flow.State
}

// look logs what has begun, goes on and has ended. At first it only notes what has been before.
func (w *writer) look(s flow.Snapshot, first bool) {
	seen := make(map[uint64]flow.State, len(s.Runs))
	totals := totalsOf(s)
	var begun, on, ended []*flow.Run
	for i := range s.Runs {
		r := &s.Runs[i]
		before, known := w.seen[r.ID]
		switch seen[r.ID] = r.State; {
		case r.State != flow.Running:
			if before == flow.Running || !known {
				ended = append(ended, r)
			}
		case known:
			on = append(on, r)
		default:
			begun = append(begun, r)
		}
	}
	before := w.totals
	w.seen, w.totals = seen, totals
	if first { // those under way begin with it
		for _, r := range begun {
			delete(seen, r.ID)
		}
		return
	}
	w.tellLost()
	w.begin(begun)
	w.goOn(on)
	w.end(ended, before)
}

// totalsOf counts the runs that have ended.
func totalsOf(s flow.Snapshot) map[group]int64 {
	all := make(map[group]int64, 4*len(s.Pipelines))
	for _, p := range s.Pipelines {
		for state, n := range map[flow.State]int64{
			flow.Completed: p.Completed, flow.Failed: p.Failed, flow.Canceled: p.Canceled, flow.Left: p.Left,
		} {
			all[group{p.Name, state}] = n
		}
	}
	return all
}

// write writes a record. Whatever the log does is no reason to end the program.
func (w *writer) write(level slog.Level, message string, all ...slog.Attr) {
	defer func() {
		if why := recover(); why != nil {
			w.lost++
			w.why = why
		}
	}()
	w.log.LogAttrs(context.Background(), level, message, all...)
}

// tellLost tells of records that the log did not take.
func (w *writer) tellLost() {
	if n := w.lost; n > 0 {
		if w.write(slog.LevelError, "the log panicked", slog.Int64("records", n), slog.String("panic", fmt.Sprintf("%T", w.why))); w.lost == n {
			w.lost = 0
		}
	}
}

func (w *writer) begin(runs []*flow.Run) {
	for _, r := range runs[:min(len(runs), mostRuns)] {
		w.write(slog.LevelDebug, "run began", slog.Uint64("id", r.ID), slog.String("pipeline", r.Name))
	}
	if more := len(runs) - mostRuns; more > 0 {
		w.write(slog.LevelDebug, "more runs began", slog.Int("runs", more))
	}
}

func (w *writer) goOn(runs []*flow.Run) {
	for _, r := range runs[:min(len(runs), mostRuns)] { // the first ones first
		rate := 0.0
		for i := range r.Stages {
			if r.Stages[i].Kind == flow.Sink {
				rate += r.Stages[i].PerSecond
			}
		}
		w.write(slog.LevelInfo, "run goes on", slices.Concat(names(r), []slog.Attr{slog.Float64("seconds", r.Seconds)},
			figures(r, slog.Float64("per_second", rate)))...)
	}
	if more := len(runs) - mostRuns; more > 0 {
		w.write(slog.LevelInfo, "more runs go on", slog.Int("runs", more))
	}
}

// end logs runs that have ended since there were as many as before tells.
func (w *writer) end(runs []*flow.Run, before map[group]int64) {
	more := make(map[group]int64)
	for g, n := range w.totals {
		more[g] = n - before[g]
	}
	slices.SortFunc(runs, func(a, b *flow.Run) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Seconds, a.Seconds), cmp.Compare(a.ID, b.ID))
	})
	runs = runs[:min(len(runs), mostRuns)]
	slices.SortFunc(runs, func(a, b *flow.Run) int { return cmp.Or(a.End.Compare(b.End), cmp.Compare(a.ID, b.ID)) })
	for _, r := range runs {
		g := group{r.Name, r.State}
		if _, told := w.totals[g]; !told {
			g.pipeline = flow.Others
		}
		more[g]--
		w.endOf(r)
	}
	groups := make([]group, 0, len(more))
	for g, n := range more {
		if n > 0 {
			groups = append(groups, g)
		}
	}
	slices.SortFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.pipeline, b.pipeline), cmp.Compare(a.state, b.state))
	})
	for _, g := range groups {
		level, message := slog.LevelInfo, "more runs ended"
		if g.state == flow.Failed {
			level, message = slog.LevelError, "more runs failed"
		}
		w.write(level, message, slog.String("pipeline", g.pipeline), slog.String("state", string(g.state)), slog.Int64("runs", more[g]))
	}
}

// rank is 0 for runs that have failed.
func rank(r *flow.Run) int {
	if r.State == flow.Failed {
		return 0
	}
	return 1
}

// endOf logs a run that has ended.
func (w *writer) endOf(r *flow.Run) {
	level, message := slog.LevelInfo, "run ended"
	if r.State == flow.Failed {
		level, message = slog.LevelError, "run failed"
	}
	all := append(names(r), slog.String("state", string(r.State)))
	if r.Error != "" {
		all = append(all, slog.String("error", r.Error))
	}
	if r.Class != "" {
		all = append(all, slog.String("class", r.Class))
	}
	all = append(all, slog.Float64("seconds", r.Seconds))
	w.write(level, message, append(all, figures(r)...)...)
}

func names(r *flow.Run) []slog.Attr {
	return []slog.Attr{slog.Uint64("id", r.ID), slog.String("pipeline", r.Name)}
}

// figures are what the stages of a run tell, with more behind the items.
func figures(r *flow.Run, more ...slog.Attr) []slog.Attr {
	var items, errors, retries, drops int64
	for i := range r.Stages {
		s := &r.Stages[i]
		if s.Kind == flow.Sink {
			items += s.In
		}
		errors, retries, drops = errors+s.Errors, retries+s.Retries, drops+s.Drops
	}
	all := append([]slog.Attr{slog.Int64("items", items)}, more...)
	for _, n := range []struct {
		name string
		n    int64
	}{{"errors", errors}, {"retries", retries}, {"drops", drops}} {
		if n.n > 0 {
			all = append(all, slog.Int64(n.name, n.n))
		}
	}
	if r.Bottleneck.Kind != "" {
		all = append(all, slog.String("bottleneck", r.Bottleneck.String()))
	}
	return all
}
