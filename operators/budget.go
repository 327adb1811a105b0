package operators

import (
	"fmt"
	"math"
	"sync"
	"time"
)

// budgetMemory is how long a Budget saves up.
const budgetMemory = 10 * time.Second

// A Budget bounds retries to a share of the requests, for all who share it: Finagle's retry budget; gRPC's retry
// throttling serves the same end. While few requests fail, all of them may be retried. When all fail, a [Backoff] of 5
// attempts would multiply the load on a service that is down already by 5; one with a Budget of a share of 0.2 by 1.2.
//
// Make one for each service that can be overloaded, and give it to every Backoff of a stream that uses that service.
// When it is used up, a failure is final, as if the attempts were used up.
type Budget struct {
	share, perSecond float64

	mu      sync.Mutex // for a few instructions
	at      time.Time  // of what follows
	retries float64    // that may be made
	recent  float64    // requests; those of budgetMemory ago count for 1/e
}

// NewBudget makes a Budget that allows perSecond retries a second, and besides share times as many as there are
// requests: Finagle's defaults are 10 and 0.2. It is a token bucket; what is not used is saved up for about 10 seconds,
// so that in the first moment 10·perSecond retries are allowed at once, and at least one. It panics if a number is
// negative, or both are 0.
func NewBudget(share, perSecond float64) *Budget {
	if !(share >= 0 && perSecond >= 0 && share+perSecond > 0) {
		panic(fmt.Sprintf("operators.NewBudget: a share of %v and %v a second; both must be at least 0, and one more",
			share, perSecond))
	}
	b := &Budget{share: share, perSecond: perSecond, at: time.Now()}
	b.retries = b.most()
	return b
}

// Request counts a request, of which a share may be retried. [Retry] counts its runs, a Query its pages and an Insert
// its rows by themselves; for [RetryItem], which is only told of failures, the function that it calls must count. A nil
// Budget counts nothing.
func (b *Budget) Request() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pass()
	b.recent++
	b.retries += b.share // up to most, as of the next look
}

// spend tells whether there may be a retry, and takes it out. A nil Budget has no bound.
func (b *Budget) spend() bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pass()
	if b.retries < 1 {
		return false
	}
	b.retries--
	return true
}

// pass brings the counts from the time of the last one to now.
func (b *Budget) pass() {
	now := time.Now()
	passed := now.Sub(b.at)
	b.at = now
	b.recent *= math.Exp(-float64(passed) / float64(budgetMemory))
	b.retries = min(b.retries+b.perSecond*passed.Seconds(), b.most())
}

// most is how many retries may have been saved up.
func (b *Budget) most() float64 {
	return max(1, b.share*b.recent+b.perSecond*budgetMemory.Seconds())
}
