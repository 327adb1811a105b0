package operators

import (
	"context"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// Divert hands the items for which pred is true to a sink and emits the others: Pekko's divertTo. The operator runs the
// sink, once in each run, on a goroutine of its own; when 64 items wait for it, upstream waits, too. The run ends when
// the sink has ended.
//
//	valid := op.Divert(events, Event.Malformed, deadLetters)
//
// When the sink fails, upstream is cancelled and the sink's error is the stream's. A sink that returns nil though there
// are items for it would lose them: that is an error, too, which wraps [ErrSinkLeft]; not if no other item would have
// come. The stream that the sink gets ends as upstream does; it can be run once, and ends with [rx.ErrConsumed] after
// that. It completes when the consumer leaves: what was diverted up to there is waited for, and if the sink fails then
// only the sink knows. It panics if to is nil.
//
// Ordered. Concurrent: the sink with upstream and the consumer. Buffers at most 64 items for the sink. On error: passes
// it on when the sink has ended, joined with the sink's own if that has failed with another. On cancel: the sink is
// cancelled, too.
func Divert[T any](src rx.Observable[T], pred func(T) bool, to rx.Sink[T]) rx.Observable[T] {
	given("Divert", src, pred, to)
	return step("Divert", func(ctx context.Context, yield func(T) bool) error {
		return async.Run(ctx, func(g *async.Group) error {
			up, cut := context.WithCancelCause(g.Context())
			defer cut(nil)
			d := divert(g, "Divert", to, cut)
			stopped := false
			err := src(up, func(v T) bool {
				if pred(v) {
					return d.put(up, v)
				}
				stopped = !yield(v)
				return !stopped
			})
			switch canceled := rx.Cause(ctx); {
			case canceled != nil:
				err = canceled
			case stopped || up.Err() != nil: // by the sink
				err = nil
			}
			d.wait(err)
			if stopped {
				return nil
			}
			if canceled := rx.Cause(ctx); canceled != nil {
				return canceled
			}
			return d.result(err)
		})
	})
}
