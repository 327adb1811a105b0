package live

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/rxcql/rxcql/rx/flow"
)

// shown is how many runs that are under way the page gets; it is told how many more there are.
const shown = 50

// recent is since when a run has ended just now: a few frames.
const recent = 3 * interval

// frame is what all who look get once. It does not change.
type frame struct {
	taken    time.Time
	snapshot flow.Snapshot
	event    []byte // as it is sent
}

// content is what the page gets.
type content struct {
	At time.Time `json:"at"`
	// Running are with all that is known of them, up to as many as are shown.
	Running []flow.Run `json:"running"`
	More    int        `json:"more"`
	// Ended are without their stages, which run.json has, unless that was just now: who sees a run end sees all of it.
	Ended  []flow.Run `json:"ended"`
	Totals []total    `json:"totals"`
}

// total is what the runs of one name add up to.
type total struct {
	Name      string `json:"name"`
	Running   int64  `json:"running"`
	Completed int64  `json:"completed"`
	Failed    int64  `json:"failed"`
	Canceled  int64  `json:"canceled"`
	Left      int64  `json:"left"`
	Read      int64  `json:"read"`    // by sources
	Written   int64  `json:"written"` // by sinks
	Errors    int64  `json:"errors"`
	Retries   int64  `json:"retries"`
	Drops     int64  `json:"drops"`
}

func newFrame(s flow.Snapshot) *frame {
	c := content{At: s.At, Running: []flow.Run{}, Ended: []flow.Run{}, Totals: []total{}}
	for _, r := range s.Runs {
		switch {
		case r.State != flow.Running:
			if s.At.Sub(r.End) > recent || len(c.Ended) >= shown {
				r.Stages, r.Edges = nil, nil
			}
			c.Ended = append(c.Ended, r)
		case len(c.Running) < shown:
			c.Running = append(c.Running, r)
		default:
			c.More++
		}
	}
	for _, p := range s.Pipelines {
		c.Totals = append(c.Totals, totalOf(p))
	}
	text, err := json.Marshal(c)
	if err != nil {
		panic("live: a snapshot that is no JSON: " + err.Error())
	}
	return &frame{taken: time.Now(), snapshot: s, event: slices.Concat([]byte("data: "), text, []byte("\n\n"))}
}

func totalOf(p flow.Pipeline) total {
	t := total{Name: p.Name, Running: p.Running, Completed: p.Completed, Failed: p.Failed, Canceled: p.Canceled, Left: p.Left}
	for _, s := range p.Stages {
		switch s.Kind {
		case flow.Source:
			t.Read += s.Out
		case flow.Sink:
			t.Written += s.In
		}
		t.Errors += s.Errors
		t.Retries += s.Retries
		t.Drops += s.Drops
	}
	return t
}
