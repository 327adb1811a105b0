package operators

import (
	"context"
	"time"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// Breaker is a circuit breaker: closed, it lets calls through and watches their results; open, after too many failures,
// it lets none through for a while; half-open, it lets a few try. It is what the CircuitBreaker of
// github.com/failsafe-go/failsafe-go has.
type Breaker interface {
	// TryAcquirePermit tells whether a call may be made. Its result must then be recorded.
	TryAcquirePermit() bool
	// RemainingDelay is how long the breaker will still be open, or 0.
	RemainingDelay() time.Duration
	IsHalfOpen() bool
	RecordSuccess()
	// RecordError records an error; whether it is a failure is up to the breaker.
	RecordError(error)
	RecordFailure()
}

// guardedLook is how often a call looks whether a half-open breaker lets it through.
const guardedLook = 10 * time.Millisecond

// Guarded makes of f, for use with [TryMap], [MapAsync] and their like, a function that is not called while b is open:
// a circuit breaker (Nygard, Release It!). Where a service would refuse its clients meanwhile, a stream can wait, and
// so this does: NO ITEM FAILS BECAUSE THE BREAKER IS OPEN, the call waits until it is not, and the stream with it. What
// fails are the items whose own calls do; with [RetryItem] without limit those wait for the breaker like the others,
// and none is lost. Tell it which errors mean that the other side is down, since an item that is refused for ever would
// be tried for ever, and a rule that says [Again] without a wait would spin until the breaker opens.
//
//	breaker := circuitbreaker.NewBuilder[any]().WithFailureThreshold(5).WithDelay(10 * time.Second).Build()
//	again := op.RetryItem[Row](op.Backoff{Attempts: -1}, op.Is(ErrDown)) // once the breaker lets it
//	written := op.MapAsync(rows, 16, op.Guarded(breaker, write), again)
//
// Package contrib/failsafe, a module of its own, has examples and tests with that breaker.
//
// To bound the wait give f's stream a [Timeout]. A stream that is to fail instead uses b by itself, in f. b may be
// shared by streams; it is the exemption from rule 4 of package rx.
//
// b judges the errors of f: let it not take for failures those that say nothing about the other side, such as an item
// that is refused. A call whose context had ended when it failed tells nothing and is not recorded, unless the breaker
// is half-open and waits for its result; that, and a panic, is a failure. It panics if b or f is nil.
func Guarded[T, U any](b Breaker, f func(context.Context, T) (U, error)) func(context.Context, T) (U, error) {
	given("Guarded", b, f)
	return func(ctx context.Context, v T) (u U, err error) {
		if err := admitted(ctx, b); err != nil {
			return u, err
		}
		returned := false
		defer func() {
			if !returned {
				b.RecordFailure()
			}
		}()
		u, err = f(ctx, v)
		returned = true
		switch {
		case err == nil:
			b.RecordSuccess()
		case ctx.Err() == nil:
			b.RecordError(err)
		case b.IsHalfOpen():
			b.RecordFailure()
		}
		return u, err
	}
}

// openShare is how open a breaker is: 0, 0.5 while it is half-open, or 1.
func openShare(b Breaker) float64 {
	switch {
	case b.IsHalfOpen():
		return 0.5
	case b.RemainingDelay() > 0:
		return 1
	default:
		return 0
	}
}

// admitted waits until b lets a call through, or returns why ctx has ended.
func admitted(ctx context.Context, b Breaker) error {
	seen := stage.From(ctx)
	if seen != nil {
		seen.GaugeOf("breaker_open_share", stage.Max, func() float64 { return openShare(b) })
	}
	if b.TryAcquirePermit() {
		return nil
	}
	began := seen.Start(stage.Broken)
	defer seen.Stop(stage.Broken, began)
	t := time.NewTimer(max(b.RemainingDelay(), guardedLook))
	defer t.Stop()
	for {
		select {
		case <-t.C:
		case <-ctx.Done():
			return rx.Cause(ctx)
		}
		if b.TryAcquirePermit() {
			return nil
		}
		t.Reset(max(b.RemainingDelay(), guardedLook))
	}
}
