package operators

import (
	"context"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// Retry runs its upstream again when it fails, after waiting as b says, until it completes or b's attempts are used
// up; then the last error is the stream's. ReactiveX's retryWhen with a backoff. With when given, an error is retried
// only if one of them is true for it; [Is] makes them.
//
// RETRY REPEATS WHAT WAS ALREADY DELIVERED. Each attempt runs the upstream from its start, and the items that the
// consumer got from the failed attempt come again. Use it where that is harmless, or where upstream fails before its
// first item. A Cassandra query needs no Retry: it retries the page that failed, and nothing is repeated.
//
// A Budget in b bounds the retries of all streams that share it; each run counts as one request.
//
// Attempts are counted over the whole run; items that arrive do not reset the count. The wait ends early with the
// context. A consumer that stops, also because it failed, is never a reason to retry, nor is the context's end.
//
// Ordered. Not concurrent. Buffers nothing. On error: retries, then passes it on.
func Retry[T any](src rx.Observable[T], b Backoff, when ...func(error) bool) rx.Observable[T] {
	given("Retry", src, when)
	return func(ctx context.Context, yield func(T) bool) error {
		stopped := false
		remember := func(v T) bool {
			stopped = !yield(v)
			return !stopped
		}
		b.Budget.Request()
		for failed := 1; ; failed++ {
			err := src(ctx, remember)
			switch {
			case stopped:
				return nil
			case err == nil, ctx.Err() != nil, !matches(err, when), !b.Allow(failed):
				return err
			}
			stage.From(ctx).Retried(1)
			if err := b.Wait(ctx, failed); err != nil {
				return err
			}
		}
	}
}
