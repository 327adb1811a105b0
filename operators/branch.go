package operators

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// branchBuffer is how many items may wait for a sink that an operator runs on a goroutine of its own.
const branchBuffer = 64

// branch feeds a sink that an operator runs on a goroutine of its own.
type branch[T any] struct {
	queue *async.Queue[T]
	leave func() // closes the queue and tells the operator, once
	begun atomic.Bool
	whole bool // the sink has read its stream to the end
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

// run runs the sink to its end.
func (b *branch[T]) run(ctx context.Context, to rx.Sink[T]) error {
	defer b.leave()
	return to(ctx, b.stream)
}

// stream is what the sink reads, once.
func (b *branch[T]) stream(ctx context.Context, yield func(T) bool) error {
	if b.begun.Swap(true) {
		return rx.ErrConsumed
	}
	defer b.leave()
	done := ctx.Done()
	for {
		v, ok := b.queue.Next(done)
		if !ok {
			err := b.queue.End(ctx)
			b.whole = ctx.Err() == nil
			return err
		}
		if !yield(v) {
			return nil
		}
	}
}
