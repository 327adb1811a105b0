package operators

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/rxcql/rxcql/rx"
)

// Backoff says how often to try and how long to wait in between: exponential backoff with full jitter, as described
// in "Exponential Backoff And Jitter" on the AWS Architecture Blog. The wait after the k-th failure is a random time
// between 0 and min(Max, Base·2^(k-1)), so that those who failed together do not come back together.
//
// The zero value makes up to 5 attempts, that is 4 retries, with waits of up to 100 ms doubling to at most 10 s.
type Backoff struct {
	// Attempts is the number of attempts in all, the first one included: 1 never retries. 0 means 5; a negative
	// number means without limit.
	Attempts int
	// Base is the longest wait after the first failure. 0 means 100 ms.
	Base time.Duration
	// Max bounds every wait. 0 means 10 s.
	Max time.Duration
	// NoJitter makes every wait as long as it may be, for tests and where the times must be known.
	NoJitter bool
	// Budget bounds the retries of all who share it to a share of their requests. nil is no bound. With [RetryItem] the
	// function that it calls must count the requests: see [Budget.Request].
	Budget *Budget
}

const (
	defaultAttempts = 5
	defaultBase     = 100 * time.Millisecond
	defaultMax      = 10 * time.Second
)

// Allow tells whether another attempt may follow the given number of failed ones, and takes it out of the Budget: ask
// it last, and only if the answer is acted on.
func (b Backoff) Allow(failed int) bool {
	attempts := b.Attempts
	if attempts == 0 {
		attempts = defaultAttempts
	}
	return (attempts < 0 || failed < attempts) && b.Budget.spend()
}

// delay is how long to wait after the given number of failed attempts, counted from 1; a new random time each call
// unless NoJitter is set.
func (b Backoff) delay(failed int) time.Duration {
	longest := b.longest(failed)
	if b.NoJitter {
		return longest
	}
	return rand.N(longest)
}

// Wait sleeps as long as one is to wait after the given number of failed attempts, counted from 1. It returns early,
// with the reason, when ctx ends.
func (b Backoff) Wait(ctx context.Context, failed int) error {
	return sleep(ctx, b.delay(failed))
}

// longest is Base doubled for each failure after the first, up to Max; always positive.
func (b Backoff) longest(failed int) time.Duration {
	wait, limit := b.Base, b.Max
	if wait <= 0 {
		wait = defaultBase
	}
	if limit <= 0 {
		limit = defaultMax
	}
	for k := 1; k < failed; k++ {
		if wait >= limit-wait { // that is 2·wait ≥ limit, without overflow
			return limit
		}
		wait *= 2
	}
	return min(wait, limit)
}

// sleep waits for d, or returns early with why ctx has ended.
func sleep(ctx context.Context, d time.Duration) error {
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
		}
	}
	return rx.Cause(ctx)
}
