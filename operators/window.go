package operators

import (
	"context"
	"fmt"
	"time"

	"github.com/rxcql/rxcql/rx"
)

// Windowed is what [Window] made of the items in the window from Start up to, and without, End.
type Windowed[A any] struct {
	Start, End time.Time
	Value      A
}

// Window folds the items of each window of event time, and emits a window when an item comes that is past it, or
// upstream completes: Flink's and Beam's windows with a fold, over a stream that is sorted by event time, so that there
// are no watermarks and nothing comes too late. Which windows there are, and in which direction the stream is sorted,
// is w: [Tumbling], [Sliding] or [Sessions].
//
//	hours := op.Window(readings, op.Tumbling(time.Hour), at, newStats, Stats.Add)
//
// at tells the time of an item. init makes the accumulator of a window, which is f's until the window is emitted, so f
// may change it in place. Windows come in the order of time; those without an item are not emitted. Their Start and End
// are in the location of an item's time. When upstream completes early, as after Take or Until, the last windows are of
// the items up to there.
//
// An item may be at the same time as the one before. One that goes back ends the stream with an error that wraps
// [ErrUnsorted]. Many series in one stream, such as one partition after the other, go back: give each a stream of its
// own, as the example for series does with the runs of [BufferAdjacent].
//
// Only accumulators are held, not items: one with tumbling windows and sessions, size/every, rounded up, with sliding
// ones, for each of which f is called with every item.
//
// It panics if w was not made by one of the three functions.
//
// Ordered. Not concurrent. Buffers nothing but the accumulators. On error: drops the windows that are not complete,
// then passes it on. On cancel: drops them.
func Window[T, A any](
	src rx.Observable[T], w Windows, at func(T) time.Time, init func() A, f func(A, T) A,
) rx.Observable[Windowed[A]] {
	given("Window", src, at, init, f)
	if w.size == 0 && w.gap == 0 {
		panic("operators.Window: no windows; make them with Tumbling, Sliding or Sessions")
	}
	return func(ctx context.Context, yield func(Windowed[A]) bool) error {
		o := openWindows[A]{Windows: w, ctx: ctx, init: init, yield: yield}
		var unsorted error
		var last time.Time
		n := 0
		err := src(ctx, func(v T) bool {
			t := at(v).Round(0) // without a reading of the monotonic clock, which would be compared instead
			if n++; n > 1 && w.past(last, t) {
				unsorted = fmt.Errorf("operators.Window: item %d is at %s, after one at %s, %s: %w", n,
					t.Format(time.RFC3339Nano), last.Format(time.RFC3339Nano), w.order(), ErrUnsorted)
				return false
			}
			last = t
			if !o.move(t) {
				return false
			}
			for i := range o.open {
				o.open[i].Value = f(o.open[i].Value, v)
			}
			return true
		})
		switch {
		case o.stopped:
			return nil
		case unsorted != nil:
			return unsorted
		case err != nil:
			return err
		}
		if canceled := rx.Cause(ctx); canceled != nil {
			return canceled
		}
		if !o.close(len(o.open)) && !o.stopped {
			return rx.Cause(ctx)
		}
		return nil
	}
}

// openWindows are the windows that the last item is in, in the order in which they are emitted.
type openWindows[A any] struct {
	Windows
	ctx          context.Context
	init         func() A
	open         []Windowed[A]
	since, until time.Time // for which the same windows are open
	yield        func(Windowed[A]) bool
	stopped      bool
}

// move closes the windows that t is past, and opens those that it is in. It tells whether the consumer wants more.
func (o *openWindows[A]) move(t time.Time) bool {
	switch {
	case o.gap > 0:
		return o.moveSession(t)
	case !t.Before(o.since) && t.Before(o.until):
		return true
	default:
		return o.moveAligned(t)
	}
}

func (o *openWindows[A]) moveAligned(t time.Time) bool {
	last, count, since, until := o.holding(t)
	o.since, o.until = since, until
	closing := 0
	for closing < len(o.open) && (!o.open[closing].End.After(t) || o.open[closing].Start.After(t)) {
		closing++
	}
	if !o.close(closing) {
		return false
	}
	// Those that stay open are the first of the ones that t is in.
	for i := len(o.open); i < count; i++ {
		back := count - 1 - i
		if o.descending {
			back = i
		}
		start := last.Add(-time.Duration(back) * o.every)
		o.open = append(o.open, Windowed[A]{Start: start, End: start.Add(o.size), Value: o.init()})
	}
	return true
}

func (o *openWindows[A]) moveSession(t time.Time) bool {
	start, end := t, t.Add(o.gap)
	if len(o.open) > 0 {
		w := &o.open[0]
		if t.Before(w.End) && end.After(w.Start) {
			if o.descending {
				w.Start = start
			} else {
				w.End = end
			}
			return true
		}
		if !o.close(1) {
			return false
		}
	}
	o.open = append(o.open, Windowed[A]{Start: start, End: end, Value: o.init()})
	return true
}

// close emits the first n windows, of which there may be many. It tells whether the consumer wants more and ctx has not
// ended.
func (o *openWindows[A]) close(n int) bool {
	for _, w := range o.open[:n] {
		if o.ctx.Err() != nil {
			return false
		}
		if !o.yield(w) {
			o.stopped = true
			return false
		}
	}
	left := copy(o.open, o.open[n:])
	clear(o.open[left:])
	o.open = o.open[:left]
	return true
}
