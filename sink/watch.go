package sink

import (
	"context"
	"time"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// name is the sink's for monitors. Statements of one's own may have values in them.
func (m Mutation[T]) name() string {
	switch m.verb {
	case insert:
		return "insert " + m.table
	case update:
		return "update " + m.table
	case remove:
		return "delete " + m.table
	default:
		return "exec"
	}
}

// watch has a monitor see what the Writer does; nil is none.
func (w *Writer[T]) watch(p *stage.Probe) {
	if w.probe = p; p == nil {
		return
	}
	r := w.record
	p.Counter("written_rows", r.written.Load)
	p.Counter("written_bytes", r.bytes.Load)
	p.Counter("batches", r.batches.Load)
	p.Counter("not_applied_rows", r.notApplied.Load)
	p.Counter(stage.Retries, r.retried.Load)
	p.Counter(stage.Drops, r.dead.Load)
	w.m.rates.watch(p)
	p.Buffer(roomBytes/rowOverhead, func() int { return int(w.held.Load()) })
	p.Gauge("requests_in_flight", func() float64 { return float64(w.pace.inFlight()) })
	p.Gauge("requests_window", func() float64 { return float64(w.pace.now()) })
	p.GaugeOf("latency_p99_seconds", stage.Max, func() float64 { return r.percentile(99).Seconds() })
}

// enter waits until there is room, and lets a monitor know if it has to.
func (w *Writer[T]) enter(ctx context.Context, weight int64) error {
	if w.probe == nil {
		return w.room.Acquire(ctx, weight)
	}
	if ctx.Err() == nil && w.room.TryAcquire(weight) {
		return nil
	}
	defer w.probe.Stop(stage.Requests, w.probe.Start(stage.Requests))
	return w.room.Acquire(ctx, weight)
}

// settled waits until the rows of a call are done with.
func (w *Writer[T]) settled(ctx context.Context, c *call[T]) error {
	defer w.probe.Stop(stage.Requests, w.probe.Start(stage.Requests))
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		return rx.Cause(ctx)
	case <-w.g.Done():
		return rx.Cause(w.g.Context())
	}
}

// inFlight is how many requests are under way.
func (p *pace) inFlight() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.flying
}

// percentile is how long a request took at most, of so many percent of those so far.
func (r *recorder) percentile(percent float64) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Duration(r.latency.ValueAtQuantile(percent)) * shortestLatency
}
