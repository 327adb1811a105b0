package flow

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// Options of a [Monitor]. The zero value is ready.
type Options struct {
	// Keep is how many ended runs are kept: the last ones, and, apart from these, the last ones that failed, so many of
	// each. 0 is for 100; less than 0 for none.
	Keep int
	// Pipelines is how many names of runs are told apart in the totals; see [Pipeline]. What has other names is added up
	// as [Others]. 0 is for 100.
	Pipelines int
	// ErrorText gives the text of the error that a run failed with, for all who may see the monitor. If it is nil that is
	// what the error says, cut off after 300 bytes. The errors of this module hold no values and no secrets; those of your
	// functions may.
	ErrorText func(error) string
}

// Others is the name of pipelines, and of stages, that are more than are told apart.
const Others = "others"

const (
	keepByDefault  = 100
	namesByDefault = 100
)

// Monitor sees the runs of streams whose context it is in, by [With]; any number of them, at the same time too. Its memory
// is bounded by what is running, and by [Options].
//
// It has nothing to close: while it looks at streams that are fast, it has one goroutine, which ends with them.
type Monitor struct{ keeper keeper }

// NewMonitor makes a monitor.
func NewMonitor(o Options) *Monitor {
	switch {
	case o.Keep == 0:
		o.Keep = keepByDefault
	case o.Keep < 0:
		o.Keep = 0
	}
	if o.Pipelines <= 0 {
		o.Pipelines = namesByDefault
	}
	return &Monitor{keeper{
		options: o, running: make(map[*stage.Run]*record), totals: make(map[string]*totals),
		ended: recent{limit: o.Keep}, failed: recent{limit: o.Keep},
	}}
}

// With returns a context in which runs are seen by m, and by no other monitor.
func With(ctx context.Context, m *Monitor) context.Context { return stage.With(ctx, &m.keeper) }

// Named gives what src does a name: what is between it and the nearest named stages upstream of it, on the same
// goroutine. It is Reactor's name. Without a monitor it costs one look into the context a run.
//
//	clean := flow.Named(op.Map(rows, normalize), "clean")
//
// A name is for those who look at the monitor, and must be one of a few: names made of data, such as a key, are not told
// apart when there are many.
//
// Ordered. Not concurrent. Buffers nothing. On error: passes it on.
func Named[T any](src rx.Observable[T], name string) rx.Observable[T] {
	if src == nil {
		panic("flow.Named: nil stream")
	}
	return func(ctx context.Context, yield func(T) bool) error {
		return stage.Observe(ctx, stage.Step, name, src, yield)
	}
}

// Do calls f, and has the monitor show all that runs under f's context as one run of that name: a job that runs several
// streams, or one stream whose sink has no name to go by. f's error is the run's and is returned. Inside of another run it
// is one by itself. Without a monitor it only calls f.
//
//	err := flow.Do(ctx, "orders", func(ctx context.Context) error {
//		_, err := sink.Insert[Order](session, "shop.orders").Write(ctx, orders)
//		return err
//	})
func Do(ctx context.Context, name string, f func(context.Context) error) error {
	inner, p := stage.BeginRun(ctx, name)
	if p == nil {
		return f(ctx)
	}
	defer p.End(stage.ErrPanicked, false) // if f does not return
	err := f(inner)
	p.End(err, false)
	return err
}

// Snapshot tells what there is to be seen now. It takes some microseconds for each run, and holds up no stream; whoever
// shows it to people calls it once a second, say. What it returns is the caller's.
func (m *Monitor) Snapshot() Snapshot {
	now := stage.Now()
	s := Snapshot{At: time.Now(), Runs: []Run{}, Pipelines: []Pipeline{}} // JSON has lists for them in any case
	running, ended, totals := m.keeper.look()
	for _, at := range running {
		r := at.show(now)
		s.Runs = append(s.Runs, r)
		t := totals[r.Name]
		if t == nil {
			t = totals[Others]
		}
		for i := range r.Stages {
			t.add(r.Stages[i], true)
		}
	}
	for _, at := range ended {
		s.Runs = append(s.Runs, at.show(now))
	}
	for _, name := range slices.Sorted(maps.Keys(totals)) {
		s.Pipelines = append(s.Pipelines, totals[name].sorted())
	}
	return s
}
