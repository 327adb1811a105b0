package rxtest

import (
	"context"
	"errors"
	"time"
)

// begin starts a run.
func (v *verification[T]) begin(ctx context.Context, react func(*probe[T], int)) *probe[T] {
	p := &probe[T]{react: react, limit: len(v.Want) + tooMany}
	p.start(ctx, v.New())
	return p
}

// play runs the publisher to its end.
func (v *verification[T]) play(r spec, scene string, react func(*probe[T], int)) *probe[T] {
	v.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := v.begin(ctx, react)
	v.finish(r, scene, p)
	return p
}

// await waits until so many items have come, the run has ended, or something is wrong; a run that hangs breaks r.
func (v *verification[T]) await(r spec, scene string, p *probe[T], n int) {
	v.t.Helper()
	timer := time.NewTimer(v.patience())
	defer timer.Stop()
	for {
		items, subscribed, broken := p.state()
		if broken || subscribed && n >= 0 && items >= n {
			return
		}
		select {
		case <-p.changed:
		case <-p.done:
			return
		case <-timer.C:
			v.hangs(r, scene, p)
		}
	}
}

func (v *verification[T]) patience() time.Duration {
	if v.bubble {
		return patienceInBubble
	}
	return patience
}

func (v *verification[T]) hangs(r spec, scene string, p *probe[T]) {
	v.t.Helper()
	p.mu.Lock()
	requests, cancels, items := p.requests, p.cancels, len(p.items)
	p.mu.Unlock()
	stacks := goroutinesOf(p.id, nil)
	switch {
	case requests > 0:
		v.fail(requestQuick, scene, "Request does not return:\n%s", stacks)
	case cancels > 0:
		v.fail(cancelQuick, scene, "Cancel does not return:\n%s", stacks)
	default:
		v.fail(r, scene, "Subscribe hangs after %d items:\n%s", items, stacks)
	}
}

// finish waits for the end of a run and checks what must hold at the end of each.
func (v *verification[T]) finish(r spec, scene string, p *probe[T]) {
	v.t.Helper()
	v.await(r, scene, p, -1)
	v.faultless(scene, p)
	if stacks := leaked(p.id, v.Foreign, v.bubble); stacks != "" {
		fail(v.t, nothingLeft, scene, "goroutines of the run are still there:\n%s", stacks)
	}
	v.faultless(scene, p)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.end != returned || p.muted == panicCancels || p.muted == refusesZero {
		return // for the scene to judge
	}
	switch {
	case p.sub == nil:
		v.fail(onSubscribe, scene, "Subscribe returned %s without OnSubscribe", quote(p.result))
	case p.terminal == "OnError" && p.result != p.err && !errors.Is(p.result, p.err):
		v.fail(failsByError, scene, "Subscribe returned %s, but OnError got %s", quote(p.result), quote(p.err))
	case p.terminal == "OnComplete" && p.result != nil:
		v.fail(completesBy, scene, "Subscribe returned %s, but OnComplete was called", quote(p.result))
	case p.terminal != "":
	case !p.cancelled && p.result != nil:
		v.fail(failsByError, scene, "%s", p.outcome())
	case !p.cancelled:
		v.fail(completesBy, scene, "%s", p.outcome())
	case p.result != nil:
		v.fail(cancelStops, scene, "Subscribe returned %s, want nil after Cancel", quote(p.result))
	}
}

func (v *verification[T]) faultless(scene string, p *probe[T]) {
	v.t.Helper()
	p.mu.Lock()
	broken, how := p.broken, p.how
	p.mu.Unlock()
	if broken != "" {
		v.fail(broken, scene, "%s", how)
	}
}

// natural checks that a run came to the end that is described; a probe of an endless publisher has cancelled.
func (v *verification[T]) natural(r spec, scene string, p *probe[T]) {
	v.t.Helper()
	if p.end != returned {
		v.fail(r, scene, "%s", p.outcome())
	}
	if !v.Endless {
		switch {
		case r == unbounded && v.Err == nil && p.terminal == "OnError":
			v.fail(unbounded, scene, "%s, want OnComplete", p.outcome())
		case v.Err == nil && p.terminal != "OnComplete":
			v.fail(completesBy, scene, "%s, want OnComplete; items %v of %v", p.outcome(), p.items, v.Want)
		case v.Err != nil && (p.terminal != "OnError" || !ends(p.err, v.Err)):
			v.fail(failsByError, scene, "%s, want OnError with %s; items %v of %v", p.outcome(), quote(v.Err), p.items, v.Want)
		}
	}
	if !v.Loose && !equal(v.Want, p.items, v.Unordered) {
		v.fail(r, scene, "got items %v, want %v", p.items, v.Want)
	}
}

// ended tells whether a run is over.
func (p *probe[T]) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}
