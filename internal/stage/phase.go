package stage

import "time"

// Phase is something that a stage does for a time.
type Phase uint8

const (
	Up       Phase = iota // a source or step is not in its yield
	Down                  // a source or step is in its yield
	Either                // one of the two; it is known which at the next tick
	Empty                 // the consumer of a boundary waits for an item
	Full                  // a producer of a boundary waits for space
	Inner                 // a sink, or a goroutine with what is upstream of a boundary, runs
	Calls                 // a call that a boundary makes is under way
	Limited               // somebody waits for a limiter
	Broken                // somebody waits for a circuit breaker
	Streams               // a sink that runs several streams runs one of them
	Requests              // one of them waits until requests are done
	Phases   = iota
)

// Start begins a phase, which [Probe.Stop] ends with what Start returned.
func (p *Probe) Start(ph Phase) time.Duration {
	if p == nil {
		return 0
	}
	now := Now()
	p.stage.mu.Lock()
	defer p.stage.mu.Unlock()
	p.stage.spans[ph].begin(now)
	return now
}

// Stop ends a phase.
func (p *Probe) Stop(ph Phase, began time.Duration) {
	if p == nil {
		return
	}
	now := Now()
	p.stage.mu.Lock()
	defer p.stage.mu.Unlock()
	p.stage.stop(ph, began, now)
}

// Await is a phase that ends with a signal; false when done is closed before.
func (p *Probe) Await(ph Phase, signal, done <-chan struct{}) bool {
	began := p.Start(ph)
	defer p.Stop(ph, began)
	select {
	case <-signal:
		return true
	case <-done:
		return false
	}
}
