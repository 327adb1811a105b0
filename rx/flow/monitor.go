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
	// ErrorText gives the text of the error that a run failed with, for all who may see the monitor. No stream waits for it:
	// it is called once for each error that is kept, when somebody looks for the first time, on a goroutine of its own.
	//
	// If it is nil the text is what the error says, cut off after 300 bytes, and without what a server says in an error
	// message, which may have values of the statement in it, or what a panic was raised with: for these the error's code, and
	// "panicked". The errors of this module hold no values and no secrets besides; those of your functions may.
	ErrorText func(error) string
}

// Others is the name of pipelines, and of stages, that are more than are told apart.
const Others = stage.Others

const (
	keepByDefault  = 100
	namesByDefault = 100
)

// Monitor sees the runs of streams whose context it is in, by [With]; any number of them, at the same time too. Its memory
// is bounded by what is running, and by [Options].
//
// It has nothing to close: while it looks at streams that are fast, it has one goroutine, which ends with them. Another one
// makes the texts of errors, if there are new ones when somebody looks.
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

// WithName returns a context in which a run has that name, instead of that of its first stage or source: for streams that one
// makes for each request, say. It is used after [With]; inside of a run, or without a monitor, it does nothing.
//
//	orders, err := source.Query[Order](session, byCustomer, id).Rows().Collect(flow.WithName(ctx, "GET /orders"))
//
// As with [Named] there must be few names.
func WithName(ctx context.Context, name string) context.Context { return stage.WithName(ctx, name) }

// Snapshot tells what there is to be seen now. It takes some microseconds for each run, and holds up no stream; whoever
// shows it to people calls it once a second, say. What it returns is the caller's.
func (m *Monitor) Snapshot() Snapshot {
	running, ended, totals := m.keeper.look()
	m.keeper.tell(ended)
	now := stage.Now()                                                    // when all of them have begun
	s := Snapshot{At: time.Now(), Runs: []Run{}, Pipelines: []Pipeline{}} // JSON has lists for them in any case
	for _, at := range running {
		r := at.show(now)
		s.Runs = append(s.Runs, r)
		t := totalOf(totals, r.Name, m.keeper.options.Pipelines)
		t.Running++
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
