package operators

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// branchBuffer is how many items may wait for a sink that an operator runs on a goroutine of its own.
const branchBuffer = 64

// branch feeds a sink that an operator runs on a goroutine of its own.
type branch[T any] struct {
	queue *async.Queue[T]
	leave func()    // closes the queue and tells the operator, once
	lost  func(int) // is told how many items were dropped; may be nil
	begun atomic.Bool
	whole atomic.Bool // the sink has read its stream to the end

	name string       // for monitors
	of   *stage.Probe // the operator; nil if nobody watches
}

// watch has a monitor that ctx, that of an operator's run, may carry see the branch by a name. It is called before the
// branch is used.
func (b *branch[T]) watch(ctx context.Context, name string) *branch[T] {
	b.name, b.of = name, stage.From(ctx)
	b.queue.WatchPut(b.of)
	return b
}

// newBranch makes a branch that calls left when the sink wants nothing more: it has left its stream, or returned.
func newBranch[T any](left func()) *branch[T] {
	b := &branch[T]{queue: async.NewQueue[T](branchBuffer)}
	b.leave = sync.OnceFunc(func() {
		b.queue.Close(nil)
		left()
	})
	return b
}

// newDroppingBranch makes a branch that tells lost how many items were in the queue when the sink had left.
func newDroppingBranch[T any](lost func(int)) *branch[T] {
	b := newBranch[T](func() {})
	b.lost = lost
	return b
}

// run runs the sink to its end. What is in the queue then is dropped by whoever consumes it: if the stream has begun
// that is the one who runs it, who may be another than the sink.
func (b *branch[T]) run(ctx context.Context, to rx.Sink[T]) error {
	defer func() {
		b.leave()
		if !b.begun.Swap(true) {
			b.discard()
		}
	}()
	return to(ctx, b.stream)
}

// stream is what the sink reads, once.
func (b *branch[T]) stream(ctx context.Context, yield func(T) bool) error {
	if b.begun.Swap(true) {
		return rx.ErrConsumed
	}
	defer func() {
		b.leave()
		b.discard()
	}()
	if b.of != nil {
		_, p := stage.Begin(ctx, stage.Boundary, b.name)
		defer p.End(nil, false)
		b.of.Aside(p)
		b.queue.WatchNext(p)
	}
	done := ctx.Done()
	for {
		v, ok := b.queue.Next(done)
		if !ok {
			err := b.queue.End(ctx)
			b.whole.Store(ctx.Err() == nil)
			return err
		}
		if !yield(v) {
			return nil
		}
	}
}

// discard drops what is in the queue, which is closed. Only its consumer may call it.
func (b *branch[T]) discard() {
	if n := b.queue.Discard(); n > 0 && b.lost != nil {
		b.lost(n)
	}
}
