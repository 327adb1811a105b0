package rx

import (
	"context"
	"iter"
	"sync/atomic"

	"github.com/rxcql/rxcql/internal/demand"
	"github.com/rxcql/rxcql/internal/stage"
)

// New makes an Observable from a function that need not know the contract: yield refuses items once the consumer
// has stopped or ctx has ended, and the result becomes nil or the context's error accordingly. run is called once a
// run, on the run's goroutine, and must itself call yield only there, and return when yield has returned false or ctx
// has ended; its error is the stream's unless one of the two came first.
func New[T any](run func(ctx context.Context, yield func(T) bool) error) Observable[T] {
	return source("New", func(ctx context.Context, yield func(T) bool) error {
		if err := Cause(ctx); err != nil {
			return err
		}
		done := ctx.Done()
		left := false
		err := run(ctx, func(v T) bool {
			if left {
				return false
			}
			select {
			case <-done:
				return false
			default:
			}
			left = true // also if yield panics, and run recovers
			left = !yield(v)
			return !left
		})
		if left {
			return nil
		}
		// What run returns tells nothing when ctx has ended: nil may be all that it makes of the cancelling, and an
		// error may be a consequence of it.
		if canceled := Cause(ctx); canceled != nil {
			return canceled
		}
		return err
	})
}

// source has a monitor that ctx may carry see runs of a constructor of that name.
func source[T any](name string, run Observable[T]) Observable[T] {
	return func(ctx context.Context, yield func(T) bool) error {
		return stage.Observe(ctx, stage.Source, name, run, yield)
	}
}

// From emits the given items in order. Pass a slice as From(items...); it is not copied, so it must not be changed
// while a run is under way.
func From[T any](items ...T) Observable[T] {
	return source("From", func(ctx context.Context, yield func(T) bool) error {
		done := ctx.Done()
		for _, v := range items {
			select {
			case <-done:
				return Cause(ctx)
			default:
			}
			if !yield(v) {
				return nil
			}
		}
		return Cause(ctx)
	})
}

// FromSeq emits what seq yields. Runs are independent if seq can be ranged over more than once.
func FromSeq[T any](seq iter.Seq[T]) Observable[T] {
	return New(func(_ context.Context, yield func(T) bool) error {
		seq(yield)
		return nil
	})
}

// FromSeq2 emits the values of seq up to the first error, which ends the stream as its error; the value that comes
// with an error is ignored. It is the inverse of [Observable.All].
func FromSeq2[T any](seq iter.Seq2[T, error]) Observable[T] {
	return New(func(_ context.Context, yield func(T) bool) error {
		for v, err := range seq {
			if err != nil {
				return err
			}
			if !yield(v) {
				return nil
			}
		}
		return nil
	})
}

// FromChan emits what it receives from ch until ch is closed. It is a one-shot input: a second run returns
// [ErrConsumed]. When the consumer leaves early or ctx ends, what is still in ch stays there; whoever sends must be
// able to stop on its own. Under [Observable.Subscribe] nothing is received before it is requested, so the end of ch is
// noticed only then, too.
func FromChan[T any](ch <-chan T) Observable[T] {
	var consumed atomic.Bool
	return source("FromChan", func(ctx context.Context, yield func(T) bool) error {
		if consumed.Swap(true) {
			return ErrConsumed
		}
		done := ctx.Done()
		requested := demand.From(ctx)
		for {
			if requested != nil && !requested.Wait(ctx) {
				return Cause(ctx)
			}
			// A select with both ready picks at random; a cancelled run must not go on receiving.
			if err := Cause(ctx); err != nil {
				return err
			}
			select {
			case <-done:
				return Cause(ctx)
			case v, ok := <-ch:
				if !ok || !yield(v) {
					return nil
				}
			}
		}
	})
}

// Defer calls build at the start of each run and runs what it returns: for streams whose making has effects, needs
// the context or can fail.
func Defer[T any](build func(ctx context.Context) (Observable[T], error)) Observable[T] {
	return func(ctx context.Context, yield func(T) bool) error {
		if err := Cause(ctx); err != nil {
			return err
		}
		src, err := build(ctx)
		if canceled := Cause(ctx); canceled != nil {
			return canceled
		}
		if err != nil {
			return err
		}
		return src(ctx, yield)
	}
}
