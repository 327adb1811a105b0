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
	given("ThrottleFirst", src)
	mustBePositive("ThrottleFirst", d)
	return func(ctx context.Context, yield func(T) bool) error {
		origin := time.Now()
		emitted, last := false, time.Duration(0) // last, since origin, that an item passed
		return src(ctx, func(v T) bool {
			now := time.Since(origin)
			if emitted && now-last < d {
				return true
			}
			emitted, last = true, now
			return yield(v)
		})
	}
}
