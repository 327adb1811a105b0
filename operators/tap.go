package operators

import (
	"context"
	"errors"

	"github.com/rxcql/rxcql/rx"
)

// Hooks are what [Tap] calls: ReactiveX's do operators (doOnSubscribe, doOnNext, …). Each may be nil. All are called
// on the run's goroutine, and the stream waits for them; those of an [AsyncTap] it does not wait for. A Hooks value
// serves every run of the stream, so hooks of runs at the same time are called at the same time.
//
// There are Hooks that count ([Counts]) and that measure ([Sizes], [UpstreamLatency], [DownstreamLatency]), and [HooksOf]
// makes them of a value with methods.
//
// At the end of every run that called OnStart exactly one of OnError, OnComplete and OnCancel is called, also where a hook
// panics; where several share a run, by [HooksOf] or PerRun, those of each. A run whose PerRun panics calls nothing else.
type Hooks[T any] struct {
	// OnStart is called when a run starts, before upstream's.
	OnStart func()
	// OnNext is called with each item before it is passed on.
	OnNext func(T)
	// AfterNext is called with each item that was passed on, when downstream wants the next or none any more.
	AfterNext func(T)
	// OnError is called when upstream has failed, with its error.
	OnError func(error)
	// OnComplete is called when upstream has completed and the consumer wanted all of it.
	OnComplete func()
	// OnCancel is called when the run ended in any other way: the consumer stopped (as Take does downstream, also
	// at what happens to be the last item), the context ended, or a panic or runtime.Goexit passes through.
	OnCancel func()
	// PerRun is called first of all, with the context of a run, and gives further hooks for that run alone, which are
	// called after these: for what must be remembered from one item to the next, or is a part of what the context
	// stands for, such as a span. PerRun of what it gives is not called.
	PerRun func(context.Context) Hooks[T]
}

// Tap calls hooks as the stream starts, emits and ends, and passes everything on unchanged. A panic in a hook passes
// as any other; after one in OnStart, OnNext or AfterNext, OnCancel is called.
//
// Ordered. Not concurrent. Buffers nothing. On error: calls OnError, then passes it on.
func Tap[T any](src rx.Observable[T], h Hooks[T]) rx.Observable[T] {
	given("Tap", src)
	return func(ctx context.Context, yield func(T) bool) error {
		h := h
		if h.PerRun != nil {
			h = h.and(h.PerRun(ctx))
		}
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
			if h.AfterNext != nil {
				h.AfterNext(v)
			}
			return !stopped
		})
		if stopped {
			return nil
		}
		if err == nil {
			ended = true
			call(h.OnComplete)
		} else if !errors.Is(err, ctx.Err()) && !(ctx.Err() != nil && errors.Is(err, context.Cause(ctx))) {
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
