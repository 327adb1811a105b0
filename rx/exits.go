package rx

import (
	"context"
	"iter"

	"github.com/rxcql/rxcql/internal/demand"
	"github.com/rxcql/rxcql/internal/stage"
)

// leave runs the stream for a consumer that takes what comes: a demand that ctx carries, as it does inside a run that
// was subscribed to, is another's. own is the consumer's failure, which may be nil.
func (o Observable[T]) leave(ctx context.Context, name string, own *error, yield func(T) bool) error {
	return stage.Drain(demand.Without(ctx), name, o, own, yield)
}

// All runs the stream as a range loop. Every item comes with a nil error; if the stream fails, its error comes last,
// with a zero item. Leaving the loop stops the stream, and all that it started has ended when the loop is left.
//
//	for row, err := range rows.All(ctx) {
//		if err != nil {
//			return err
//		}
//		…
//	}
func (o Observable[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		left := false
		err := o.leave(ctx, "All", nil, func(v T) bool {
			left = !yield(v, nil)
			return !left
		})
		if err != nil && !left {
			var zero T
			yield(zero, err)
		}
	}
}

// ForEach calls f with every item, on the caller's goroutine and in order. It stops at the first error of f and
// returns it; otherwise it returns the stream's error.
func (o Observable[T]) ForEach(ctx context.Context, f func(T) error) error {
	var own error
	err := o.leave(ctx, "ForEach", &own, func(v T) bool {
		own = f(v)
		return own == nil
	})
	if own != nil {
		return own
	}
	return err
}

// Collect returns all items. If the stream fails, it returns its error and the items that came before it.
func (o Observable[T]) Collect(ctx context.Context) ([]T, error) {
	var items []T
	err := o.leave(ctx, "Collect", nil, func(v T) bool {
		items = append(items, v)
		return true
	})
	return items, err
}

// First returns the first item and stops the stream; [ErrEmpty] if it completes without one.
func (o Observable[T]) First(ctx context.Context) (T, error) {
	var (
		first T
		found bool
	)
	err := o.leave(ctx, "First", nil, func(v T) bool {
		first, found = v, true
		return false
	})
	if err == nil && !found {
		err = ErrEmpty
	}
	return first, err
}
