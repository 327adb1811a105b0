package operators

import (
	"context"

	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/internal/payment"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// Throttle lets items pass at the rate that l allows, by making them, and with them their upstream, wait: Pekko's
// throttle in shaping mode. It drops nothing. An item waits before it is emitted, and takes one token from l, or as
// many as cost says: bytes, for instance; a cost of 0 or less passes freely. A cost above l's burst is paid in several
// steps of at most the burst.
//
// l may be shared by several streams, which then share its rate, and its rate and burst may be changed at any time: a
// waiting item goes by the new ones within 100 ms. A rate or burst of 0 holds the stream up until it is changed.
//
// The burst is how many items may come at once after a pause, and what makes up for timers: an item that waits comes up
// to about a millisecond late, so with a burst of 1 a rate of thousands a second is not reached. About a tenth of a
// second's items is right for most.
//
//	atMost := rate.NewLimiter(1000, 100) // rows a second, and how many may come at once after a pause
//	calm := op.Throttle(rows, atMost)
//
// Ordered. Not concurrent. Buffers nothing. On error: passes it on. On cancel: stops waiting. It panics if l is nil.
func Throttle[T any](src rx.Observable[T], l *rate.Limiter, cost ...func(T) int) rx.Observable[T] {
	given("Throttle", src, cost)
	switch {
	case l == nil:
		panic("operators.Throttle: nil limiter; make one with rate.NewLimiter")
	case len(cost) > 1:
		panic("operators.Throttle: more than one cost function")
	}
	return step("Throttle", func(ctx context.Context, yield func(T) bool) error {
		p := payment.To(l)
		p.Watch(stage.From(ctx))
		var canceled error
		err := src(ctx, func(v T) bool {
			tokens := 1
			if len(cost) > 0 {
				tokens = cost[0](v)
			}
			canceled = p.Pay(ctx, tokens)
			return canceled == nil && yield(v)
		})
		p.Stop()
		if canceled != nil {
			return canceled
		}
		return err
	})
}
