package sink

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// bury gives a row that cannot be written to the dead letters. It returns nil when they have taken it and the write
// goes on; else the error that the write ends with. It waits while the sink of the dead letters is behind, and may be
// called by several goroutines at once. When ctx has ended the row is not taken: it may or may not be written, or dead.
type bury[T any] func(ctx context.Context, f operators.Failure[T]) error

// withDeadLetters runs write beside the sink of its dead letters, which ends, with all letters, before it returns: a
// write that has returned has kept them. If that sink fails, or leaves though there are letters, the context that write
// gets ends, and the sink's error is part of the result: no row is dropped silently. Without a sink the first row that
// fails ends the write.
func withDeadLetters[T any](
	ctx context.Context, to rx.Sink[operators.Failure[T]], t Tolerance, record *recorder,
	write func(context.Context, bury[T]) error,
) error {
	if to == nil {
		return write(ctx, func(_ context.Context, f operators.Failure[T]) error { return f.Err })
	}
	both := operators.DeadLetters(to, func(dead operators.OnError[T]) rx.Observable[struct{}] {
		return func(ctx context.Context, _ func(struct{}) bool) error {
			return write(ctx, func(ctx context.Context, f operators.Failure[T]) error {
				if canceled := rx.Cause(ctx); canceled != nil {
					return canceled
				}
				if dead(ctx, &f) != operators.Resume {
					if canceled := rx.Cause(ctx); canceled != nil {
						return canceled
					}
					return operators.ErrSinkLeft
				}
				if n := record.dead.Add(1); t.exceeded(n, record.settled()) {
					return fmt.Errorf("%w: %d of %d rows; the last: %w", ErrTooManyDead, n, record.settled(), f.Err)
				}
				return nil
			})
		}
	})
	return both(ctx, func(struct{}) bool { return true })
}
