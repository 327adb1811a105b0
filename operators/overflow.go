package operators

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// Overflow is what becomes of an item for which a full buffer has no space.
type Overflow int

const (
	// Block makes it, and with it upstream, wait. It is the zero value: nothing is dropped unless you say so.
	Block Overflow = iota
	// DropOldest drops the item that has waited longest: Pekko's dropHead.
	DropOldest
	// DropNewest drops the one that has just come: Pekko's dropNew, ReactiveX's onBackpressureDrop.
	DropNewest
	// Latest drops all that are waiting: Pekko's dropBuffer and, with a buffer of one item, ReactiveX's
	// onBackpressureLatest.
	Latest
	// FailWhenFull ends the stream, after the items that are waiting, with an error that wraps [ErrOverflow].
	FailWhenFull
)

// String gives the name of the constant.
func (o Overflow) String() string {
	if o < Block || o > FailWhenFull {
		return fmt.Sprintf("Overflow(%d)", int(o))
	}
	return [...]string{"Block", "DropOldest", "DropNewest", "Latest", "FailWhenFull"}[o]
}

// OnOverflow lets upstream go on while the consumer is busy, with a buffer of n items, and does as policy says when
// that is full: Pekko's buffer with an OverflowStrategy, ReactiveX's onBackpressureBuffer, -Drop and -Latest. Unless
// policy is [Block], upstream never waits for the consumer. With Block it is [Prefetch].
//
// What is dropped is counted in dropped, which must not be nil with a policy that drops; it may be shared. An item
// that the consumer has not asked for when it leaves, or when the context ends, does not count.
//
//	var missed op.Dropped
//	live := op.OnOverflow(ticks, 100, op.DropOldest, &missed)
//
// It panics if n is less than 1, if policy is none of the constants, and if it drops and dropped is nil.
//
// Ordered. Concurrent: upstream with the consumer. Buffers at most n items. On error: emits the items that it holds,
// then passes it on. On cancel: drops them.
func OnOverflow[T any](src rx.Observable[T], n int, policy Overflow, dropped *Dropped) rx.Observable[T] {
	given("OnOverflow", src)
	mustBeInbox("OnOverflow", n, policy, dropped)
	if policy == Block {
		return Prefetch(src, n)
	}
	return func(ctx context.Context, yield func(T) bool) error {
		return async.Boundary(ctx, "OnOverflow", func(g *async.Group) error {
			in := newInbox[T]("OnOverflow", n, policy, dropped)
			in.(*lossyInbox[T]).Watch(g)
			g.Upstream(func(ctx context.Context) {
				done := ctx.Done()
				in.Close(src(ctx, func(v T) bool { return in.Put(done, v) }))
			})
			return deliver(ctx, g.Done(), in, yield)
		})
	}
}

// inbox is a bounded queue to one consumer that has an overflow policy. Its methods are those of [async.Queue].
type inbox[T any] interface {
	Offer(v T) async.Answer
	Put(done <-chan struct{}, v T) bool
	Close(err error)
	Next(done <-chan struct{}) (T, bool)
	End(ctx context.Context) error
}

func mustBeInbox(operator string, n int, policy Overflow, dropped *Dropped) {
	switch {
	case n < 1:
		panic(fmt.Sprintf("operators.%s: %d items; there must be space for at least 1 item", operator, n))
	case policy < Block || policy > FailWhenFull:
		panic(fmt.Sprintf("operators.%s: %v is no policy", operator, policy))
	case dropped == nil && policy != Block && policy != FailWhenFull:
		panic(fmt.Sprintf("operators.%s: %v without a *Dropped to count what it drops", operator, policy))
	}
}

func newInbox[T any](operator string, n int, policy Overflow, dropped *Dropped) inbox[T] {
	if policy == Block {
		return async.NewQueue[T](n)
	}
	drop := [...]async.Drop{DropOldest: async.DropOldest, DropNewest: async.DropNewest, Latest: async.DropAll,
		FailWhenFull: async.DropNothing}[policy]
	var count *atomic.Int64
	if dropped != nil {
		count = &dropped.n
	}
	return &lossyInbox[T]{Lossy: async.NewLossy[T](n, drop, count), operator: operator, limit: n}
}

// lossyInbox is one whose producers never wait.
type lossyInbox[T any] struct {
	*async.Lossy[T]
	operator string
	limit    int
}

// Offer is never answered by Full.
func (b *lossyInbox[T]) Offer(v T) async.Answer {
	answer := b.Lossy.Offer(v)
	if answer == async.Full {
		b.Close(fmt.Errorf("operators.%s: %d items are waiting for the consumer: %w", b.operator, b.limit, ErrOverflow))
		return async.Gone
	}
	return answer
}

func (b *lossyInbox[T]) Put(done <-chan struct{}, v T) bool {
	select {
	case <-done:
		return false
	default:
		return b.Offer(v) == async.Taken
	}
}

// deliver yields what is in the inbox until its end or until done is closed, and returns the run's result. It closes the
// inbox when the consumer leaves: what comes then was not asked for and is not dropped.
func deliver[T any](ctx context.Context, done <-chan struct{}, in inbox[T], yield func(T) bool) error {
	for {
		v, ok := in.Next(done)
		if !ok {
			return in.End(ctx)
		}
		if !yield(v) {
			in.Close(nil)
			return nil
		}
	}
}
