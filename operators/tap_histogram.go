package operators

import (
	"context"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Histogram tells how values are distributed, such as latencies or sizes: by quantiles that are right to 1%. It is an
// HDR histogram (hdrhistogram.org) of values from 0 to 2^42, which is 73 minutes in nanoseconds or 4 TiB; what is beyond
// counts as the nearest of these. It takes 40 KB, whatever is recorded. The zero value is ready. It may be used by any
// number of goroutines; it must not be copied.
type Histogram struct {
	mu     sync.Mutex // for the ten nanoseconds or so of a record
	values *hdrhistogram.Histogram
}

const (
	histogramMost   = 1 << 42
	histogramDigits = 2
)

// Record notes a value.
func (h *Histogram) Record(v int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.values == nil {
		h.values = hdrhistogram.New(1, histogramMost, histogramDigits)
	}
	_ = h.values.RecordValue(min(max(v, 0), histogramMost)) // fails only for what is out of range
}

// Distribution is what a [Histogram] tells; all zero if nothing was recorded.
type Distribution struct {
	Count               int64
	Mean                float64
	Min, Max            int64
	P50, P95, P99, P999 int64 // quantiles: half of the values are at most P50, 99.9% at most P999
}

// Read tells what was recorded so far.
func (h *Histogram) Read() Distribution {
	h.mu.Lock()
	defer h.mu.Unlock()
	return distribution(h.values)
}

func distribution(v *hdrhistogram.Histogram) Distribution {
	if v == nil {
		return Distribution{}
	}
	return Distribution{
		Count: v.TotalCount(), Mean: v.Mean(), Min: v.Min(), Max: v.Max(),
		P50: v.ValueAtQuantile(50), P95: v.ValueAtQuantile(95), P99: v.ValueAtQuantile(99), P999: v.ValueAtQuantile(99.9),
	}
}

// AtMost tells, beside what Read does at the same moment, for each of some bounds how many values were at most that, to 1%:
// for those who show a histogram in buckets of their own.
func (h *Histogram) AtMost(bounds ...int64) (counts []int64, d Distribution) {
	h.mu.Lock()
	v := h.values
	if v != nil {
		v = v.Clone() // so that nobody waits while the rest is done
	}
	h.mu.Unlock()
	counts = make([]int64, len(bounds))
	if v == nil {
		return counts, Distribution{}
	}
	for _, bar := range v.Distribution() {
		if bar.Count == 0 {
			continue
		}
		for i, bound := range bounds {
			if bar.From <= bound {
				counts[i] += bar.Count
			}
		}
	}
	return counts, distribution(v)
}

// Sizes are hooks that record the size of each item, in the unit of size.
func Sizes[T any](h *Histogram, size func(T) int) Hooks[T] {
	if h == nil || size == nil {
		panic("operators.Sizes: nil histogram or function")
	}
	return Hooks[T]{OnNext: func(v T) { h.Record(int64(size(v))) }}
}

// UpstreamLatency are hooks that record how long upstream took for each item since it was asked for it, in nanoseconds:
// the time that downstream takes does not count. They read the clock twice an item, which is most of what they cost.
func UpstreamLatency[T any](h *Histogram) Hooks[T] {
	if h == nil {
		panic("operators.UpstreamLatency: nil histogram")
	}
	return Hooks[T]{PerRun: func(context.Context) Hooks[T] {
		var asked time.Time
		return Hooks[T]{
			OnStart:   func() { asked = time.Now() },
			OnNext:    func(T) { h.Record(int64(time.Since(asked))) },
			AfterNext: func(T) { asked = time.Now() },
		}
	}}
}

// DownstreamLatency are hooks that record how long downstream took for each item, until it wanted the next, in
// nanoseconds. They cost as UpstreamLatency does.
func DownstreamLatency[T any](h *Histogram) Hooks[T] {
	if h == nil {
		panic("operators.DownstreamLatency: nil histogram")
	}
	return Hooks[T]{PerRun: func(context.Context) Hooks[T] {
		var given time.Time
		return Hooks[T]{
			OnNext:    func(T) { given = time.Now() },
			AfterNext: func(T) { h.Record(int64(time.Since(given))) },
		}
	}}
}
