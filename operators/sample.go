package operators

import (
	"context"
	"fmt"
	"time"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// Sample emits the latest item of each period of d, counted from the start of the run, at its end, and nothing for a
// period without items: ReactiveX's sample. Upstream never waits for the consumer. A consumer that is busy when a
// period ends gets what is the latest by then as soon as it is free. The last item is emitted when the stream ends,
// without waiting for the period (RxJava's emitLast). It panics if d is not positive.
//
// Ordered. Concurrent: upstream with the consumer. Buffers one item. On error: emits the item that it holds, then
// passes it on. On cancel: drops it.
func Sample[T any](src rx.Observable[T], d time.Duration) rx.Observable[T] {
	given("Sample", src)
	mustBePositive("Sample", d)
	return latest("Sample", src, d, func(now, since time.Duration, held bool) time.Duration {
		if held {
			return since
		}
		return now - now%d
	})
}

// Debounce emits an item once d has passed without another, and so the last of each burst: ReactiveX's debounce.
// Upstream never waits for the consumer. An item that waits for a busy consumer is replaced when another comes. The
// last item is emitted when the stream ends, without waiting. It panics if d is not positive.
//
// Ordered. Concurrent: upstream with the consumer. Buffers one item. On error: emits the item that it holds, then
// passes it on. On cancel: drops it.
func Debounce[T any](src rx.Observable[T], d time.Duration) rx.Observable[T] {
	given("Debounce", src)
	mustBePositive("Debounce", d)
	return latest("Debounce", src, d, func(now, _ time.Duration, _ bool) time.Duration { return now })
}

// ThrottleLast waits for d after an item has come, and then emits the latest item: RxJS's auditTime. The next item
// after that begins the next wait; so items are at least d apart, each is at most d old unless the consumer was busy,
// and, other than with [Sample], no time counts in which nothing comes. ([ThrottleFirst] emits the first item of a
// period instead, at once. RxJava's throttleLast is [Sample].) Upstream never waits for the consumer. The last item is
// emitted when the stream ends, without waiting. It panics if d is not positive.
//
// Ordered. Concurrent: upstream with the consumer. Buffers one item. On error: emits the item that it holds, then
// passes it on. On cancel: drops it.
func ThrottleLast[T any](src rx.Observable[T], d time.Duration) rx.Observable[T] {
	given("ThrottleLast", src)
	mustBePositive("ThrottleLast", d)
	return latest("ThrottleLast", src, d, func(now, since time.Duration, held bool) time.Duration {
		if held {
			return since
		}
		return now
	})
}

func mustBePositive(operator string, d time.Duration) {
	if d <= 0 {
		panic(fmt.Sprintf("operators.%s: %v; the time must be positive", operator, d))
	}
}

// dated is an item that is to be emitted some time after since, which counts from the start of the run.
type dated[T any] struct {
	item  T
	since time.Duration
}

// latest emits an item when d has passed since the time that from gives to it, or at the end. An item that comes
// before that takes its place; from gets the time of the item that it replaces, if one is held.
func latest[T any](
	name string, src rx.Observable[T], d time.Duration, from func(now, since time.Duration, held bool) time.Duration,
) rx.Observable[T] {
	return func(ctx context.Context, yield func(T) bool) error {
		return async.Boundary(ctx, name, func(g *async.Group) error {
			origin := time.Now()
			s := newSlot[dated[T]](g)
			fill(g, s, src, func(v T) {
				now := time.Since(origin)
				s.update(func(old dated[T], held bool) dated[T] {
					return dated[T]{item: v, since: from(now, old.since, held)}
				})
			})
			left := func(v dated[T]) time.Duration { return d - (time.Since(origin) - v.since) }
			t := time.NewTimer(d)
			defer t.Stop()
			for {
				v, ok := s.next(g.Done(), left, t)
				if !ok {
					return s.end(ctx)
				}
				if !yield(v.item) {
					return nil
				}
			}
		})
	}
}
