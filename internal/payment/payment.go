// Package payment waits for tokens of a rate.Limiter which may be changed meanwhile.
package payment

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// look is how often one who waits looks whether the limiter was changed.
const look = 100 * time.Millisecond

// Payment takes tokens from a limiter, on one goroutine.
type Payment struct {
	limiter *rate.Limiter
	timer   *time.Timer // nil until there was something to wait for
	probe   *stage.Probe
}

// To makes a Payment to a limiter, which others may pay to as well.
func To(l *rate.Limiter) Payment { return Payment{limiter: l} }

// Watch has a monitor see the limiter, and who waits for it; nil is none.
func (p *Payment) Watch(seen *stage.Probe) {
	p.Waits(seen)
	seen.GaugeOf("limiter_rate", stage.Max, func() float64 { return float64(p.limiter.Limit()) })
	seen.GaugeOf("limiter_burst", stage.Max, func() float64 { return float64(p.limiter.Burst()) })
}

// Waits has a monitor see who waits; nil is none.
func (p *Payment) Waits(seen *stage.Probe) { p.probe = seen }

// Pay waits until it has got that many tokens: more than the limiter's burst are paid in several steps of at most the
// burst. It returns early with why ctx has ended. The limiter's rate and burst may be changed at any time: one who waits
// goes by the new ones within 100 ms. A rate or burst of 0 makes it wait until that is changed.
func (p *Payment) Pay(ctx context.Context, tokens int) error {
	if tokens <= 0 || p.limiter.AllowN(time.Now(), tokens) {
		return nil
	}
	began := p.probe.Start(stage.Limited)
	defer p.probe.Stop(stage.Limited, began)
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
func (p *Payment) step(ctx context.Context, tokens int) (bool, error) {
	limit, burst := p.limiter.Limit(), p.limiter.Burst()
	now := time.Now()
	r := p.limiter.ReserveN(now, tokens)
	if tokens < 1 || !r.OK() { // the burst is 0, or has just become less
		return false, p.wait(ctx, look)
	}
	for left := r.DelayFrom(now); left > 0; left = r.Delay() {
		if err := p.wait(ctx, min(left, look)); err != nil {
			r.Cancel()
			return false, err
		}
		if left > look && (p.limiter.Limit() != limit || p.limiter.Burst() != burst) {
			r.Cancel()
			return false, nil
		}
	}
	return true, nil
}

// wait waits for d, or returns early with why ctx has ended.
func (p *Payment) wait(ctx context.Context, d time.Duration) error {
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

// Stop lets go of what a Payment that has waited holds.
func (p *Payment) Stop() {
	if p.timer != nil {
		p.timer.Stop()
	}
}
