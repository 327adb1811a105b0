package operators

import (
	"context"

	"github.com/rxcql/rxcql/rx"
)

// StatefulMap emits f's result for every item, where f is also given the state that it returned for the item before:
// Pekko's statefulMap. init makes the first state, at the start of each run. When upstream has ended, flush may make
// one more item of the last state, and says whether there is one; a nil flush never does. A state that must be released
// however the run ends is for [Using].
//
// Ordered. Not concurrent. Buffers nothing but the state. On error: flushes as at completion (Pekko ignores what is
// flushed then), then passes it on. On cancel: does not flush, nor when the consumer has stopped.
func StatefulMap[T, S, U any](
	src rx.Observable[T], init func() S, f func(S, T) (S, U), flush func(S) (U, bool),
) rx.Observable[U] {
	given("StatefulMap", src, init, f)
	return func(ctx context.Context, yield func(U) bool) error {
		state, stopped := init(), false
		err := src(ctx, func(v T) bool {
			var u U
			state, u = f(state, v)
			stopped = !yield(u)
			return !stopped
		})
		if stopped {
			return nil
		}
		if flush == nil {
			return err
		}
		if canceled := rx.Cause(ctx); canceled != nil {
			return canceled
		}
		if u, ok := flush(state); ok && !yield(u) {
			return nil
		}
		return err
	}
}
