package operators

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/rx"
)

// Using runs a stream that needs a resource: at the start of each run it acquires one, runs the stream that build makes
// of it, and releases it once when that has ended, however it ends, panics included. ReactiveX's using.
//
//	lines := op.Using(
//		func(context.Context) (*os.File, error) { return os.Open(name) },
//		readLines, // func(*os.File) rx.Observable[string]
//		(*os.File).Close)
//
// If acquire fails, its error is the stream's and nothing is built or released. If release fails, its error is the
// stream's, joined to the one that the stream has failed with, if it has: errors.Is holds for both. When the consumer
// has stopped, release's error is lost, as the contract wants it; release itself must note it where that matters.
//
// Ordered. Not concurrent. Buffers nothing. On error: releases, then passes it on. On cancel: releases.
func Using[R, T any](
	acquire func(context.Context) (R, error), build func(R) rx.Observable[T], release func(R) error,
) rx.Observable[T] {
	given("Using", acquire, build, release)
	return func(ctx context.Context, yield func(T) bool) (err error) {
		if canceled := rx.Cause(ctx); canceled != nil {
			return canceled
		}
		resource, err := acquire(ctx)
		if err != nil {
			if canceled := rx.Cause(ctx); canceled != nil {
				return canceled
			}
			return err
		}
		stopped := false
		defer func() {
			failed := release(resource)
			switch {
			case stopped:
				err = nil
			case err == nil:
				err = failed
			case failed != nil:
				err = fmt.Errorf("%w (and operators.Using could not release its resource: %w)", err, failed)
			}
		}()
		if canceled := rx.Cause(ctx); canceled != nil {
			return canceled
		}
		return build(resource)(ctx, func(v T) bool {
			stopped = !yield(v)
			return !stopped
		})
	}
}
