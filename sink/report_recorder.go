package sink

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/rxcql/rxcql/cql"
)

// recorder gathers what a write does, from any number of goroutines, for its Report.
type recorder struct {
	begun time.Time

	written, notApplied, empty, dead, retried, batches, bytes atomic.Int64

	deadOf [cql.Closed + 1]atomic.Int64 // by class

	mu      sync.Mutex // for some ten nanoseconds a request
	latency *hdrhistogram.Histogram
}

// What the histogram of latencies tells apart: microseconds, up to an hour, by two digits: 30 KB.
const (
	shortestLatency = time.Microsecond
	longestLatency  = time.Hour
	latencyDigits   = 2
)

// newRecorder makes a recorder of a write that begins now.
func newRecorder() *recorder {
	return &recorder{
		begun:   time.Now(),
		latency: hdrhistogram.New(1, int64(longestLatency/shortestLatency), latencyDigits),
	}
}

// answered notes that a request came to an end, by an answer, an error or its time-out, after so long.
func (r *recorder) answered(after time.Duration) {
	us := min(max(after, shortestLatency), longestLatency) / shortestLatency
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.latency.RecordValue(int64(us)) // fails only for what is out of range
}

// wrote notes a request that the server acknowledged, of so many rows, with the bytes of their encoded values.
func (r *recorder) wrote(rows, bytes int) {
	r.written.Add(int64(rows))
	r.bytes.Add(int64(bytes))
	if rows > 1 {
		r.batches.Add(1)
	}
}

// buried notes a row that went to the dead letters for a failure of a class, and tells how many did.
func (r *recorder) buried(c cql.Class) int64 {
	r.deadOf[c].Add(1)
	return r.dead.Add(1)
}

// settled is how many rows have come to an end, whatever that was.
func (r *recorder) settled() int64 {
	return r.written.Load() + r.notApplied.Load() + r.empty.Load() + r.dead.Load()
}

// report is what was done so far. It may be called at any time.
func (r *recorder) report() Report {
	report := Report{
		Written: r.written.Load(), NotApplied: r.notApplied.Load(), Empty: r.empty.Load(), Dead: r.dead.Load(),
		Retried: r.retried.Load(),
		Batches: r.batches.Load(), Bytes: r.bytes.Load(), Elapsed: time.Since(r.begun),
	}
	for c := range r.deadOf {
		if n := r.deadOf[c].Load(); n > 0 {
			if report.DeadOf == nil {
				report.DeadOf = make(map[cql.Class]int64)
			}
			report.DeadOf[cql.Class(c)] = n
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if h := r.latency; h.TotalCount() > 0 {
		quantile := func(percent float64) time.Duration {
			return time.Duration(h.ValueAtQuantile(percent)) * shortestLatency
		}
		report.Latency = Latency{
			Mean: time.Duration(h.Mean() * float64(shortestLatency)), Max: time.Duration(h.Max()) * shortestLatency,
			P50: quantile(50), P95: quantile(95), P99: quantile(99), P999: quantile(99.9),
		}
	}
	return report
}
