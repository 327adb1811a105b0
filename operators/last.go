package operators

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/rx"
)

// Last emits the last item, when upstream has completed, and nothing if there was none: ReactiveX's last.
//
// Ordered. Not concurrent. Buffers one item. On error: emits nothing and passes it on. On cancel: drops the item.
func Last[T any](src rx.Observable[T]) rx.Observable[T] {
	given("Last", src)
	return TakeLast(src, 1)
}

// TakeLast emits the last n items, or as many as there are, when upstream has completed: ReactiveX's takeLast. TakeLast
// of 0 emits nothing, but reads upstream to its end. It panics if n is negative.
//
// Ordered. Not concurrent. Buffers n items. On error: emits nothing and passes it on. On cancel: drops the items.
func TakeLast[T any](src rx.Observable[T], n int) rx.Observable[T] {
	given("TakeLast", src)
	if n < 0 {
		panic(fmt.Sprintf("operators.TakeLast: %d items; the number must not be negative", n))
	}
	return func(ctx context.Context, yield func(T) bool) error {
		last := ring[T]{size: n}
		err := src(ctx, func(v T) bool {
			last.push(v)
			return true
		})
		if err != nil {
			return err
		}
		return last.emit(ctx, yield)
	}
}

// SkipLast emits all but the last n items: ReactiveX's skipLast. An item is emitted when the n-th after it has come. It
// panics if n is negative.
//
// Ordered. Not concurrent. Buffers n items. On error: passes it on; the n items before it are not emitted.
func SkipLast[T any](src rx.Observable[T], n int) rx.Observable[T] {
	given("SkipLast", src)
	if n < 0 {
		panic(fmt.Sprintf("operators.SkipLast: %d items; the number must not be negative", n))
	}
	return func(ctx context.Context, yield func(T) bool) error {
		last := ring[T]{size: n}
		return src(ctx, func(v T) bool {
			old, ok := last.push(v)
			return !ok || yield(old)
		})
	}
}

// ring holds the last items, at most size of them.
type ring[T any] struct {
	size  int
	items []T // grows as they come, up to size
	first int // index of the oldest
}

// push puts v in and returns the item that had to leave, if one had to.
func (r *ring[T]) push(v T) (old T, ok bool) {
	if r.size == 0 {
		return v, true
	}
	if len(r.items) < r.size {
		r.items = append(r.items, v)
		return old, false
	}
	old, r.items[r.first] = r.items[r.first], v
	if r.first++; r.first == r.size {
		r.first = 0
	}
	return old, true
}

// emit yields the items from the oldest on, until the consumer stops or ctx ends.
func (r *ring[T]) emit(ctx context.Context, yield func(T) bool) error {
	for i := range r.items {
		if canceled := rx.Cause(ctx); canceled != nil {
			return canceled
		}
		if !yield(r.items[(r.first+i)%len(r.items)]) {
			return nil
		}
	}
	return rx.Cause(ctx)
}
