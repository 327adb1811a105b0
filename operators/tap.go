package operators

import (
	"context"
	"errors"

	"github.com/rxcql/rxcql/rx"
)

// Hooks are what [Tap] calls: ReactiveX's do operators (doOnSubscribe, doOnNext, …). Each may be nil. All are called
// on the run's goroutine, and the stream waits for them. A Hooks value serves every run of the stream, so hooks of
// runs at the same time are called at the same time.
//
// At the end of every run exactly one of OnError, OnComplete and OnCancel is called.
type Hooks[T any] struct {
	// OnStart is called when a run starts, before upstream's.
	OnStart func()
	// OnNext is called with each item before it is passed on.
	OnNext func(T)
	// OnError is called when upstream has failed, with its error.
	OnError func(error)
	// OnComplete is called when upstream has completed and the consumer wanted all of it.
	OnComplete func()
	// OnCancel is called when the run ended in any other way: the consumer stopped (as Take does downstream, also
	// at what happens to be the last item), the context ended, or a panic or runtime.Goexit passes through.
	OnCancel func()
}

// Tap calls hooks as the stream starts, emits and ends, and passes everything on unchanged. A panic in a hook passes
// as any other; after one in OnStart or OnNext, OnCancel is called.
//
// Ordered. Not concurrent. Buffers nothing. On error: calls OnError, then passes it on.
func Tap[T any](src rx.Observable[T], h Hooks[T]) rx.Observable[T] {
	given("Tap", src)
	return func(ctx context.Context, yield func(T) bool) error {
		stopped, ended := false, false
		defer func() {
			if !ended {
				call(h.OnCancel)
			}
		}()
		call(h.OnStart)
		err := src(ctx, func(v T) bool {
			if h.OnNext != nil {
				h.OnNext(v)
			}
			stopped = !yield(v)
			return !stopped
		})
		if stopped {
			return nil
		}
		if err == nil {
			ended = true
			call(h.OnComplete)
		} else if !errors.Is(err, ctx.Err()) {
			ended = true
			if h.OnError != nil {
				h.OnError(err)
			}
		}
		return err
	}
}

func call(hook func()) {
	if hook != nil {
		hook()
	}
}
