package rxtest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/rxcql/rxcql/rx"
)

// cancels: rule 5. The context ends while the upstream waits or works.
func (o *operator[T, U]) cancels() {
	o.t.Helper()
	for _, k := range o.lengths() {
		o.canceledBlocked(k)
	}
	o.canceledBusy()
}

func (o *operator[T, U]) canceledBlocked(k int) {
	o.t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	s, up := o.apply(k, blocks)
	tr := s.begin(ctx, s.make(), toTheEnd)
	settle(o.bubble)
	s.endless = up.waiting.Load() // then only the context can have ended it
	s.err, s.loose = o.model(k).err, true
	since := time.Now()
	cancel(errCause)
	s.canceled(ctx, fmt.Sprintf("the upstream yields %d items and blocks, then the context is cancelled", k), tr, 0, since)
}

func (o *operator[T, U]) canceledBusy() {
	o.t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	s, up := o.apply(len(o.in), repeats)
	s.err, s.loose = o.model(len(o.in)).err, true
	var since time.Time
	end := sync.OnceFunc(func() {
		since = time.Now()
		up.gone.Store(true)
		cancel(errCause)
	})
	up.turn = func(n int) {
		if n == 3 {
			end()
		}
	}
	tr := s.begin(ctx, s.make(), toTheEnd)
	const scene = "the context is cancelled while an endless upstream yields"
	s.await(ctx, scene, tr)
	if since.IsZero() {
		s.completed(ctx, scene, tr)
		return
	}
	s.canceled(ctx, scene, tr, 0, since)
}

// leaves: rules 2, 3 and 6. A consumer that leaves stops the upstream, whatever that is doing.
func (o *operator[T, U]) leaves() {
	o.t.Helper()
	for _, f := range []finish{repeats, blocks, fails} {
		for _, k := range points(len(o.in)) {
			for _, d := range departures {
				o.leavesAt(k, f, d)
			}
		}
	}
}

func (o *operator[T, U]) leavesAt(k int, f finish, d departure) {
	o.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s, up := o.apply(len(o.in), f)
	tr := s.begin(ctx, s.make(), on(k, func() bool { up.gone.Store(true); return d.leave() }))
	if f == blocks && !o.soon(tr.done) && !tr.hasLeft() {
		cancel() // the consumer waits for an item that will not come
	}
	scene := fmt.Sprintf("the upstream %v, the consumer %v at item %d", f, d, k)
	s.finish(ctx, scene, tr)
	if tr.left {
		judge(o.t, scene, tr, d)
	}
}

// soon waits for longer than upstreams linger.
func (o *operator[T, U]) soon(event <-chan struct{}) bool {
	timer := time.NewTimer(2 * linger)
	defer timer.Stop()
	select {
	case <-event:
		return true
	case <-timer.C:
		return false
	}
}

// blows: rule 6. The upstream panics or exits.
func (o *operator[T, U]) blows() {
	o.t.Helper()
	for _, k := range o.lengths() {
		plain, crossed := blow()
		o.panics(k, plain, plain)
		o.panics(k, crossed, plain)

		s, up := o.apply(k, exits)
		scene := fmt.Sprintf("the upstream calls runtime.Goexit after %d items", k)
		tr := o.play(scene, s, toTheEnd)
		if up.finished.Load() && tr.end != exited {
			fail(o.t, panicsPass, scene, "%s, want its goroutine to exit", tr.ending())
		}
	}
}

// panics lets the upstream panic with value, in which the original is found.
func (o *operator[T, U]) panics(k int, value, original any) {
	o.t.Helper()
	s, up := o.apply(k, panics)
	up.value = value
	scene := fmt.Sprintf("the upstream panics after %d items with a %T", k, value)
	tr := o.play(scene, s, toTheEnd)
	if !up.finished.Load() {
		return
	}
	crossed, ok := tr.value.(*rx.PanicError)
	switch {
	case tr.end != panicked:
		fail(o.t, panicsPass, scene, "%s, want the panic to come out", tr.ending())
	case tr.value == value:
	case !ok || crossed.Value != original:
		fail(o.t, panicsPass, scene, "%s, want the value itself or an *rx.PanicError with it, once", tr.ending())
	case len(crossed.Stack) == 0:
		fail(o.t, panicsPass, scene, "the *rx.PanicError has no stack")
	}
}
