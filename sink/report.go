package sink

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Report is what a write did, up to its end, however that came: it counts in each case. As JSON it has durations in
// seconds, and the rate.
type Report struct {
	Written    int64 // rows that the server acknowledged
	NotApplied int64 // rows whose condition (IF …) did not hold: not written, which is an answer and no failure
	Dead       int64 // rows that could not be written and went to the dead letters
	Retried    int64 // requests that were sent again
	Batches    int64 // requests, among those acknowledged, that carried more than one row
	Bytes      int64 // of the values of the rows that were written, encoded
	Elapsed    time.Duration
	Latency    Latency
}

// Latency is how long requests took from being sent to an answer, an error and the client's time-out included: the
// waits before a request is sent again are not. Values of a quantile are at most 1% too high. All are 0 if there were
// no requests.
type Latency struct {
	Mean, P50, P95, P99, P999, Max time.Duration
}

// Rate is how many rows were written in a second.
func (r Report) Rate() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	return float64(r.Written) / r.Elapsed.Seconds()
}

// String is for people: what was written, how fast, and what was not as it should be, if there was any.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d rows written in %v (%.0f/s, %s)", r.Written, rounded(r.Elapsed), r.Rate(), size(r.Bytes))
	for _, n := range []struct {
		count int64
		what  string
	}{
		{r.Batches, "in batches: %d requests of several rows"}, {r.Retried, "%d requests sent again"},
		{r.NotApplied, "%d rows not applied"}, {r.Dead, "%d rows dead"},
	} {
		if n.count > 0 {
			fmt.Fprintf(&b, ", "+n.what, n.count)
		}
	}
	if l := r.Latency; l.Max > 0 {
		fmt.Fprintf(&b, "; a request took %v (median), %v (99%%), %v at most", rounded(l.P50), rounded(l.P99), rounded(l.Max))
	}
	return b.String()
}

// rounded leaves as many digits of a duration as anybody reads.
func rounded(d time.Duration) time.Duration {
	unit := time.Microsecond
	for unit < time.Second && d >= 1000*unit {
		unit *= 10
	}
	return d.Round(unit)
}

func size(bytes int64) string {
	value, unit := float64(bytes), 0
	for value >= 1024 && unit < 4 {
		value, unit = value/1024, unit+1
	}
	if unit == 0 {
		return fmt.Sprintf("%d bytes", bytes)
	}
	return fmt.Sprintf("%.1f %ciB", value, " KMGT"[unit])
}

// MarshalJSON gives the report with names in snake_case; those of durations end in _s for seconds.
func (r Report) MarshalJSON() ([]byte, error) {
	type latency struct {
		Mean float64 `json:"mean_s"`
		P50  float64 `json:"p50_s"`
		P95  float64 `json:"p95_s"`
		P99  float64 `json:"p99_s"`
		P999 float64 `json:"p999_s"`
		Max  float64 `json:"max_s"`
	}
	l := r.Latency
	return json.Marshal(struct {
		Written    int64   `json:"written"`
		NotApplied int64   `json:"not_applied"`
		Dead       int64   `json:"dead"`
		Retried    int64   `json:"retried"`
		Batches    int64   `json:"batches"`
		Bytes      int64   `json:"bytes"`
		Elapsed    float64 `json:"elapsed_s"`
		Rate       float64 `json:"rows_per_second"`
		Latency    latency `json:"latency"`
	}{
		r.Written, r.NotApplied, r.Dead, r.Retried, r.Batches, r.Bytes, r.Elapsed.Seconds(), r.Rate(),
		latency{
			l.Mean.Seconds(), l.P50.Seconds(), l.P95.Seconds(), l.P99.Seconds(), l.P999.Seconds(), l.Max.Seconds(),
		},
	})
}
