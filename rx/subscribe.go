package rx

import (
	"context"

	"github.com/rxcql/rxcql/internal/demand"
	"github.com/rxcql/rxcql/internal/stage"
)

// Subscribe runs the stream for a consumer that asks for items in numbers of its own, by the protocol of Reactive
// Streams 1.0.4; the package comment tells how its rules are kept. It is for consumers that are asynchronous
// themselves; [Observable.ForEach] and range loops have backpressure without it.
//
// It runs on the caller's goroutine, as all signals do, and returns when the stream has ended: nil after OnComplete and
// after Cancel, else the error that OnError got. Write go to have it run beside the caller. It panics if s is nil; if s
// panics, or exits its goroutine, the run is cancelled and the panic passes.
//
// An item waits for demand when it is there, just before OnNext; the end of the stream does not. So up to one item is
// produced ahead of what was requested, except by sources that cost more than that: a query (package source) sends
// nothing before a page is wanted, and [FromChan] leaves in the channel what was not requested. Demand does not pass
// stages that are concurrent: they fill their bounded buffers at once.
//
// When ctx ends, OnError gets the error that [Cause] makes of it, also when that is before the start: OnSubscribe
// always comes first. Cancel cancels the run's context, as a failing Request does.
func (o Observable[T]) Subscribe(ctx context.Context, s Subscriber[T]) error {
	if s == nil {
		panic("rx.Subscribe: nil Subscriber")
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	requests := newRequests(cancel)
	handle := &subscription{}
	handle.run.Store(requests)
	defer handle.run.Store(nil)

	swallowed, err := o.signal(ctx, s, handle, requests)
	handle.run.Store(nil) // rule 1.6: from here on there is nothing to cancel
	switch {
	case requests.cancelled.Load() || swallowed:
		return nil
	case requests.refused.Load() != nil:
		err = requests.refused.Load()
	}
	if err != nil {
		s.OnError(err)
		return err
	}
	s.OnComplete()
	return nil
}

// signal sends all signals but the last. swallowed tells that s has panicked, and the stream recovered.
func (o Observable[T]) signal(ctx context.Context, s Subscriber[T], handle *subscription, r *requests) (swallowed bool, err error) {
	s.OnSubscribe(handle)
	if r.stopped.Load() {
		return false, nil
	}
	inside, left := false, false
	err = stage.Drain(demand.With(ctx, r), "Subscribe", o, nil, func(v T) bool {
		if inside || left {
			return false
		}
		if left = !r.take(ctx); left {
			return false
		}
		inside = true
		s.OnNext(v)
		inside = false
		left = r.stopped.Load()
		return !left
	})
	if left {
		err = Cause(ctx)
	}
	return inside, err
}
