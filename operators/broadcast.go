package operators

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/internal/demand"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// Broadcast runs src once and hands each of its items to all the sinks: Pekko's Broadcast, and what ReactiveX does
// with publish and connect. src runs on the caller's goroutine and each sink on one of its own; the slowest sink
// decides the pace. Broadcast returns when all have ended.
//
//	err := op.Broadcast(ctx, rows, archive, index, count)
//
// THE SINKS SHARE EACH ITEM. A sink that changes what an item points to, such as the rows of a slice, changes it for the
// others at the same time; let it work on a copy. The stream that a sink gets can be run once; after that it ends with
// [rx.ErrConsumed].
//
// A sink that returns nil before the stream ends leaves, and the others go on; when all have left, src is stopped and
// the result is nil. When a sink fails, the context of src and of the others is cancelled, with that error in its
// cause, and they are waited for. When src fails, the sinks get its error after all items.
//
// The result is the error of the sink that failed first, where those that fail once they are cancelled do not count;
// else why ctx has ended; else the error of src if a sink has come to it, also if that has dealt with it. A panic of a
// sink arrives at the caller as a [*rx.PanicError].
//
// For a sink that must not hold up the others, choose what becomes of what it is too slow for:
//
//	lossy := func(ctx context.Context, src rx.Observable[Row]) error {
//		return live(ctx, op.OnOverflow(src, 1000, op.DropOldest, &missed))
//	}
//
// An item that a sink has no space for goes to the others first; the next is not asked for before all have it. So a
// sink must not wait for another to end, or both wait for ever once 64 items wait for it, and another that src has made.
//
// Ordered. Concurrent: src and the sinks. Buffers at most 64 items for each sink, and one for all. On error of src: the
// sinks get it after their items. On error of a sink: cancels src and the others. On cancel: drops the items. It panics
// if there is no sink, or one is nil.
func Broadcast[T any](ctx context.Context, src rx.Observable[T], to ...rx.Sink[T]) error {
	given("Broadcast", src, to)
	if len(to) == 0 {
		panic("operators.Broadcast: no sink")
	}
	return stage.Consume(demand.Without(ctx), "Broadcast", src, func( // the sinks take what comes
		ctx context.Context, src func(context.Context, func(T) bool) error,
	) error {
		return broadcastTo(ctx, src, to)
	})
}

func broadcastTo[T any](ctx context.Context, src rx.Observable[T], to []rx.Sink[T]) error {
	return async.Run(ctx, func(g *async.Group) error {
		b := &broadcast[T]{present: len(to)}
		b.ctx, b.cancel = context.WithCancelCause(g.Context())
		defer b.cancel(nil)
		up, stop := context.WithCancelCause(b.ctx)
		defer stop(nil)

		for range to {
			branch := newBranch[T](func() {
				if b.leave() {
					stop(errAllLeft)
				}
			})
			b.branches = append(b.branches, branch.watch(ctx, "buffer"))
		}
		var sinks sync.WaitGroup
		for i, sink := range to {
			sinks.Add(1)
			g.Go(func(context.Context) {
				defer sinks.Done()
				b.ended(b.branches[i].run(b.ctx, sink))
			})
		}
		b.feed(up, src)
		sinks.Wait()
		return b.result(ctx)
	})
}

var errAllLeft = errors.New("operators.Broadcast: all sinks have left")

// broadcast is one run of a Broadcast.
type broadcast[T any] struct {
	branches []*branch[T]
	ctx      context.Context // of the sinks
	cancel   context.CancelCauseFunc

	mu      sync.Mutex
	present int   // sinks that have not left
	failure error // of the sink that failed first
	cut     bool  // src or a sink was cancelled
	srcErr  error
}

// feed runs src, hands its items out, and then its end.
func (b *broadcast[T]) feed(ctx context.Context, src rx.Observable[T]) {
	done := ctx.Done()
	var queues []inbox[T]
	for _, to := range b.branches {
		queues = append(queues, to.queue)
	}
	var out handOut[T]
	err := src(ctx, func(v T) bool {
		return out.put(done, v, queues) > 0
	})
	cut := false
	switch context.Cause(ctx) {
	case nil:
	case errAllLeft:
		err = nil
	default: // so that nobody takes for the end what is not
		err, cut = rx.Cause(ctx), true
	}
	b.mu.Lock()
	b.srcErr, b.cut = err, b.cut || cut
	b.mu.Unlock()
	for _, to := range b.branches {
		to.queue.Close(err)
	}
}

// leave notes that a sink has left, and tells whether it was the last.
func (b *broadcast[T]) leave() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.present--
	return b.present == 0
}

// ended notes how a sink has ended. One that passes on the error of src has not failed by itself: the others still
// have items to work on.
func (b *broadcast[T]) ended(err error) {
	b.mu.Lock()
	srcErr := b.srcErr
	b.mu.Unlock()
	if err == nil || srcErr != nil && errors.Is(err, srcErr) {
		return
	}
	b.mu.Lock()
	first := b.failure == nil && b.ctx.Err() == nil
	if first {
		b.failure = err
	}
	b.cut = b.cut || !first
	b.mu.Unlock()
	if first {
		b.cancel(fmt.Errorf("operators.Broadcast: another sink failed: %w", err))
	}
}

// result is the run's, once all have ended.
func (b *broadcast[T]) result(ctx context.Context) error {
	switch {
	case b.failure != nil:
		return b.failure
	case b.cut:
		return rx.Cause(ctx)
	case slices.ContainsFunc(b.branches, func(to *branch[T]) bool { return to.whole.Load() }):
		return b.srcErr
	default:
		return nil // all had left before the end
	}
}
