package flow

import (
	"fmt"
	"time"
)

// Snapshot is what a [Monitor] has seen. Its JSON names have the units in them: numbers are counts where they have none,
// and shares are from 0 to 1.
type Snapshot struct {
	At time.Time `json:"at"`
	// Runs are those that are under way, the first one first, and then those that have ended, the last one first.
	Runs []Run `json:"runs"`
	// Pipelines are the totals of all runs since the monitor was made, by name, in the order of the names.
	Pipelines []Pipeline `json:"pipelines"`
}

// State is that of a run.
type State string

const (
	Running   State = "running"
	Completed State = "completed"
	Failed    State = "failed"
	Canceled  State = "canceled" // its context had ended
	Left      State = "left"     // its consumer wanted no more
)

// Run is one run of a stream, or of several that [Do] has put together.
type Run struct {
	ID   uint64 `json:"id"` // of this monitor
	Name string `json:"name"`

	State State     `json:"state"`
	Start time.Time `json:"start"`
	End   time.Time `json:"end,omitzero"`
	// Seconds is how long it has run.
	Seconds float64 `json:"seconds"`
	// Error is the text of what it failed with; see [Options].
	Error string `json:"error,omitempty"`
	// Class is that of the error, such as "overloaded", if it has a cql.Class.
	Class string `json:"class,omitempty"`

	// WindowSeconds is how much time rates and shares are of, up to At: for a run that is under way about the last 5
	// seconds, if somebody takes snapshots often enough, else the time since the last one; for one that has ended, all.
	WindowSeconds float64    `json:"window_seconds"`
	Bottleneck    Bottleneck `json:"bottleneck,omitzero"`

	// Stages are in the order in which they began first: sinks before what they read from.
	Stages []Stage `json:"stages"`
	Edges  []Edge  `json:"edges"`
}

// Kind is what a stage is to its stream.
type Kind string

const (
	Source   Kind = "source"   // it has no upstream
	Step     Kind = "step"     // its upstream is on its own goroutine: what has a name by [Named], and what makes items wait
	Boundary Kind = "boundary" // its upstream is on other goroutines: a buffer, or several calls at a time
	Sink     Kind = "sink"     // it has no downstream
)

// Stage is a part of a run. Those of the same kind and name that feed the same one, as the streams have that a FlatMap
// makes, are one Stage.
type Stage struct {
	ID   int    `json:"id"` // in its run
	Name string `json:"name"`
	Kind Kind   `json:"kind"`

	Running int64 `json:"running"` // how many such are under way
	Begun   int64 `json:"begun"`   // how many have been, with these

	In  int64 `json:"items_in"`
	Out int64 `json:"items_out"` // a sink has none
	// PerSecond is the rate of Out, or of a sink's In, in the run's window.
	PerSecond float64 `json:"items_per_second"`

	Seconds Split `json:"seconds"` // since the run began; of stages that run several at a time, of all of them
	// Share is of the run's window, for the goroutine that the stage is on: 1 is all of its time. For a boundary, Upstream
	// is of its consumer's goroutine, Downstream of its upstream's, and Own of those that make its calls, or else of its
	// upstream's.
	Share Split `json:"share"`

	Buffer Level `json:"buffer,omitzero"` // of a boundary: items in it; of a sink that holds some: those that are not done with
	Calls  Level `json:"calls,omitzero"`  // of a boundary that makes calls: under way

	// LagSeconds is how far what comes out is behind what has come in, in a run that is under way: how long what is in Buffer
	// takes at the rate of the run's window, or of the whole run if few came out in that (Little's law). As long as nothing has
	// come out at all it is how long the run has taken.
	LagSeconds float64 `json:"lag_seconds,omitempty"`

	Errors  int64 `json:"errors"`  // that arose here, whatever became of them
	Retries int64 `json:"retries"` // of what had failed
	Drops   int64 `json:"drops"`   // items that were dropped, or became dead letters

	Values []Value `json:"values,omitempty"` // by their names; those that are no finite numbers are left out of the JSON
}

// Split is how the time of a stage is split up.
type Split struct {
	Upstream   float64 `json:"upstream"`   // waiting for its upstream; of a boundary, its consumer waits as it is empty
	Own        float64 `json:"own"`        // its own work, and what has no name between it and its upstream
	Downstream float64 `json:"downstream"` // what is downstream of it works; of a boundary, its upstream waits as it is full

	// Requests is the part of Own in which a sink of Cassandra waits until requests are done, as there is no room for more
	// rows, or no more come: for the server, or for its limiters, or to try again. The rest is its own work, such as encoding
	// rows. Of several streams at a time it is what they wait on average.
	Requests float64 `json:"requests,omitempty"`
}

// Level is how full something is.
type Level struct {
	Now int64 `json:"now"`
	Max int64 `json:"max"` // at most
}

// Value is a figure that a stage has beside those that all have: what a source, a sink or an operator knows of itself.
type Value struct {
	Name  string  `json:"name"`  // such as pages, wait_seconds
	Gauge bool    `json:"gauge"` // it goes up and down; else it is a count, which adds up
	Adds  Adds    `json:"adds,omitempty"`
	Value float64 `json:"value"`

	of int64 // how many it is the mean of
}

// Adds is how one figure is made of those of several stages or runs: counts are added up, and so are most gauges, but not all.
type Adds string

const (
	Sum  Adds = ""     // they are added up
	Max  Adds = "max"  // it is the largest, as of latencies
	Mean Adds = "mean" // it is the mean, as of the progress of scans
)

// Edge says that items go from one stage to another.
type Edge struct {
	From int `json:"from"`
	To   int `json:"to"`
	// Aside says that it is none of the stream itself: To gets items in a sink that From runs beside it, or From runs
	// inside of a call that To makes, such as that of a MapAsync.
	Aside bool `json:"aside,omitempty"`
}

// Bottleneck is the stage that a run waits for: of the goroutine that waits for others least, the one that takes most of
// the time. It is zero as long as nothing can be said.
type Bottleneck struct {
	Stage int     `json:"stage"` // its ID
	Name  string  `json:"name"`
	Kind  Kind    `json:"kind"`
	Share float64 `json:"share"` // of the goroutine's time

	Requests float64 `json:"requests,omitempty"` // of that time, the part that [Split] has
}

// String is like: the sink orders: 81% of the time, 75% waiting for requests.
func (b Bottleneck) String() string {
	if b.Kind == "" {
		return "not known yet"
	}
	name := string(b.Kind)
	if b.Name != name {
		name += " " + b.Name
	}
	return fmt.Sprintf("the %s: %s of the time%s", name, percent(b.Share), waiting(b.Requests))
}

// Pipeline is what the runs of one name add up to, so that numbers never go down as runs end and are forgotten: for
// metrics.
type Pipeline struct {
	Name      string `json:"name"`
	Running   int64  `json:"running"`
	Completed int64  `json:"completed"`
	Failed    int64  `json:"failed"`
	Canceled  int64  `json:"canceled"`
	Left      int64  `json:"left"`
	// Stages are those of one kind and name, wherever they are, in the order of their kinds and names. Levels and gauges are
	// of runs that are under way. Shares and rates are left out.
	Stages []Stage `json:"stages"`
}
