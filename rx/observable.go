package rx

import "context"

// Observable is a cold stream of T: calling it runs it once, from the start, on the caller's goroutine. It returns
// when the stream has completed (nil), failed, or was left because yield returned false (nil). The package comment
// states the contract.
type Observable[T any] func(ctx context.Context, yield func(T) bool) error

// Sink runs a stream to its end and returns the stream's error or its own. Unlike an Observable's result, a Sink's
// result is where a consumer's failure shows.
type Sink[T any] = func(ctx context.Context, src Observable[T]) error
