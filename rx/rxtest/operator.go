package rxtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/rxcql/rxcql/rx"
)

// Trait exempts an operator from what its purpose rules out.
type Trait int

const (
	// Unordered: the items come in any order.
	Unordered Trait = 1 << iota
	// Loose: which items come depends on timing (Sample, Debounce), or on chance; none are compared.
	Loose
	// Recovers: an error of the upstream need not become the result (Catch, Retry).
	Recovers
	// Entangled: the documented exemption from rule 4, such as a breaker or a limiter that is shared by all runs.
	Entangled
)

// Operator checks that an operator keeps the contract. in are the items of the upstreams that op is applied to; three
// to six that are all different show the most, and an operator that handles some items in a special way should get
// such items. Operators that have several inputs are checked once for each of them, with other streams for the others.
//
// What comes out is not described: it is what comes out of a first run on an upstream that yields in and completes,
// and has to end. Test separately that this is right.
func Operator[T, U any](t TB, in []T, op func(rx.Observable[T]) rx.Observable[U], traits ...Trait) {
	t.Helper()
	o := &operator[T, U]{t: t, in: in, op: op, bubble: inBubble(), models: make(map[int]*trial[U])}
	for _, trait := range traits {
		o.traits |= trait
	}
	if len(in) < 2 {
		t.Errorf("rxtest.Operator needs at least two items")
		t.FailNow()
	}
	defer part(o.bubble)
	o.natural()
	o.fails()
	o.leaves()
	o.cancels()
	o.blows()
}

type operator[T, U any] struct {
	t      TB
	in     []T
	op     func(rx.Observable[T]) rx.Observable[U]
	traits Trait
	bubble bool
	models map[int]*trial[U]
}

func (o *operator[T, U]) is(t Trait) bool { return o.traits&t != 0 }

// apply gives the checks of the operator on an upstream with the first k items and that finish.
func (o *operator[T, U]) apply(k int, f finish) (*suite[U], *upstream[T]) {
	up := newUpstream(o.in[:k], f, o.bubble)
	src := o.op(up.run)
	s := &suite[U]{
		t:         o.t,
		make:      func() rx.Observable[U] { return src },
		unordered: o.is(Unordered),
		loose:     o.is(Loose),
		operator:  true,
		atEnd:     up.open,
		bubble:    o.bubble,
	}
	if o.is(Entangled) {
		s.mode = Shared
		s.make = func() rx.Observable[U] { return o.op(up.run) }
	}
	return s, up
}

// play runs the operator once.
func (o *operator[T, U]) play(scene string, s *suite[U], consume func(int) bool) *trial[U] {
	o.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tr := s.begin(ctx, s.make(), consume)
	s.finish(ctx, scene, tr)
	return tr
}

// model finds out what comes out for the first k items.
func (o *operator[T, U]) model(k int) *trial[U] {
	o.t.Helper()
	if tr, ok := o.models[k]; ok {
		return tr
	}
	s, _ := o.apply(k, completes)
	scene := fmt.Sprintf("a first run over %d items", k)
	tr := o.play(scene, s, toTheEnd)
	if tr.end != returned {
		fail(o.t, oneResult, scene, "%s", tr.ending())
	}
	o.models[k] = tr
	return tr
}

// lengths are the numbers of items after which upstreams finish.
func (o *operator[T, U]) lengths() []int { return append([]int{0}, points(len(o.in))...) }

// natural runs all checks for sources over upstreams that complete.
func (o *operator[T, U]) natural() {
	o.t.Helper()
	for _, k := range []int{0, 1, len(o.in)} {
		model := o.model(k)
		s, _ := o.apply(k, completes)
		s.want, s.err = model.items, model.err
		s.all()
	}
}

// fails: rule 3. The upstream's error is the result, and comes after all items.
func (o *operator[T, U]) fails() {
	o.t.Helper()
	for _, k := range o.lengths() {
		s, up := o.apply(k, failsLate)
		scene := fmt.Sprintf("the upstream yields %d items, waits and fails", k)
		patient := o.play(scene, s, toTheEnd)
		o.failed(scene, patient, k, up.finished.Load())

		s, up = o.apply(k, fails)
		scene = fmt.Sprintf("the upstream yields %d items and fails at once, and the consumer is slow", k)
		hasty := o.play(scene, s, func(int) bool { up.linger(); return true })
		o.failed(scene, hasty, k, up.finished.Load() && errors.Is(patient.err, errUpstream))
		if !o.is(Loose) && !contains(hasty.items, patient.items, o.is(Unordered)) {
			fail(o.t, oneResult, scene, "the error came after items %v, but overtook some of %v", hasty.items, patient.items)
		}
	}
}

// failed checks a run over k items and, if it has come to that, an error.
func (o *operator[T, U]) failed(scene string, tr *trial[U], k int, failed bool) {
	o.t.Helper()
	if tr.end != returned {
		fail(o.t, oneResult, scene, "%s", tr.ending())
	}
	if o.is(Recovers) {
		return
	}
	model := o.model(k)
	own := model.err != nil && ends(tr.err, model.err)
	if failed && !own && !errors.Is(tr.err, errUpstream) {
		fail(o.t, oneResult, scene, "%s, want the upstream's %q", tr.ending(), errUpstream)
	}
	if !o.is(Loose) && !contains(model.items, tr.items, o.is(Unordered)) {
		fail(o.t, oneResult, scene, "got items %v, want only those of %v that come before the end", tr.items, model.items)
	}
}
