package operators

import (
	"context"
	"errors"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

var errStopped = errors.New("operators: the stream was told to stop")

// Until completes its upstream when stop ends: the graceful stop. Where cancelling a run drops what is under way,
// Until ends the stream as if its source had ended there: buffers downstream are emitted, calls under way finish, and
// sinks write what they hold. ReactiveX's takeUntil, Pekko's KillSwitch.
//
//	stop, _ := signal.NotifyContext(context.Background(), os.Interrupt)
//	err := save(context.Background(), op.Buffer(op.Until(rows, stop), 100))
//
// A stopped stream ends as if completed: ask stop.Err() to tell. To go on later, stream Pages (package source) and keep
// the State of the last page that was written; README.md shows how.
//
// When stop ends, upstream's context is cancelled, and what upstream says afterwards does not count. An item that
// upstream hands over at that moment is still emitted, but none after it. Put Until next to the source: stages above
// it are cancelled and drop what they hold, while those below it go on as ever: a Throttle still waits for the tokens
// of what is on its way. The run's own context must not be derived from stop.
//
// Ordered. Not concurrent; a goroutine waits for stop. Buffers nothing. On error: passes it on, unless stop has ended.
func Until[T any](src rx.Observable[T], stop context.Context) rx.Observable[T] {
	given("Until", src)
	if stop == nil {
		panic("operators.Until: nil context")
	}
	if stop.Done() == nil {
		return src
	}
	return stopped(src, stop, func() error { return nil })
}

// stopped ends src when stop ends, with what result then is. What src says afterwards does not count.
func stopped[T any](src rx.Observable[T], stop context.Context, result func() error) rx.Observable[T] {
	return func(ctx context.Context, yield func(T) bool) error {
		end := func() error {
			if canceled := rx.Cause(ctx); canceled != nil {
				return canceled
			}
			return result()
		}
		if ctx.Err() != nil || stop.Err() != nil {
			return end()
		}
		return async.Run(ctx, func(g *async.Group) error {
			up, cancel := context.WithCancelCause(g.Context())
			defer cancel(nil)
			g.Go(func(ctx context.Context) {
				select {
				case <-stop.Done():
					cancel(errStopped)
				case <-ctx.Done():
				}
			})
			left := false
			err := src(up, func(v T) bool {
				left = !yield(v)
				return !left && stop.Err() == nil
			})
			switch {
			case left:
				return nil
			case ctx.Err() != nil || stop.Err() != nil:
				return end()
			default:
				return err
			}
		})
	}
}
