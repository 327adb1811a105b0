package operators

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/internal/stage"
)

// Limiter lets so many calls be under way at a time, and may change how many as it learns how long they take. It is
// what the AdaptiveLimiter of github.com/failsafe-go/failsafe-go has.
type Limiter[P Permit] interface {
	// AcquirePermit waits until one more call may begin, or ctx has ended.
	AcquirePermit(ctx context.Context) (P, error)
}

// Permit is given back by one of its methods when the call has ended.
type Permit interface {
	// Record gives it back and tells that the call took as long as the permit was held.
	Record()
	// Drop gives it back without telling anything.
	Drop()
}

// Limited makes of f, for use with [MapAsync] and its like, a function of which l decides how many calls are under way:
// the adaptive concurrency limit of failsafe-go, which goes down as calls take longer and up again as they do not. The
// n of MapAsync is the upper bound, and what n - limit calls do is wait. l may be shared by streams, which then share
// its limit; it is the exemption from rule 4 of package rx.
//
//	limiter := adaptivelimiter.NewBuilder[any]().WithLimits(1, 128, 16).Build()
//	written := op.MapAsync(rows, 128, op.Limited(limiter, write))
//
// Package contrib/failsafe, a module of its own, has an example and tests with that limiter.
//
// A call counts, with the time that it took, if it came to an answer, also if that is an error: as in failsafe-go. One
// that panicked, or whose context had ended, does not count. An error of l, which may refuse to let calls wait, is the
// call's, wrapped. It panics if l or f is nil.
func Limited[T, U any, P Permit](
	l Limiter[P], f func(context.Context, T) (U, error),
) func(context.Context, T) (U, error) {
	given("Limited", l, f)
	return func(ctx context.Context, v T) (u U, err error) {
		permit, err := acquired(ctx, l)
		if err != nil {
			return u, fmt.Errorf("operators.Limited: no permit to begin the call: %w", err)
		}
		answered := false
		defer func() {
			if answered {
				permit.Record()
			} else {
				permit.Drop()
			}
		}()
		u, err = f(ctx, v)
		answered = err == nil || ctx.Err() == nil
		return u, err
	}
}

// acquired waits for a permit. A monitor sees who waits, and, if the limiter tells them, as failsafe-go's does, its limit, and
// how many permits are in use.
func acquired[P Permit](ctx context.Context, l Limiter[P]) (P, error) {
	seen := stage.From(ctx)
	if seen == nil {
		return l.AcquirePermit(ctx)
	}
	if l, ok := l.(interface{ Limit() int }); ok {
		seen.GaugeOf("limiter_limit", stage.Max, func() float64 { return float64(l.Limit()) })
	}
	if l, ok := l.(interface{ Inflight() int }); ok {
		seen.GaugeOf("limiter_in_flight", stage.Max, func() float64 { return float64(l.Inflight()) })
	}
	began := seen.Start(stage.Limited)
	defer seen.Stop(stage.Limited, began)
	return l.AcquirePermit(ctx)
}
