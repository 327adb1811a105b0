package sink

import (
	"context"
	"sync"
	"time"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/rx"
)

// Requests under way for each node: to begin with, and at most.
const (
	perNode     = 16
	mostPerNode = 128
)

// pace decides how many requests are under way: a window that goes up by one for each round trip in which it was full,
// and down by 3/10, once a round trip, when a request was too much for the server: AIMD, as TCP's congestion window and
// AIMDLimit of Netflix's concurrency-limits have it. Since a server that is at its limit queues requests long before
// it refuses any, the latency is a brake, as with TCP Vegas: from twice the lowest that was seen the window grows no
// more, and from three times it shrinks again, though not below what it began with. Every 30 seconds it goes back to that
// to find the lowest latency anew, as BBR does every 10 for its lowest round-trip time: a server changes, and so do rows.
//
// A round trip ends with the first answer to a request that was sent after it began.
type pace struct {
	fixed       bool
	begin, most int

	mu      sync.Mutex // for a few instructions
	limit   int
	flying  int
	waiting []*turn // first come, first served

	sent    int64         // requests so far
	round   int64         // the round trip ends with a request from this one on
	cut     int64         // requests before this one do not lower the limit again
	full    bool          // in this round trip somebody had to wait
	took    time.Duration // in this round trip, by that many successful requests
	answers int
	lowest  time.Duration // mean of a round trip since then:
	since   time.Time
}

// What latency means, as multiples of the lowest, and how long that is valid.
const (
	endsGrowth = 2
	shrinks    = 3
	renewed    = 30 * time.Second
)

// turn is one request's place in the window.
type turn struct {
	number int64
	begun  time.Time
	ready  chan struct{} // nil if there was no need to wait
}

// fixedPace lets n requests be under way, always.
func fixedPace(n int) *pace { return &pace{fixed: true, begin: n, most: n, limit: n} }

// adaptivePace finds out how many requests so many nodes can do with.
func adaptivePace(nodes int) *pace {
	nodes = max(nodes, 1)
	return &pace{begin: perNode * nodes, most: mostPerNode * nodes, limit: perNode * nodes}
}

// enter waits until one more request may be under way, or ctx has ended.
func (p *pace) enter(ctx context.Context) (*turn, error) {
	t := &turn{}
	p.mu.Lock()
	if len(p.waiting) == 0 && p.flying < p.limit {
		p.start(t)
		p.mu.Unlock()
	} else {
		t.ready = make(chan struct{})
		p.waiting = append(p.waiting, t)
		p.full = true
		p.mu.Unlock()
		select {
		case <-t.ready:
		case <-ctx.Done():
			p.giveUp(t)
			return nil, rx.Cause(ctx)
		}
	}
	t.begun = time.Now()
	return t, nil
}

// start counts a request. p.mu is held.
func (p *pace) start(t *turn) {
	p.flying++
	p.sent++
	t.number = p.sent
}

// admit lets those in who wait and for whom there is a place. p.mu is held.
func (p *pace) admit() {
	for len(p.waiting) > 0 && p.flying < p.limit {
		t := p.waiting[0]
		p.waiting[0] = nil
		p.waiting = p.waiting[1:]
		p.start(t)
		close(t.ready)
	}
}

// giveUp is for one who does not wait any longer.
func (p *pace) giveUp(t *turn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, w := range p.waiting {
		if w == t {
			p.waiting = append(p.waiting[:i], p.waiting[i+1:]...)
			return
		}
	}
	p.flying-- // it was let in meanwhile
	p.admit()
}

// leave gives the place back after a request that ended with err, and tells how long it took.
func (p *pace) leave(t *turn, err error) time.Duration {
	took := time.Since(t.begun)
	class := cql.ClassOf(err)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flying--
	if !p.fixed {
		switch {
		case err == nil:
			p.answered(t, took)
		case tooMuch(class) && t.number > p.cut:
			p.limit = max(p.limit*7/10, 1)
			p.cut = p.sent
			p.next()
		}
	}
	p.admit()
	return took
}

// tooMuch tells whether a failure says that the server has too much to do.
func tooMuch(class cql.Class) bool {
	switch class {
	case cql.Overloaded, cql.WriteTimeout, cql.ReadTimeout, cql.ClientTimeout, cql.CASUnknown:
		return true
	}
	return false
}

// answered learns from a request that succeeded. p.mu is held.
func (p *pace) answered(t *turn, took time.Duration) {
	p.took += took
	p.answers++
	if t.number <= p.round {
		return
	}
	mean := p.took / time.Duration(p.answers)
	if now := t.begun.Add(took); now.Sub(p.since) >= renewed {
		p.limit, p.lowest, p.since = min(p.limit, p.begin), 0, now
	}
	if p.lowest == 0 || mean < p.lowest {
		p.lowest = mean
	}
	switch {
	case mean >= shrinks*p.lowest && p.limit > p.begin:
		p.limit--
	case p.full && mean < endsGrowth*p.lowest:
		p.limit = min(p.limit+1, p.most)
	}
	p.next()
}

// next begins the next round trip. p.mu is held.
func (p *pace) next() {
	p.round, p.full, p.took, p.answers = p.sent, len(p.waiting) > 0, 0, 0
}

// now is how many requests may be under way now.
func (p *pace) now() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.limit
}
