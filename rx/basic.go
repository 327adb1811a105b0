package rx

import (
	"context"
	"time"
)

// Empty completes at once without an item.
func Empty[T any]() Observable[T] {
	return func(ctx context.Context, _ func(T) bool) error { return Cause(ctx) }
}

// Fail ends at once with err. It panics if err is nil: a stream that completes is [Empty].
func Fail[T any](err error) Observable[T] {
	if err == nil {
		panic("rx.Fail: nil error; use rx.Empty for a stream that completes")
	}
	return func(ctx context.Context, _ func(T) bool) error {
		if canceled := Cause(ctx); canceled != nil {
			return canceled
		}
		return err
	}
}

// Never emits nothing and ends only with ctx.
func Never[T any]() Observable[T] {
	return func(ctx context.Context, _ func(T) bool) error {
		<-ctx.Done()
		return Cause(ctx)
	}
}

// Range emits n consecutive integers from start. A negative n is as 0.
func Range(start, n int) Observable[int] {
	return source("Range", func(ctx context.Context, yield func(int) bool) error {
		done := ctx.Done()
		for i := range n {
			select {
			case <-done:
				return Cause(ctx)
			default:
			}
			if !yield(start + i) {
				return nil
			}
		}
		return Cause(ctx)
	})
}

// Timer emits the time once, after d, and completes. The time is when d was over, also if it is requested later.
func Timer(d time.Duration) Observable[time.Time] {
	return source("Timer", func(ctx context.Context, yield func(time.Time) bool) error {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-ctx.Done():
			return Cause(ctx)
		case now := <-t.C:
			if err := Cause(ctx); err != nil {
				return err
			}
			yield(now)
			return nil
		}
	})
}

// Interval emits 0, 1, 2, … every d, the first after d, without end. A consumer that takes longer than d misses ticks
// but no number: the count goes on with the next tick; so does one that requests too late. It panics if d is not
// positive.
func Interval(d time.Duration) Observable[int] {
	if d <= 0 {
		panic("rx.Interval: the period must be positive")
	}
	return source("Interval", func(ctx context.Context, yield func(int) bool) error {
		t := time.NewTicker(d)
		defer t.Stop()
		for i := 0; ; i++ {
			select {
			case <-ctx.Done():
				return Cause(ctx)
			case <-t.C:
			}
			if err := Cause(ctx); err != nil {
				return err
			}
			if !yield(i) {
				return nil
			}
		}
	})
}
