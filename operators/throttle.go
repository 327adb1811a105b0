package operators

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/rx"
)

// throttleLook is how often a waiting Throttle looks whether its limiter was changed.
const throttleLook = 100 * time.Millisecond

// Throttle lets items pass at the rate that l allows, by making them, and with them their upstream, wait: Pekko's
// throttle in shaping mode. It drops nothing. An item waits before it is emitted, and takes one token from l, or as
// many as cost says: bytes, for instance; a cost of 0 or less passes freely. A cost above l's burst is paid in several
// steps of at most the burst.
//
// l may be shared by several streams, which then share its rate, and its rate and burst may be changed at any time: a
// waiting item goes by the new ones within 100 ms. A rate or burst of 0 holds the stream up until it is changed.
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
	return func(ctx context.Context, yield func(T) bool) error {
		p := payment{limiter: l}
		var canceled error
		err := src(ctx, func(v T) bool {
			tokens := 1
			if len(cost) > 0 {
				tokens = cost[0](v)
			}
			canceled = p.pay(ctx, tokens)
			return canceled == nil && yield(v)
		})
		p.stop()
		if canceled != nil {
			return canceled
		}
		return err
	}
}

// payment takes tokens from a limiter, for one run.
type payment struct {
	limiter *rate.Limiter
	timer   *time.Timer // nil until there was something to wait for
}

// pay waits until it has got that many tokens.
func (p *payment) pay(ctx context.Context, tokens int) error {
	if tokens <= 0 || p.limiter.AllowN(time.Now(), tokens) {
		return nil
	}
	for tokens > 0 {
		step := tokens
		if p.limiter.Limit() != rate.Inf {
			step = min(tokens, p.limiter.Burst())
		}
		paid, err := p.step(ctx, step)
		if err != nil {
			return err
		}
		if paid {
			tokens -= step
		}
	}
	return nil
}

// step tries to get a number of tokens that the limiter's burst allows. It gives up, with false, when the limiter is
// changed meanwhile.
func (p *payment) step(ctx context.Context, tokens int) (bool, error) {
	limit, burst := p.limiter.Limit(), p.limiter.Burst()
	now := time.Now()
	r := p.limiter.ReserveN(now, tokens)
	if tokens < 1 || !r.OK() { // the burst is 0, or has just become less
		return false, p.wait(ctx, throttleLook)
	}
	for left := r.DelayFrom(now); left > 0; left = r.Delay() {
		if err := p.wait(ctx, min(left, throttleLook)); err != nil {
			r.Cancel()
			return false, err
		}
		if left > throttleLook && (p.limiter.Limit() != limit || p.limiter.Burst() != burst) {
			r.Cancel()
			return false, nil
		}
	}
	return true, nil
}

// wait waits for d, or returns early with why ctx has ended.
func (p *payment) wait(ctx context.Context, d time.Duration) error {
	if p.timer == nil {
		p.timer = time.NewTimer(d)
	} else {
		p.timer.Reset(d)
	}
	select {
	case <-p.timer.C:
	case <-ctx.Done():
	}
	return rx.Cause(ctx)
}

func (p *payment) stop() {
	if p.timer != nil {
		p.timer.Stop()
	}
}
