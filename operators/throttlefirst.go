package operators

import (
	"context"
	"time"

	"github.com/rxcql/rxcql/rx"
)

// ThrottleFirst emits an item and drops those that come within d after it came: ReactiveX's throttleFirst. The time
// that the consumer spends on an item counts, too; so a consumer that takes longer than d misses nothing. To wait
// instead of dropping, use [Throttle]. It panics if d is not positive.
//
// Ordered. Not concurrent. Buffers nothing. On error: passes it on.
func ThrottleFirst[T any](src rx.Observable[T], d time.Duration) rx.Observable[T] {
	mustBePositive("ThrottleFirst", d)
	return func(ctx context.Context, yield func(T) bool) error {
		origin := time.Now()
		free := time.Duration(0) // when, since origin, an item may pass again
		return src(ctx, func(v T) bool {
			now := time.Since(origin)
			if now < free {
				return true
			}
			free = now + d
			return yield(v)
		})
	}
}
