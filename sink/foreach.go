package sink

import (
	"context"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// ForEach calls f with every item, in order, on the caller's goroutine, and stops at f's first error, which it
// returns. f gets the context of the run.
func ForEach[T any](f func(context.Context, T) error) rx.Sink[T] {
	return func(ctx context.Context, src rx.Observable[T]) error {
		return src.ForEach(ctx, func(v T) error { return f(ctx, v) })
	}
}

// Slice appends every item to *to, which may be read once the sink has returned. If the stream fails, it holds what
// came before. It has no bound: it is for tests and for streams that are known to be short.
func Slice[T any](to *[]T) rx.Sink[T] {
	return func(ctx context.Context, src rx.Observable[T]) error {
		return stage.Drain(ctx, "Slice", src, nil, func(v T) bool {
			*to = append(*to, v)
			return true
		})
	}
}
