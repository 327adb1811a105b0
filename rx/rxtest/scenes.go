package rxtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rxcql/rxcql/rx"
)

// again: rule 4. Runs one after the other, and at once.
func (s *suite[T]) again() {
	s.t.Helper()
	switch s.mode {
	case Cold:
		s.alike("a second run", 1)
		s.alike("three runs at once", 3)
	case Once:
		s.once()
	}
}

// alike checks that n runs at once are as the first was. They meet at their first item.
func (s *suite[T]) alike(scene string, n int) {
	s.t.Helper()
	k := len(s.want)
	if s.endless && k == 0 {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var (
		src    = s.make()
		trials = make([]*trial[T], n)
		there  sync.WaitGroup
		all    = make(chan struct{})
	)
	s.together = n > 1
	there.Add(n)
	go func() { there.Wait(); close(all) }()
	for i := range trials {
		arrive := sync.OnceFunc(there.Done)
		tr := s.begin(ctx, src, func(n int) bool {
			if n == 1 {
				arrive()
				select {
				case <-all:
				case <-ctx.Done():
				}
			}
			return !s.endless || n < k
		})
		go func() { <-tr.done; arrive() }()
		trials[i] = tr
	}
	if !s.within(all) {
		fail(s.t, independent, scene, "a run hangs while another is at its first item")
	}
	for _, tr := range trials {
		s.finish(ctx, scene, tr)
	}
	s.apart(scene)
	for _, tr := range trials {
		if s.endless && contains(s.want, tr.items, s.unordered) && tr.err == nil || s.natural(tr) {
			continue
		}
		fail(s.t, independent, scene, "got items %v, want %v as in the first run (if that is its purpose, see Trait and Mode); %s, want %s",
			tr.items, s.want, tr.ending(), quote(s.err))
	}
}

func (s *suite[T]) once() {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	src := s.make()
	consume := toTheEnd
	if s.endless {
		if len(s.want) == 0 {
			return // nothing would end the run
		}
		consume = on(len(s.want), byStop.leave)
	}
	const scene = "two runs of a one-shot stream"
	s.together = true
	a := s.begin(ctx, src, consume)
	b := s.begin(ctx, src, consume)
	s.finish(ctx, scene, a)
	s.finish(ctx, scene, b)
	s.apart(scene)
	if errors.Is(a.err, rx.ErrConsumed) {
		a, b = b, a
	}
	if !errors.Is(b.err, rx.ErrConsumed) || len(b.items) > 0 {
		fail(s.t, independent, scene, "one yielded %v and %s, the other yielded %v and %s; want one of them to be rx.ErrConsumed without items",
			a.items, a.ending(), b.items, b.ending())
	}
	if errors.Is(a.err, rx.ErrConsumed) {
		fail(s.t, independent, scene, "both %s", a.ending())
	}
}

// apart ends a time in which several runs were under way, and looks for what they have left open.
func (s *suite[T]) apart(scene string) {
	s.t.Helper()
	s.together = false
	if s.atEnd != nil {
		s.closed(scene, s.atEnd(""))
	}
}

// leaves: rules 1, 2, 3 and 6. The consumer leaves at every item, in every way.
func (s *suite[T]) leaves() {
	s.t.Helper()
	for _, k := range points(len(s.want)) {
		for _, d := range departures {
			ctx, cancel := context.WithCancel(context.Background())
			tr := s.begin(ctx, s.make(), on(k, d.leave))
			s.left(ctx, fmt.Sprintf("the consumer %v at item %d", d, k), tr, d, k)
			cancel()
		}
	}
}

// cancels: rule 5. The context ends before, inside and between yields.
func (s *suite[T]) cancels() {
	s.t.Helper()
	s.canceledBefore()
	s.late()
	for _, k := range points(len(s.want)) {
		s.canceledInside(k)
	}
	s.canceledOutside(0)
	for _, k := range points(len(s.want)) {
		s.canceledOutside(k)
	}
}

func (s *suite[T]) canceledBefore() {
	s.t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errCause)
	tr := s.begin(ctx, s.make(), toTheEnd)
	s.canceled(ctx, "the context was cancelled before the run", tr, 0, time.Now())
}

func (s *suite[T]) late() {
	s.t.Helper()
	ctx, cancel := context.WithDeadlineCause(context.Background(), time.Now().Add(-time.Second), errLate)
	defer cancel()
	tr := s.begin(ctx, s.make(), toTheEnd)
	s.canceled(ctx, "the context's deadline had passed before the run", tr, 0, time.Now())
}

func (s *suite[T]) canceledInside(k int) {
	s.t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	var since time.Time
	tr := s.begin(ctx, s.make(), on(k, func() bool {
		since = time.Now()
		cancel(errCause)
		return true
	}))
	scene := fmt.Sprintf("the consumer cancels the context at item %d", k)
	s.await(ctx, scene, tr)
	if since.IsZero() {
		s.completed(ctx, scene, tr) // there were fewer items; that is for it to judge
		return
	}
	s.canceled(ctx, scene, tr, k, since)
}

// canceledOutside cancels while the stream waits for whatever it waits for after item k, or, if it yields the next
// at once, inside that.
func (s *suite[T]) canceledOutside(k int) {
	s.t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	reached, canceled := make(chan struct{}), make(chan struct{})
	if k == 0 {
		close(reached)
	}
	tr := s.begin(ctx, s.make(), func(n int) bool {
		if n == k {
			close(reached)
		}
		if n > k {
			<-canceled
		}
		return true
	})
	s.within(reached, tr.done)
	settle(s.bubble)
	since := time.Now()
	cancel(errCause)
	close(canceled)
	s.canceled(ctx, fmt.Sprintf("the context is cancelled from outside after item %d", k), tr, k+1, since)
}

// canceled checks a run whose context ended at item k.
func (s *suite[T]) canceled(ctx context.Context, scene string, tr *trial[T], k int, since time.Time) {
	s.t.Helper()
	s.finish(ctx, scene, tr)
	if took := tr.at.Sub(since); s.bubble && took > promptly {
		fail(s.t, cancelPrompt, scene, "run took another %v of virtual time to return, more than %v", took, promptly)
	}
	if !s.operator && len(tr.items) > k {
		fail(s.t, cancelPrompt, scene, "run yielded %d more items; a source looks at its context before every item", len(tr.items)-k)
	}
	if s.natural(tr) {
		return // it had come to its end anyway
	}
	if tr.end != returned || !errors.Is(tr.err, ctx.Err()) || !errors.Is(tr.err, context.Cause(ctx)) {
		fail(s.t, cancelPrompt, scene, "%s, want an error that is both %q and its cause %q; items %v of %v",
			tr.ending(), ctx.Err(), context.Cause(ctx), tr.items, s.want)
	}
	items := tr.items
	if s.endless && len(items) > len(s.want) {
		items = items[:len(s.want)] // the rest is not known
	}
	if !s.loose && !contains(s.want, items, s.unordered) {
		fail(s.t, cancelPrompt, scene, "got items %v, want only those of %v", items, s.want)
	}
}
