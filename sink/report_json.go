package sink

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/deadletter"
)

// reportJSON is a Report as JSON.
type reportJSON struct {
	Written    int64            `json:"written"`
	NotApplied int64            `json:"not_applied"`
	Empty      int64            `json:"empty"`
	Dead       int64            `json:"dead"`
	DeadOf     map[string]int64 `json:"dead_by_class,omitempty"`
	Retried    int64            `json:"retried"`
	Batches    int64            `json:"batches"`
	Bytes      int64            `json:"bytes"`
	Elapsed    seconds          `json:"elapsed_s"`
	Rate       float64          `json:"rows_per_second"`
	Latency    latencyJSON      `json:"latency"`
}

type latencyJSON struct {
	Mean seconds `json:"mean_s"`
	P50  seconds `json:"p50_s"`
	P95  seconds `json:"p95_s"`
	P99  seconds `json:"p99_s"`
	P999 seconds `json:"p999_s"`
	Max  seconds `json:"max_s"`
}

type seconds float64

func inSeconds(d time.Duration) seconds   { return seconds(d.Seconds()) }
func (s seconds) duration() time.Duration { return time.Duration(math.Round(float64(s) * 1e9)) }

// MarshalJSON gives the report with names in snake_case; those of durations end in _s for seconds.
func (r Report) MarshalJSON() ([]byte, error) {
	l := r.Latency
	out := reportJSON{
		r.Written, r.NotApplied, r.Empty, r.Dead, nil, r.Retried, r.Batches, r.Bytes, inSeconds(r.Elapsed), r.Rate(),
		latencyJSON{
			inSeconds(l.Mean), inSeconds(l.P50), inSeconds(l.P95), inSeconds(l.P99), inSeconds(l.P999), inSeconds(l.Max),
		},
	}
	for c, n := range r.DeadOf {
		if out.DeadOf == nil {
			out.DeadOf = make(map[string]int64)
		}
		out.DeadOf[c.Error()] = n
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON has written.
func (r *Report) UnmarshalJSON(text []byte) error {
	var in reportJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return fmt.Errorf("sink: a report: %w", err)
	}
	l := in.Latency
	read := Report{
		Written: in.Written, NotApplied: in.NotApplied, Empty: in.Empty, Dead: in.Dead, Retried: in.Retried,
		Batches: in.Batches, Bytes: in.Bytes, Elapsed: in.Elapsed.duration(),
		Latency: Latency{
			l.Mean.duration(), l.P50.duration(), l.P95.duration(), l.P99.duration(), l.P999.duration(), l.Max.duration(),
		},
	}
	for name, n := range in.DeadOf {
		c, err := deadletter.ClassOf(name)
		if err != nil {
			return fmt.Errorf("sink: a report: %w", err)
		}
		if read.DeadOf == nil {
			read.DeadOf = make(map[cql.Class]int64)
		}
		read.DeadOf[c] = n
	}
	*r = read
	return nil
}
