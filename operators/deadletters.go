package operators

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// DeadLetters runs the stream that build makes and sends the items that fail in it, each with its error, to a sink: the
// dead letter channel of Enterprise Integration Patterns. build passes dead to the operators whose failures are to go
// there; they drop an item that dead has taken, and go on. A rule before dead can try an item again first.
//
//	parsed := op.DeadLetters(writeRejects, func(dead op.OnError[string]) rx.Observable[Event] {
//		return op.MapAsync(lines, 8, parse, dead)
//	})
//
// build is called at the start of each run. dead may be called by several goroutines at once, and waits while 64
// letters are waiting. The sink runs on a goroutine of its own; its stream can be run once, and completes when the
// stream that build has made ends, in whatever way. The run returns when the sink has.
//
// Nothing is lost unnoticed: when the sink fails, or returns though there are letters for it (see [ErrSinkLeft]), the
// stream is stopped and fails. A sink that returns early and gets no other letter has done what it was to do. Only what
// the sink does after the consumer has left cannot be told any more: then the letters up to there are still delivered,
// and the result is nil.
//
// Ordered as build's stream is. Concurrent: the sink with the rest. Buffers at most 64 letters. On error of build's
// stream: lets the sink finish, then passes it on, joined with the sink's own if that has failed, too. On error of the
// sink: stops the stream; its error, wrapped, is the result. On cancel: cancels the sink, too, and drops the letters. It
// panics if the sink or build is nil.
func DeadLetters[T, U any](to rx.Sink[Failure[T]], build func(dead OnError[T]) rx.Observable[U]) rx.Observable[U] {
	given("DeadLetters", to, build)
	sink := func(ctx context.Context, letters rx.Observable[Failure[T]]) error {
		if err := to(ctx, letters); err != nil {
			return fmt.Errorf("operators.DeadLetters: the sink of the dead letters failed: %w", err)
		}
		return nil
	}
	return step("DeadLetters", func(ctx context.Context, yield func(U) bool) error {
		return async.Run(ctx, func(g *async.Group) error {
			up, cut := context.WithCancelCause(g.Context())
			defer cut(nil)
			d := divert(g, "DeadLetters", sink, cut)
			dead := func(ctx context.Context, f *Failure[T]) Decision {
				if d.put(ctx, *f) {
					return Resume
				}
				return Stop // ctx has ended or the sink is gone, and that will be the result
			}
			left := false
			err := build(dead)(up, func(u U) bool {
				left = !yield(u)
				return !left
			})
			if up.Err() != nil { // by the sink, if not from outside
				err = nil
			}
			d.wait(nil)
			if left {
				return nil
			}
			if canceled := rx.Cause(ctx); canceled != nil {
				return canceled
			}
			return d.result(err)
		})
	})
}
