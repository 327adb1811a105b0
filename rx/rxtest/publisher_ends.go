package rxtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"time"
	"weak"

	"github.com/rxcql/rxcql/rx"
)

// ends: 1.6. The Subscription is used in the last signal and after it.
func (v *verification[T]) ends() {
	v.t.Helper()
	if v.Endless {
		return
	}
	use := func(p *probe[T]) {
		p.request(1)
		p.request(-1)
		p.sub.Cancel()
	}
	const scene = "the subscriber requests and cancels in the last signal and after it"
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := &probe[T]{limit: len(v.Want) + tooMany, react: v.requesting([]int64{math.MaxInt64}, nil), last: use}
	p.start(ctx, v.New())
	v.finish(deadAtEnd, scene, p)
	v.natural(deadAtEnd, scene, p)
	use(p)
	settle(v.bubble)
	v.faultless(scene, p)
}

// opens: 1.4 and 1.9. A nil Subscriber, and contexts that end.
func (v *verification[T]) opens() {
	v.t.Helper()
	v.refusesNil()
	before, cancel := context.WithCancelCause(context.Background())
	cancel(errCause)
	const scene = "the context was cancelled before Subscribe"
	p := v.begin(before, func(p *probe[T], n int) {
		if n == 0 {
			p.request(math.MaxInt64)
		}
	})
	v.finish(onSubscribe, scene, p)
	v.canceled(before, scene, p, time.Time{})

	for _, k := range append([]int{0}, points(len(v.Want)-1)...) {
		if v.Loose && k > 0 {
			continue
		}
		scene := fmt.Sprintf("the context is cancelled when %d items have come and no more are requested", k)
		ctx, cancel := context.WithCancelCause(context.Background())
		p := v.waiting(ctx, scene, k)
		since := time.Now()
		cancel(errCause)
		v.finish(failsByError, scene, p)
		v.canceled(ctx, scene, p, since)
	}
}

// canceled checks a run whose context was cancelled.
func (v *verification[T]) canceled(ctx context.Context, scene string, p *probe[T], since time.Time) {
	v.t.Helper()
	if took := p.at.Sub(since); v.bubble && !since.IsZero() && took > promptly {
		v.fail(failsByError, scene, "Subscribe took another %v of virtual time to return, more than %v", took, promptly)
	}
	switch {
	case p.terminal == "OnError" && errors.Is(p.err, ctx.Err()) && errors.Is(p.err, context.Cause(ctx)):
	case p.end == returned && !v.Endless && (v.Loose || equal(v.Want, p.items, v.Unordered)):
		v.natural(failsByError, scene, p) // it had come to its end
	default:
		v.fail(failsByError, scene, "%s, want OnError with an error that is both %q and its cause %q", p.outcome(), ctx.Err(), context.Cause(ctx))
	}
}

func (v *verification[T]) refusesNil() {
	v.t.Helper()
	const scene = "the Subscriber is nil"
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var value any
	done := make(chan struct{})
	publisher := v.New()
	go func() {
		defer close(done)
		defer func() { value = recover() }()
		_ = publisher.Subscribe(ctx, nil)
	}()
	if v.hasEnded(done) && value != nil {
		if err, ok := value.(runtime.Error); ok {
			v.fail(onSubscribe, scene, "Subscribe panicked with %v, which does not say what is wrong", err)
		}
		return
	}
	v.fail(onSubscribe, scene, "Subscribe did not panic")
}

func (v *verification[T]) hasEnded(done <-chan struct{}) bool {
	timer := time.NewTimer(v.patience())
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

// suffers: 2.13. The subscriber panics or exits in each of its methods.
func (v *verification[T]) suffers() {
	v.t.Helper()
	for _, d := range []departure{byPanic, byGoexit} {
		for _, k := range append([]int{0}, firstAndLast(len(v.Want))...) {
			scene := fmt.Sprintf("the subscriber %v at item %d", d, k)
			if k == 0 {
				scene = fmt.Sprintf("the subscriber %v in OnSubscribe", d)
			}
			left := false
			p := v.play(panicCancels, scene, func(p *probe[T], n int) {
				if n == 0 {
					p.request(v.plenty())
				}
				if n == k {
					left = true
					p.mute(panicCancels, "the subscriber had panicked or exited")
					d.leave()
				}
				if v.Endless && n == len(v.Want) {
					p.cancel()
				}
			})
			if left {
				v.left(scene, p, d)
			}
		}
		if v.Endless {
			continue
		}
		scene := fmt.Sprintf("the subscriber %v in the last signal", d)
		ctx, cancel := context.WithCancel(context.Background())
		p := &probe[T]{limit: len(v.Want) + tooMany, react: v.requesting([]int64{math.MaxInt64}, nil), last: func(p *probe[T]) { d.leave() }}
		p.start(ctx, v.New())
		v.finish(panicCancels, scene, p)
		v.left(scene, p, d)
		cancel()
	}
}

func (v *verification[T]) left(scene string, p *probe[T], d departure) {
	v.t.Helper()
	switch {
	case d == byPanic && (p.end != panicked || p.value != any(consumerPanic)):
		v.fail(panicCancels, scene, "%s, want the panic to pass untouched", p.outcome())
	case d == byGoexit && p.end != exited:
		v.fail(panicCancels, scene, "%s, want its goroutine to exit", p.outcome())
	}
}

// forgets: 3.13. The Subscription outlives the run, the Subscriber does not.
func (v *verification[T]) forgets() {
	v.t.Helper()
	for _, at := range []int{-1, 0, 1} {
		if at < 0 && v.Endless || at > len(v.Want) {
			continue
		}
		scene := fmt.Sprintf("only the Subscription is kept of a run that was cancelled at item %d", at)
		if at < 0 {
			scene = "only the Subscription is kept of a run that has ended"
		}
		sub, kept := v.forget(scene, at)
		for range 10 {
			runtime.GC()
			if kept.Value() == nil {
				break
			}
		}
		if kept.Value() != nil {
			v.fail(forgotten, scene, "the Subscriber is still reachable")
		}
		runtime.KeepAlive(sub)
	}
}

func (v *verification[T]) forget(scene string, at int) (rx.Subscription, weak.Pointer[guest[T]]) {
	v.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	g := &guest[T]{leaveAt: at}
	done := make(chan struct{})
	go func(publisher Subscribable[T]) {
		defer close(done)
		_ = publisher.Subscribe(ctx, g)
	}(v.New())
	if !v.hasEnded(done) {
		v.fail(forgotten, scene, "Subscribe hangs")
	}
	return g.Subscription, weak.Make(g)
}

// guest is a subscriber that requests everything and cancels at an item.
type guest[T any] struct {
	rx.Subscription
	leaveAt, items int
}

func (g *guest[T]) OnSubscribe(s rx.Subscription) {
	g.Subscription = s
	if s.Request(math.MaxInt64); g.leaveAt == 0 {
		s.Cancel()
	}
}

func (g *guest[T]) OnNext(T) {
	if g.items++; g.items == g.leaveAt {
		g.Cancel()
	}
}

func (g *guest[T]) OnError(error) {}
func (g *guest[T]) OnComplete()   {}

// again: 1.11. Several subscribe at once, each with a pace of its own.
func (v *verification[T]) again() {
	v.t.Helper()
	if v.Mode == Shared {
		return
	}
	const scene = "two subscribe at once"
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	publisher := v.New()
	begin := func() *probe[T] {
		p := &probe[T]{limit: len(v.Want) + tooMany, react: v.requesting(nil, []int64{1})}
		p.start(ctx, publisher)
		v.await(manyAtOnce, scene, p, 0)
		v.faultless(scene, p)
		return p
	}
	a, b := begin(), begin()
	if v.Endless && len(v.Want) == 0 {
		a.cancel()
		b.cancel()
	}
	var both sync.WaitGroup
	for _, p := range []*probe[T]{a, b} {
		both.Go(func() {
			if _, subscribed, _ := p.state(); subscribed {
				p.request(1)
			}
		})
	}
	both.Wait()
	v.finish(manyAtOnce, scene, a)
	v.finish(manyAtOnce, scene, b)
	if v.Mode == Once {
		if errors.Is(a.err, rx.ErrConsumed) {
			a, b = b, a
		}
		if !errors.Is(b.err, rx.ErrConsumed) || len(b.items) > 0 {
			v.fail(manyAtOnce, scene, "%s for the one, %s for the other; want OnError with rx.ErrConsumed, and no items, for one of them", a.outcome(), b.outcome())
		}
		v.natural(manyAtOnce, scene, a)
		return
	}
	v.natural(manyAtOnce, scene, a)
	v.natural(manyAtOnce, scene, b)
}
