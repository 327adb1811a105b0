package sink

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rxcql/rxcql/cql"
)

// Report is what a write did, up to its end, however that came: it counts in each case. As JSON it has durations in
// seconds, classes by their names, and the rate, and it can be read back.
type Report struct {
	Written    int64 // rows that the server acknowledged
	NotApplied int64 // rows whose condition (IF …) did not hold: not written, which is an answer and no failure
	Empty      int64 // rows that had nothing to be set, so that nothing was sent for them
	Dead       int64 // rows that could not be written and went to the dead letters
	Retried    int64 // requests that were sent again
	Batches    int64 // requests, among those acknowledged, that carried more than one row
	Bytes      int64 // of the values of the rows that were written, encoded
	Elapsed    time.Duration
	Latency    Latency

	DeadOf map[cql.Class]int64 // the dead rows by the class of their failure; nil if there are none
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
	fmt.Fprintf(&b, "%s written in %v (%.0f/s, %s)", amount(r.Written, "row"), rounded(r.Elapsed), r.Rate(), size(r.Bytes))
	for _, n := range []struct {
		count int64
		of    string
		what  string
	}{
		{r.Batches, "request", "in batches: %s of several rows"}, {r.Retried, "request", "%s sent again"},
		{r.NotApplied, "row", "%s not applied"}, {r.Empty, "row", "%s with nothing to be set"}, {r.Dead, "row", "%s dead"},
	} {
		if n.count > 0 {
			fmt.Fprintf(&b, ", "+n.what, amount(n.count, n.of))
		}
	}
	between := " ("
	for _, c := range slices.Sorted(maps.Keys(r.DeadOf)) {
		fmt.Fprintf(&b, "%s%v: %d", between, c, r.DeadOf[c])
		between = ", "
	}
	if len(r.DeadOf) > 0 {
		b.WriteByte(')')
	}
	if l := r.Latency; l.Max > 0 {
		fmt.Fprintf(&b, "; a request took %v (median), %v (99%%), %v at most", rounded(l.P50), rounded(l.P99), rounded(l.Max))
	}
	return b.String()
}

// amount is so many of something.
func amount(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
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
