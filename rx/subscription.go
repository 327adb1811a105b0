package rx

import (
	"context"
	"errors"
	"math"
	"sync/atomic"
)

// errUnsubscribed is the cause of the context of a run whose Subscriber has cancelled it.
var errUnsubscribed = errors.New("rx: the subscriber has cancelled")

// subscription is what a Subscriber may keep for ever, so it lets go of the run at its end.
type subscription struct{ run atomic.Pointer[requests] }

func (s *subscription) Request(n int64) {
	if r := s.run.Load(); r != nil {
		r.request(n)
	}
}

func (s *subscription) Cancel() {
	if r := s.run.Load(); r != nil {
		r.unsubscribe()
	}
}

// requests is what was requested of one run: its demand.Demand. Nobody is called by it, so Request recurses nowhere.
type requests struct {
	total     atomic.Int64 // requested in all; math.MaxInt64 is without bound
	delivered atomic.Int64 // written by the run's goroutine only

	waiters atomic.Int32
	more    chan struct{} // a signal for one waiter, who passes it on

	stop      context.CancelCauseFunc // cancels the run
	stopped   atomic.Bool             // by either of these
	cancelled atomic.Bool
	refused   atomic.Pointer[RequestError]
}

func newRequests(stop context.CancelCauseFunc) *requests {
	return &requests{more: make(chan struct{}, 1), stop: stop}
}

func (r *requests) request(n int64) {
	switch {
	case r.stopped.Load():
	case n <= 0:
		r.refuse(&RequestError{n})
	default:
		r.add(n)
		if r.waiters.Load() > 0 {
			r.signal()
		}
	}
}

func (r *requests) add(n int64) {
	for {
		old := r.total.Load()
		sum := old + n
		if sum < old { // overflow
			sum = math.MaxInt64
		}
		if r.total.CompareAndSwap(old, sum) {
			return
		}
	}
}

func (r *requests) refuse(e *RequestError) {
	if r.refused.CompareAndSwap(nil, e) {
		r.stopped.Store(true)
		r.stop(e)
	}
}

func (r *requests) unsubscribe() {
	r.cancelled.Store(true)
	r.stopped.Store(true)
	r.stop(errUnsubscribed)
}

func (r *requests) outstanding() bool { return r.delivered.Load() < r.total.Load() }

// Unbounded tells that nothing more need be requested.
func (r *requests) Unbounded() bool { return r.total.Load() == math.MaxInt64 }

// Wait waits until something is requested that was not delivered. A waiter counts itself before it looks, and Request
// adds before it looks for waiters, so one of them sees the other.
func (r *requests) Wait(ctx context.Context) bool {
	if r.outstanding() {
		return true
	}
	r.waiters.Add(1)
	defer r.waiters.Add(-1)
	for !r.outstanding() {
		select {
		case <-r.more:
		case <-ctx.Done():
			return false
		}
	}
	if r.waiters.Load() > 1 {
		r.signal()
	}
	return true
}

func (r *requests) signal() {
	select {
	case r.more <- struct{}{}:
	default: // an earlier signal is still there
	}
}

// take waits until an item may be delivered, and counts it; false if none may be any more.
func (r *requests) take(ctx context.Context) bool {
	if !r.outstanding() && !r.Wait(ctx) || r.stopped.Load() {
		return false
	}
	if !r.Unbounded() {
		r.delivered.Add(1)
	}
	return true
}
