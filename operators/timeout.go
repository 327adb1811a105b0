package operators

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/internal/demand"
	"github.com/rxcql/rxcql/rx"
)

// Timeouts are limits on the time that a consumer waits for upstream. Zero is no limit.
type Timeouts struct {
	First time.Duration // from the start to the first item, or the end
	Idle  time.Duration // from one item to the next, or the end
	Total time.Duration // all the waiting of a run together
}

// What [TimeoutError.Which] may be.
const (
	TimeoutFirst = "First"
	TimeoutIdle  = "Idle"
	TimeoutTotal = "Total"
)

// TimeoutError is the result of a stream that kept its consumer waiting for too long. It is not a
// context.DeadlineExceeded, because that is how a run ends whose own context has one.
type TimeoutError struct {
	Which string        // the field of [Timeouts]: TimeoutFirst, TimeoutIdle or TimeoutTotal
	After time.Duration // its value
}

// Error tells which limit was exceeded.
func (e *TimeoutError) Error() string {
	switch e.Which {
	case TimeoutFirst:
		return fmt.Sprintf("operators.Timeout: no first item within %v", e.After)
	case TimeoutIdle:
		return fmt.Sprintf("operators.Timeout: no further item within %v", e.After)
	default:
		return fmt.Sprintf("operators.Timeout: waited for items for %v in all", e.After)
	}
}

// Timeout is true, as in net.Error.
func (e *TimeoutError) Timeout() bool { return true }

// Timeout fails with a [*TimeoutError] when its upstream keeps it waiting for longer than t allows: ReactiveX's
// timeout. Only waiting for upstream counts; the time that the consumer spends on an item does not, nor does that for
// which a source waits until its subscriber requests something. Upstream is cancelled then, and what it says afterwards
// does not count; an upstream that does not obey its context still holds the run up. It panics if a limit is negative.
//
// Ordered. Not concurrent; a goroutine waits for the limits to pass. Buffers nothing. On error: passes it on.
func Timeout[T any](src rx.Observable[T], t Timeouts) rx.Observable[T] {
	given("Timeout", src)
	if t.First < 0 || t.Idle < 0 || t.Total < 0 {
		panic(fmt.Sprintf("operators.Timeout: negative limit in %+v", t))
	}
	if t == (Timeouts{}) {
		return src
	}
	return func(ctx context.Context, yield func(T) bool) error {
		return async.Run(ctx, func(g *async.Group) error {
			up, cancel := context.WithCancelCause(g.Context())
			defer cancel(nil)
			w := &watch{limits: t, origin: time.Now(), waiting: make(chan struct{}, 1)}
			if requested := demand.From(up); requested != nil {
				up = demand.With(up, pausing{requested, w})
			}
			g.Go(func(ctx context.Context) {
				if err := w.run(ctx); err != nil {
					cancel(err)
				}
			})
			left := false
			err := src(up, func(v T) bool {
				if !w.arrive() {
					return false
				}
				left = !yield(v)
				w.resume()
				return !left
			})
			if left {
				return nil
			}
			w.arrive()
			if late := w.late(); late != nil {
				if canceled := rx.Cause(ctx); canceled != nil {
					return canceled
				}
				return late
			}
			return err
		})
	}
}

// What a watch's state is when it is not the time since which the run waits for upstream.
const (
	busy      = -1 - iota // downstream has an item
	lateFirst             // a limit was exceeded; final
	lateIdle
	lateTotal
)

// watch keeps the time of one run. The run's goroutine and the one that watches agree by state on whether an item
// came in time; the former goes on only if it changes state from waiting to busy before the latter finds it late.
type watch struct {
	limits Timeouts
	origin time.Time // of all times here

	state  atomic.Int64
	waited atomic.Int64 // before state's time
	begun  atomic.Bool  // the first item has come

	asleep  atomic.Bool   // the goroutine that watches has seen busy, and waits for waiting
	waiting chan struct{} // tells it that the run waits for upstream again
}

func (w *watch) now() int64 { return int64(time.Since(w.origin)) }

// arrive tells whether the item that has just come is in time.
func (w *watch) arrive() bool {
	if w.begun.Load() && w.limits.Idle == 0 && w.limits.Total == 0 {
		return true
	}
	since, now := w.state.Load(), w.now()
	if since < 0 {
		return false
	}
	to := int64(busy)
	if left, limit := w.left(now - since); left <= 0 {
		to = limit
	}
	if !w.state.CompareAndSwap(since, to) || to != busy {
		return false
	}
	w.waited.Add(now - since)
	w.begun.Store(true)
	return true
}

// resume notes that the run waits for upstream again.
func (w *watch) resume() {
	if w.limits.Idle > 0 || w.limits.Total > 0 {
		w.waitSince(w.now())
	}
}

// waitSince ends busy. It sets state before it looks at asleep, and the goroutine that watches sets asleep before it
// looks at state, so one of them sees.
func (w *watch) waitSince(since int64) {
	w.state.Store(since)
	if w.asleep.Load() && w.asleep.Swap(false) {
		async.Signal(w.waiting)
	}
}

// pausing is a demand that is waited for at downstream's expense.
type pausing struct {
	demand.Demand
	w *watch
}

// Wait stops the watch while it waits. What had been waited for upstream before goes on to count for the item to come.
func (p pausing) Wait(ctx context.Context) bool {
	w := p.w
	since, now := w.state.Load(), w.now()
	if since < 0 || p.Unbounded() {
		return p.Demand.Wait(ctx)
	}
	lasted := now - since
	if w.state.CompareAndSwap(since, busy) {
		defer func() { w.waitSince(w.now() - lasted) }()
	} // else it is late, and the run is being cancelled
	return p.Demand.Wait(ctx)
}

// left is how long the present wait, which has lasted for some time, may still last, and the state if it lasts longer.
func (w *watch) left(lasted int64) (left, limit int64) {
	left, limit = math.MaxInt64, lateTotal
	if t := int64(w.limits.Total); t > 0 {
		left = t - w.waited.Load() - lasted
	}
	t, which := int64(w.limits.First), int64(lateFirst)
	if w.begun.Load() {
		t, which = int64(w.limits.Idle), lateIdle
	}
	if t > 0 && t-lasted <= left {
		left, limit = t-lasted, which
	}
	return left, limit
}

// run waits until a limit is exceeded, and returns the error then, or until ctx ends. It sleeps while downstream is
// busy.
func (w *watch) run(ctx context.Context) error {
	t := time.NewTimer(0)
	defer t.Stop()
	for {
		select {
		case <-t.C:
		case <-w.waiting:
		case <-ctx.Done():
			return nil
		}
		since := w.state.Load()
		if since == busy {
			w.asleep.Store(true)
			if since = w.state.Load(); since == busy {
				continue
			}
			w.asleep.Store(false)
		}
		if since < busy {
			return w.late()
		}
		left, limit := w.left(w.now() - since)
		if left <= 0 && w.state.CompareAndSwap(since, limit) {
			return w.late()
		}
		// A wait that begins after now cannot be too long before then, however long the present one may last.
		if idle := int64(w.limits.Idle); idle > 0 {
			left = min(left, idle)
		}
		t.Reset(time.Duration(left))
	}
}

// late is the error if a limit was exceeded.
func (w *watch) late() error {
	switch w.state.Load() {
	case lateFirst:
		return &TimeoutError{TimeoutFirst, w.limits.First}
	case lateIdle:
		return &TimeoutError{TimeoutIdle, w.limits.Idle}
	case lateTotal:
		return &TimeoutError{TimeoutTotal, w.limits.Total}
	default:
		return nil
	}
}
