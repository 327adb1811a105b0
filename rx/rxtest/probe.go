package rxtest

import (
	"context"
	"fmt"
	"math"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"sync"
	"time"

	"github.com/rxcql/rxcql/rx"
)

// probe is a subscriber that watches what is done to it, and one run on a goroutine of its own.
type probe[T any] struct {
	id    string
	react func(p *probe[T], n int) // called by OnSubscribe with 0, and by OnNext with the number of the item
	last  func(p *probe[T])        // called by OnError and OnComplete
	limit int                      // more items will not be taken
	home  string                   // the goroutine of Subscribe

	changed chan struct{} // gets a signal after each change of what follows

	mu        sync.Mutex
	sub       rx.Subscription
	items     []T
	requested int64
	inside    string // the method that is running
	on        string // and its goroutine
	terminal  string // the method that was called last
	err       error  // what OnError got
	cancelled bool
	muted     spec   // the rule by which nothing may be signalled any more,
	because   string // and what happened
	requests  int    // calls of Request under way
	cancels   int    // and of Cancel
	broken    spec   // the rule that was broken first
	how       string

	done   chan struct{} // closed when Subscribe has ended; what follows is set before
	end    ending
	result error
	value  any // of the panic
	stack  []byte
	at     time.Time
}

func (p *probe[T]) start(ctx context.Context, publisher Subscribable[T]) {
	p.id = strconv.FormatInt(lastTrial.Add(1), 10)
	p.changed, p.done = make(chan struct{}, 1), make(chan struct{})
	p.end = exited
	go func() {
		defer close(p.done)
		pprof.Do(ctx, pprof.Labels(label, p.id), func(ctx context.Context) { p.run(ctx, publisher) })
	}()
}

func (p *probe[T]) run(ctx context.Context, publisher Subscribable[T]) {
	defer func() {
		if value := recover(); value != nil {
			p.end, p.value, p.stack = panicked, value, debug.Stack()
		}
		p.at = time.Now()
		p.mute(lastIsLast, "Subscribe had returned")
	}()
	p.home = goroutine()
	p.result = publisher.Subscribe(ctx, p)
	p.end = returned
}

func (p *probe[T]) OnSubscribe(s rx.Subscription) {
	p.signal("OnSubscribe", func() (func(), string) {
		p.sub = s
		return p.reaction(0), "OnSubscribe"
	})
}

func (p *probe[T]) OnNext(v T) {
	p.signal("OnNext", func() (func(), string) {
		n := len(p.items) + 1
		switch {
		case int64(n) > p.requested:
			p.breach(asRequested, "item %d came when %d was requested", n, p.requested)
		case n > p.limit:
			p.breach(completesBy, "more than %d items came, is this publisher endless?", p.limit)
		default:
			p.items = append(p.items, v)
			return p.reaction(n), "OnNext"
		}
		return nil, ""
	})
}

func (p *probe[T]) OnError(err error) {
	p.signal("OnError", func() (func(), string) {
		if err == nil {
			p.breach(failsByError, "OnError got nil")
		}
		p.terminal, p.err = "OnError", err
		return p.final(), "OnError"
	})
}

func (p *probe[T]) OnComplete() {
	p.signal("OnComplete", func() (func(), string) {
		p.terminal = "OnComplete"
		return p.final(), "OnComplete"
	})
}

func (p *probe[T]) reaction(n int) func() {
	if p.react == nil {
		return nil
	}
	return func() { p.react(p, n) }
}

func (p *probe[T]) final() func() {
	if p.last == nil {
		return nil
	}
	return func() { p.last(p) }
}

// signal judges a call of a method, notes it, and reacts.
func (p *probe[T]) signal(method string, note func() (react func(), as string)) {
	on := goroutine()
	p.mu.Lock()
	p.judge(method, on)
	var react func()
	if p.broken == "" {
		if react, p.inside = note(); p.inside != "" {
			p.on = on
		}
	}
	p.mu.Unlock()
	defer p.tell()
	if react == nil {
		p.leave(method)
		return
	}
	defer p.leave(method)
	react()
}

func (p *probe[T]) leave(method string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inside == method {
		p.inside = ""
	}
}

func (p *probe[T]) judge(method, on string) {
	switch {
	case p.muted != "" && (p.muted != refusesZero || method != "OnError") && p.terminal == "":
		p.breach(p.muted, "%s was called when %s", method, p.because)
	case p.inside != "" && p.on == on:
		p.breach(noRecursion, "%s was called inside of %s", method, p.inside)
	case p.inside != "":
		p.breach(serially, "%s was called while %s was running", method, p.inside)
	case on != p.home:
		p.breach(serially, "%s was called on another goroutine", method)
	case p.sub == nil && method != "OnSubscribe":
		p.breach(onSubscribe, "%s came before OnSubscribe", method)
	case p.sub != nil && method == "OnSubscribe":
		p.breach(onSubscribe, "OnSubscribe was called twice")
	case p.terminal != "":
		p.breach(lastIsLast, "%s was called after %s", method, p.terminal)
	}
}

// breach is called with the lock held.
func (p *probe[T]) breach(r spec, format string, args ...any) {
	if p.broken == "" {
		p.broken, p.how = r, fmt.Sprintf(format, args...)
	}
}

// mute says why nothing may be signalled from now on.
func (p *probe[T]) mute(r spec, because string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.muted == "" {
		p.muted, p.because = r, because
	}
}

func (p *probe[T]) request(n int64) {
	p.use(&p.requests, func(sub rx.Subscription) { sub.Request(n) }, func() {
		if n > 0 {
			p.requested += min(n, math.MaxInt64-p.requested)
		}
	})
}

func (p *probe[T]) cancel() {
	p.use(&p.cancels, rx.Subscription.Cancel, func() { p.cancelled = true })
}

// use notes a call of a method of the Subscription, and counts it while it is under way.
func (p *probe[T]) use(underWay *int, call func(rx.Subscription), note func()) {
	p.mu.Lock()
	note()
	*underWay++
	sub := p.sub
	p.mu.Unlock()
	if sub != nil {
		call(sub)
	}
	p.mu.Lock()
	*underWay--
	p.mu.Unlock()
}

func (p *probe[T]) tell() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// state tells how many items have come, and whether something is wrong.
func (p *probe[T]) state() (items int, subscribed, broken bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.items), p.sub != nil, p.broken != ""
}

// outcome describes how the run ended.
func (p *probe[T]) outcome() string {
	switch {
	case p.end == panicked:
		return fmt.Sprintf("Subscribe panicked with %v\n%s", p.value, p.stack)
	case p.end == exited:
		return "the goroutine of Subscribe exited"
	case p.terminal == "OnError":
		return "OnError got " + quote(p.err)
	case p.terminal == "":
		return "Subscribe returned " + quote(p.result) + " without a last signal"
	default:
		return p.terminal + " was called"
	}
}
