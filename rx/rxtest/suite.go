package rxtest

import (
	"context"
	"errors"
	"time"

	"github.com/rxcql/rxcql/rx"
)

const (
	// tooMany items more than expected come only from a stream that will not end.
	tooMany = 10_000
	// promptly bounds the virtual time from the cancelling of a context to the end of the run.
	promptly = 100 * time.Millisecond
	// patience is the real time after which a run hangs; runs against slow servers have to fit in.
	patience = 20 * time.Second
	// patienceInBubble is virtual, so it passes only when nothing else can.
	patienceInBubble = 1000 * time.Hour
)

var (
	errCause = errors.New("rxtest: the cause with which the context was cancelled")
	errLate  = errors.New("rxtest: a deadline that has passed")
)

// suite runs one stream through all that may happen to it downstream.
type suite[T any] struct {
	t    TB
	make func() rx.Observable[T] // for each run

	want      []T
	unordered bool
	endless   bool
	err       error
	loose     bool // what comes out depends on timing; want is only an example
	operator  bool // it need not look at its context, its upstream does
	mode      Mode
	atEnd     func(id string) error
	together  bool // several runs are under way at once
	foreign   []string
	bubble    bool
}

func (s *suite[T]) all() {
	s.t.Helper()
	if !s.operator { // of an operator, want is what the first full run gave
		s.completes("a full run", s.make())
	}
	s.again()
	s.leaves()
	s.cancels()
}

// on is a consumer that does something at item k and otherwise goes on.
func on(k int, do func() bool) func(int) bool {
	return func(n int) bool { return n != k || do() }
}

func toTheEnd(int) bool { return true }

// begin starts a run of src.
func (s *suite[T]) begin(ctx context.Context, src rx.Observable[T], consume func(int) bool) *trial[T] {
	tr := &trial[T]{consume: consume, limit: len(s.want) + tooMany, atEnd: s.atEnd}
	tr.start(ctx, src)
	return tr
}

// finish waits for the run's end and checks what must hold at the end of every run.
func (s *suite[T]) finish(ctx context.Context, scene string, tr *trial[T]) {
	s.t.Helper()
	s.await(ctx, scene, tr)
	s.faultless(scene, tr)
	s.closed(scene, tr.open)
	if stacks := leaked(tr.id, s.foreign, s.bubble); stacks != "" {
		fail(s.t, nothingLeft, scene, "goroutines of the run are still there:\n%s", stacks)
	}
	s.faultless(scene, tr) // now that even goroutines that are not waited for have had their chance
	for i, v := range tr.items {
		if now := fingerprint(v); now != tr.prints[i] {
			fail(s.t, givenAway, scene, "item %d was changed after it had been yielded: %s, now %s", i+1, tr.prints[i], now)
		}
	}
	if i, j, found := shared(tr.items); found {
		fail(s.t, givenAway, scene, "items %d and %d share memory, so a consumer who appends to the one changes the other", i+1, j+1)
	}
}

func (s *suite[T]) closed(scene string, open error) {
	s.t.Helper()
	if open != nil {
		fail(s.t, nothingLeft, scene, "when run ended, %v", open)
	}
}

func (s *suite[T]) faultless(scene string, tr *trial[T]) {
	s.t.Helper()
	tr.mu.Lock()
	f := tr.fault
	tr.mu.Unlock()
	if f.text != "" {
		fail(s.t, f.rule, scene, "%s", f.text)
	}
}

// await waits for the run's end.
func (s *suite[T]) await(ctx context.Context, scene string, tr *trial[T]) {
	s.t.Helper()
	if s.within(tr.done) {
		return
	}
	stacks := goroutinesOf(tr.id, nil)
	switch {
	case ctx.Err() != nil:
		fail(s.t, cancelPrompt, scene, "run hangs though its context has ended:\n%s", stacks)
	case tr.hasLeft():
		fail(s.t, oneResult, scene, "run hangs though its consumer has left:\n%s", stacks)
	default:
		fail(s.t, oneResult, scene, "run hangs after %d items:\n%s", len(tr.saw()), stacks)
	}
}

// within waits for one of the events until patience ends.
func (s *suite[T]) within(event <-chan struct{}, or ...<-chan struct{}) bool {
	limit := patience
	if s.bubble {
		limit = patienceInBubble
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	or = append(or, nil)
	select {
	case <-event:
	case <-or[0]:
	case <-timer.C:
		return false
	}
	return true
}

// completes runs src to its end, or, if it has none, as far as is known what it yields.
func (s *suite[T]) completes(scene string, src rx.Observable[T]) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if s.endless {
		if k := len(s.want); k > 0 {
			s.left(ctx, scene, s.begin(ctx, src, on(k, byStop.leave)), byStop, k)
		}
		return
	}
	s.completed(ctx, scene, s.begin(ctx, src, toTheEnd))
}

func (s *suite[T]) completed(ctx context.Context, scene string, tr *trial[T]) {
	s.t.Helper()
	s.finish(ctx, scene, tr)
	if !s.loose && !equal(s.want, tr.items, s.unordered) {
		fail(s.t, oneResult, scene, "got items %v, want %v; %s", tr.items, s.want, tr.ending())
	}
	if tr.end != returned || !ends(tr.err, s.err) {
		fail(s.t, oneResult, scene, "%s, want %s", tr.ending(), quote(s.err))
	}
}

// left checks a run whose consumer was to leave at item k.
func (s *suite[T]) left(ctx context.Context, scene string, tr *trial[T], d departure, k int) {
	s.t.Helper()
	s.finish(ctx, scene, tr)
	switch {
	case tr.left:
		judge(s.t, scene, tr, d)
	case !s.loose || !ends(tr.err, s.err): // else there were fewer items this time
		fail(s.t, oneResult, scene, "got items %v, want %v; %s", tr.items, s.want[:k], tr.ending())
	}
	if !s.loose && !contains(s.want, tr.items, s.unordered) {
		fail(s.t, oneResult, scene, "got items %v, want %v", tr.items, s.want[:k])
	}
}

// natural tells whether a run ended as if nothing had happened to it.
func (s *suite[T]) natural(tr *trial[T]) bool {
	return !s.endless && tr.end == returned && ends(tr.err, s.err) && (s.loose || equal(s.want, tr.items, s.unordered))
}

// ends tells whether a result is the one that is expected.
func ends(got, want error) bool {
	if got == nil || want == nil {
		return got == want
	}
	return errors.Is(got, want) || got.Error() == want.Error()
}
