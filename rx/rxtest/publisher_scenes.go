package rxtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/rxcql/rxcql/rx"
)

// requesting makes a reaction that requests first in OnSubscribe and then in each OnNext, and leaves an endless
// publisher where it is no longer known.
func (v *verification[T]) requesting(first, then []int64) func(*probe[T], int) {
	return func(p *probe[T], n int) {
		requests := then
		if n == 0 {
			requests = first
		}
		if v.Endless && n == len(v.Want) {
			p.mute(deadOnCancel, "the subscriber had cancelled")
			p.cancel()
			return
		}
		for _, n := range requests {
			p.request(n)
		}
	}
}

// plenty is more than there is, or than is known of an endless publisher.
func (v *verification[T]) plenty() int64 {
	if v.Loose {
		return math.MaxInt64
	}
	return int64(len(v.Want)) + 1
}

// completes: 1.2, 1.4, 1.5, 3.2 and 3.3. Everything is requested, at once or one by one, inside of the signals.
func (v *verification[T]) completes() {
	v.t.Helper()
	const all = "everything is requested in OnSubscribe"
	v.natural(mayBeFewer, all, v.play(completesBy, all, v.requesting([]int64{int64(len(v.Want)) + tooMany + 1}, nil)))
	const each = "1 is requested in OnSubscribe and in each OnNext"
	v.natural(requestAny, each, v.play(requestAny, each, v.requesting([]int64{1}, []int64{1})))
}

// saturates: 3.17.
func (v *verification[T]) saturates() {
	v.t.Helper()
	for _, requests := range [][]int64{{math.MaxInt64}, {math.MaxInt64, math.MaxInt64}, {math.MaxInt64 - 1, 2}, {1, math.MaxInt64 - 1}} {
		scene := fmt.Sprintf("%d are requested in OnSubscribe and in each OnNext", requests)
		v.natural(unbounded, scene, v.play(unbounded, scene, v.requesting(requests, requests)))
	}
}

// paces: 1.1 and 1.5. Items are requested from outside, while nothing else happens; the end needs no demand.
func (v *verification[T]) paces() {
	v.t.Helper()
	for _, step := range []int{1, 2, len(v.Want) - 1} {
		if step > 0 {
			v.paced(step)
		}
	}
	if len(v.Want) == 0 {
		v.paced(1)
	}
}

func (v *verification[T]) paced(step int) {
	v.t.Helper()
	scene := fmt.Sprintf("%d is requested, from outside", step)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := v.begin(ctx, nil)
	v.pace(scene, p, step)
	v.finish(completesBy, scene, p)
	v.natural(asRequested, scene, p)
}

// pace requests, from the test's goroutine, all that there is, or all that is known of an endless publisher.
func (v *verification[T]) pace(scene string, p *probe[T], step int) {
	v.t.Helper()
	v.await(onSubscribe, scene, p, 0)
	for got := 0; ; {
		settle(v.bubble)
		v.faultless(scene, p)
		switch {
		case v.Loose && !v.Endless:
			if p.ended() {
				return
			}
		case got < len(v.Want):
			if p.ended() {
				return // too early, and found so by what came
			}
		case v.Endless:
			p.mute(deadOnCancel, "the subscriber had cancelled")
			p.cancel()
			return
		case !v.LateEnd:
			return // the end comes without demand
		}
		if p.ended() {
			return
		}
		p.request(int64(step))
		if got >= len(v.Want) && !v.Loose {
			return
		}
		if got += step; !v.Loose {
			got = min(got, len(v.Want))
		}
		v.await(asRequested, scene, p, got)
	}
}

// crowded has several goroutines request at once.
func (v *verification[T]) crowded() {
	v.t.Helper()
	const scene = "three goroutines request"
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := v.begin(ctx, func(p *probe[T], n int) {
		if v.Endless && n > 0 && n == len(v.Want) {
			p.cancel()
		}
	})
	v.await(onSubscribe, scene, p, 0)
	v.faultless(scene, p)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for range len(v.Want) + 1 {
				p.request(1)
			}
		})
	}
	wg.Wait()
	if v.Loose || v.Endless && len(v.Want) == 0 {
		p.request(math.MaxInt64)
	}
	if v.Endless && len(v.Want) == 0 {
		p.cancel()
	}
	v.finish(asRequested, scene, p)
	v.natural(asRequested, scene, p)
}

// refuses: 3.9. What is requested is not positive.
func (v *verification[T]) refuses() {
	v.t.Helper()
	for _, wrong := range []int64{0, -1, math.MinInt64} {
		for _, k := range append([]int{0}, points(min(len(v.Want), 2))...) {
			scene := fmt.Sprintf("%d is requested in OnSubscribe", wrong)
			if k > 0 {
				scene = fmt.Sprintf("%d is requested at item %d", wrong, k)
			}
			asked := false
			p := v.play(refusesZero, scene, func(p *probe[T], n int) {
				if n == 0 && k > 0 {
					p.request(v.plenty())
				}
				if n == k {
					asked = true
					p.mute(refusesZero, fmt.Sprintf("%d had been requested", wrong))
					p.request(wrong)
				}
			})
			if asked {
				v.refused(scene, p, wrong)
			}
		}
	}
	const scene = "-1 is requested from outside"
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := v.begin(ctx, nil)
	v.await(onSubscribe, scene, p, 0)
	settle(v.bubble)
	v.faultless(scene, p)
	if !p.ended() {
		p.request(-1)
		v.finish(refusesZero, scene, p)
		v.refused(scene, p, -1)
	}
}

func (v *verification[T]) refused(scene string, p *probe[T], n int64) {
	v.t.Helper()
	var refused *rx.RequestError
	if p.end != returned || p.terminal != "OnError" || !errors.As(p.err, &refused) || refused.N != n {
		v.fail(refusesZero, scene, "%s, want OnError with a *rx.RequestError of %d", p.outcome(), n)
	}
}

// cancels: 1.8, 3.5, 3.6, 3.7 and 3.12. The subscriber cancels in a signal, or from outside.
func (v *verification[T]) cancels() {
	v.t.Helper()
	for _, way := range []struct {
		rule spec
		name string
		call func(*probe[T])
	}{
		{cancelStops, "cancels", func(*probe[T]) {}},
		{cancelDead, "cancels twice", (*probe[T]).cancel},
		{requestDead, "cancels and requests 5", func(p *probe[T]) { p.request(5) }},
		{requestDead, "cancels and requests -1", func(p *probe[T]) { p.request(-1) }},
	} {
		at := points(len(v.Want))
		if way.rule != cancelStops {
			at = firstAndLast(len(v.Want))
		}
		for _, k := range append([]int{0}, at...) {
			scene := fmt.Sprintf("the subscriber %s at item %d", way.name, k)
			if k == 0 {
				scene = fmt.Sprintf("the subscriber %s in OnSubscribe", way.name)
			}
			var since time.Time
			p := v.play(cancelStops, scene, func(p *probe[T], n int) {
				if n == 0 {
					p.request(v.plenty())
				}
				if n == k {
					since = time.Now()
					muted := way.rule
					if muted == cancelStops {
						muted = deadOnCancel
					}
					p.mute(muted, "the subscriber had cancelled")
					p.cancel()
					way.call(p)
				}
			})
			v.stopped(way.rule, scene, p, since)
		}
	}
	for _, k := range append([]int{0}, points(len(v.Want)-1)...) {
		if k == 0 || !v.Loose {
			v.cancelsWaiting(k)
		}
	}
}

// stopped checks a run that was cancelled at the given time, if it was.
func (v *verification[T]) stopped(r spec, scene string, p *probe[T], since time.Time) {
	v.t.Helper()
	if p.end != returned {
		v.fail(r, scene, "%s", p.outcome())
	}
	if took := p.at.Sub(since); v.bubble && !since.IsZero() && took > promptly {
		v.fail(cancelStops, scene, "Subscribe took another %v of virtual time to return, more than %v", took, promptly)
	}
}

// cancelsWaiting cancels a run that waits for demand after item k.
func (v *verification[T]) cancelsWaiting(k int) {
	v.t.Helper()
	scene := fmt.Sprintf("the subscriber cancels from outside when it has got %d items and requested no more", k)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := v.waiting(ctx, scene, k)
	if p.ended() {
		v.finish(cancelStops, scene, p)
		return
	}
	since := time.Now()
	p.mute(cancelStops, "the subscriber had cancelled")
	p.cancel()
	v.finish(cancelStops, scene, p)
	v.stopped(cancelStops, scene, p, since)
}

// waiting starts a run of which k items are requested, and waits until it does.
func (v *verification[T]) waiting(ctx context.Context, scene string, k int) *probe[T] {
	v.t.Helper()
	p := v.begin(ctx, func(p *probe[T], n int) {
		if n == 0 && k > 0 {
			p.request(int64(k))
		}
	})
	v.await(asRequested, scene, p, k)
	settle(v.bubble)
	v.faultless(scene, p)
	return p
}
