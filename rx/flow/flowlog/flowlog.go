// Package flowlog writes the runs that a [flow.Monitor] sees to a log, as structured records of log/slog: when one begins,
// and how it ended.
//
//	monitor := flow.NewMonitor(flow.Options{})
//	done := flowlog.Start(monitor, slog.Default(), time.Second)
//	defer done()
//
// A run that begins is at level Debug, "run began"; one that completed, was left by its consumer or canceled, at Info, "run
// ended"; one that failed at Error, "run failed". The attributes are
//
//	id, pipeline    the run's number in the monitor, and its name
//	state           completed, left, canceled or failed
//	error           the text of what it failed with; see flow.Options for what is in it
//	seconds         how long it ran
//	items           that its sinks got
//	errors, retries, drops
//	                of all its stages, if there were any
//	bottleneck      the stage that it waited for, and its share of the time
//
// No value of an item is among them.
package flowlog

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/rxcql/rxcql/rx/flow"
)

// Start looks at the monitor again and again, and logs the runs that have begun and ended since, until done is called,
// which logs the rest, and waits until all is written. Streams never wait for the log: it is written by a goroutine of its
// own, which done ends. Of runs that end in numbers between two looks the monitor keeps the last ones, by flow.Options.Keep;
// how many others there were is one record. It panics if every is not positive.
func Start(m *flow.Monitor, l *slog.Logger, every time.Duration) (done func()) {
	if m == nil || l == nil || every <= 0 {
		panic("flowlog.Start: nil monitor or logger, or no time between looks")
	}
	w := &writer{log: l, begun: make(map[uint64]bool), ended: make(map[uint64]bool)}
	w.skip(m.Snapshot())
	stop := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		next := time.NewTicker(every)
		defer next.Stop()
		for {
			select {
			case <-next.C:
				w.look(m.Snapshot())
			case <-stop:
				w.look(m.Snapshot())
				return
			}
		}
	})
	return sync.OnceFunc(func() {
		close(stop)
		watcher.Wait()
	})
}

// writer writes what is new.
type writer struct {
	log   *slog.Logger
	begun map[uint64]bool // runs that are under way, and were logged
	ended map[uint64]bool // runs that have ended, and were logged, of those that the monitor has kept
	total int64           // runs that have ended
}

// skip notes what has been before.
func (w *writer) skip(s flow.Snapshot) {
	for i := range s.Runs {
		if r := &s.Runs[i]; r.State != flow.Running {
			w.ended[r.ID] = true
		}
	}
	w.total = total(s)
}

// look logs what has begun and ended.
func (w *writer) look(s flow.Snapshot) {
	begun, ended := make(map[uint64]bool), make(map[uint64]bool)
	var news []*flow.Run
	for i := range s.Runs {
		r := &s.Runs[i]
		if r.State != flow.Running {
			if ended[r.ID] = true; !w.ended[r.ID] {
				news = append(news, r)
			}
			continue
		}
		if begun[r.ID] = true; !w.begun[r.ID] {
			w.log.LogAttrs(context.Background(), slog.LevelDebug, "run began", slog.Uint64("id", r.ID), slog.String("pipeline", r.Name))
		}
	}
	slices.SortFunc(news, func(a, b *flow.Run) int { return cmp.Or(a.End.Compare(b.End), cmp.Compare(a.ID, b.ID)) })
	for _, r := range news {
		w.end(r)
	}
	now := total(s)
	if more := now - w.total - int64(len(news)); more > 0 {
		w.log.LogAttrs(context.Background(), slog.LevelInfo, "more runs ended than were kept", slog.Int64("runs", more))
	}
	w.begun, w.ended, w.total = begun, ended, now
}

// total is how many runs have ended.
func total(s flow.Snapshot) (n int64) {
	for _, p := range s.Pipelines {
		n += p.Completed + p.Failed + p.Canceled + p.Left
	}
	return n
}

// end logs a run that has ended.
func (w *writer) end(r *flow.Run) {
	level, message := slog.LevelInfo, "run ended"
	if r.State == flow.Failed {
		level, message = slog.LevelError, "run failed"
	}
	all := []slog.Attr{
		slog.Uint64("id", r.ID), slog.String("pipeline", r.Name), slog.String("state", string(r.State)),
	}
	if r.Error != "" {
		all = append(all, slog.String("error", r.Error))
	}
	all = append(all, slog.Float64("seconds", r.Seconds))
	var items, errors, retries, drops int64
	for i := range r.Stages {
		s := &r.Stages[i]
		if s.Kind == flow.Sink {
			items += s.In
		}
		errors, retries, drops = errors+s.Errors, retries+s.Retries, drops+s.Drops
	}
	all = append(all, slog.Int64("items", items))
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
	w.log.LogAttrs(context.Background(), level, message, all...)
}
