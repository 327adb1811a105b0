package operators

import (
	"context"

	"github.com/rxcql/rxcql/rx"
)

// Decision is what becomes of the stream after an item on which a function failed. The terms Stop and Resume are
// those of Pekko's supervision strategies.
type Decision int

const (
	// Stop fails the stream with the function's error. It is the zero value.
	Stop Decision = iota
	// Resume drops the item and goes on with the next.
	Resume
	// Again calls the function again with the same item. Waiting before it and giving up after some attempts is up
	// to the OnError that says so.
	Again
)

// OnError decides about an item on which a function failed with err. It is called on the goroutine on which the
// function failed and may block; the stream waits for it. It is not asked once ctx has ended.
type OnError[T any] func(ctx context.Context, item T, err error) Decision

// decide asks each of rules in order until one says other than Stop.
func decide[T any](ctx context.Context, rules []OnError[T], item T, err error) Decision {
	for _, rule := range rules {
		if d := rule(ctx, item, err); d != Stop {
			return d
		}
	}
	return Stop
}

// rescue deals with item after f has failed on it with err, and calls f as often as the rules want it again. ok tells
// whether u is a result; with neither ok nor an error the item is to be dropped. When ctx has ended, a failure is the
// end of ctx, whatever f called it.
func rescue[T, U any](
	ctx context.Context, f func(context.Context, T) (U, error), rules []OnError[T], item T, err error,
) (u U, ok bool, failure error) {
	for err != nil {
		decision := Stop
		if ctx.Err() == nil {
			decision = decide(ctx, rules, item, err)
		}
		// The end of ctx may also have come while a rule was waiting.
		if canceled := rx.Cause(ctx); canceled != nil {
			return u, false, canceled
		}
		switch decision {
		case Again:
			u, err = f(ctx, item)
		case Resume:
			return u, false, nil
		default:
			return u, false, err
		}
	}
	return u, true, nil
}

// TryMap emits f's result for every item. It is [Map] for functions that can fail or block: f gets the run's
// context, and an error of f ends the stream as its error, unless one of the OnError functions decides otherwise.
// They are asked in order until one says other than [Stop], so that each can be about one kind of error.
//
//	valid := op.TryMap(lines, parse, func(_ context.Context, line string, err error) op.Decision {
//		rejected.Add(1)
//		return op.Resume
//	})
//
// Ordered. Not concurrent; [MapAsync] is. Buffers nothing. On error: passes it on; an error of f as decided. An error
// of f after the context's end is the context's.
func TryMap[T, U any](src rx.Observable[T], f func(context.Context, T) (U, error), on ...OnError[T]) rx.Observable[U] {
	return func(ctx context.Context, yield func(U) bool) error {
		var failure error
		err := src(ctx, func(v T) bool {
			u, err := f(ctx, v)
			if err == nil {
				return yield(u)
			}
			u, ok, err := rescue(ctx, f, on, v, err)
			if ok {
				return yield(u)
			}
			failure = err
			return err == nil
		})
		if failure != nil {
			return failure
		}
		return err
	}
}
