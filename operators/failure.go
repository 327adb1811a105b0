package operators

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// Failure is an item on which a function failed.
type Failure[T any] struct {
	Item T
	// Err is the function's error. An [OnError] may replace it, to say more: it is what the stream fails with.
	Err error
	// Attempts is the number of calls made with the item so far, at least 1.
	Attempts int
}

// Decision is what becomes of the stream after an item on which a function failed. The terms Stop and Resume are
// those of Pekko's supervision strategies.
type Decision int

const (
	// Stop fails the stream with the failure's error. It is the zero value.
	Stop Decision = iota
	// Resume drops the item and goes on with the next.
	Resume
	// Again calls the function again with the same item. Waiting before it and giving up after some attempts is up
	// to the OnError that says so.
	Again
)

// String gives the name of the constant.
func (d Decision) String() string {
	if d < Stop || d > Again {
		return fmt.Sprintf("Decision(%d)", int(d))
	}
	return [...]string{"Stop", "Resume", "Again"}[d]
}

// OnError decides about an item on which a function failed. It is called on the goroutine on which the function
// failed and may block; the stream waits for it. It is not asked once ctx has ended. The failure is its own until it
// returns, and must not be kept.
type OnError[T any] func(ctx context.Context, f *Failure[T]) Decision

// decide asks each of rules in order until one says other than Stop.
func decide[T any](ctx context.Context, rules []OnError[T], failed *Failure[T]) Decision {
	for _, rule := range rules {
		if d := rule(ctx, failed); d != Stop {
			return d
		}
	}
	return Stop
}

// attempt calls f with item and, if that fails, does as the rules decide; what it returns is as with rescue.
func attempt[T, U any](
	ctx context.Context, f func(context.Context, T) (U, error), rules []OnError[T], item T,
) (u U, ok bool, failure error) {
	u, err := f(ctx, item)
	if err == nil {
		return u, true, nil
	}
	return rescue(ctx, f, rules, item, err)
}

// rescue deals with item after f has failed on it with err, and calls f as often as the rules want it again. ok tells
// whether u is a result; with neither ok nor an error the item is to be dropped. When ctx has ended, a failure is the
// end of ctx, whatever f called it.
func rescue[T, U any](
	ctx context.Context, f func(context.Context, T) (U, error), rules []OnError[T], item T, err error,
) (u U, ok bool, failure error) {
	failed := &Failure[T]{Item: item}
	seen := stage.From(ctx)
	for err != nil {
		failed.Err = err
		failed.Attempts++
		decision := Stop
		if ctx.Err() == nil {
			decision = decide(ctx, rules, failed)
		}
		// The end of ctx may also have come while a rule was waiting.
		if canceled := rx.Cause(ctx); canceled != nil {
			return u, false, canceled
		}
		switch decision {
		case Again:
			seen.Failed(1)
			seen.Retried(1)
			u, err = f(ctx, item)
		case Resume:
			seen.Failed(1)
			seen.Dropped(1)
			return u, false, nil
		default:
			if failed.Err == nil { // a rule that decided to stop cannot have meant that the stream completes
				failed.Err = err
			}
			return u, false, failed.Err
		}
	}
	return u, true, nil
}
