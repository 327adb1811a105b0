package rxtest

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/rx"
)

// Subscribable is what [Publisher] checks: an rx.Observable, or something else that can be subscribed to.
type Subscribable[T any] interface {
	Subscribe(ctx context.Context, s rx.Subscriber[T]) error
}

// Publication describes a publisher and what a subscriber is to get of it.
type Publication[T any] struct {
	// New makes the publisher: once in mode Cold, else once for each run.
	New func() Subscribable[T]

	// Want is what a subscriber gets that requests everything, compared with reflect.DeepEqual; as a multiset if
	// Unordered, and not at all if Loose, since it depends on timing or on chance.
	Want      []T
	Unordered bool
	Loose     bool

	// Endless publishers do not end by themselves; Want is what they begin with.
	Endless bool

	// Err is what OnError gets, by errors.Is; nil if the publisher completes.
	Err error

	// LateEnd: the publisher sees its end only when it looks for another item, so the last signal may need demand.
	LateEnd bool

	Mode Mode

	// Foreign is as in [Case].
	Foreign []string
}

// Publisher checks that a publisher keeps the rules of Reactive Streams 1.0.4, as package rx adapts them to Go: those
// of publishers (1.x) and subscriptions (3.x) that can be seen from outside, and what is owed to a subscriber that
// breaks rule 2.13. A failure names the rule:
//
//	Reactive Streams rule 1.1 (no more than was requested): 1 is requested, from outside: item 2 came when 1 was requested
//
// Not checked, as there is nothing to see or it is a matter of degree: 1.10, and how fast Request (3.4) and Cancel
// (3.5) are; that they return at all is. The rules of subscribers (2.x) are the checks' own to keep.
func Publisher[T any](t TB, p Publication[T]) {
	t.Helper()
	v := &verification[T]{Publication: p, t: t, bubble: inBubble()}
	if p.Mode == Cold {
		publisher := p.New()
		v.New = func() Subscribable[T] { return publisher }
	}
	defer part(v.bubble)
	v.completes()
	v.paces()
	v.saturates()
	v.refuses()
	v.cancels()
	v.ends()
	v.opens()
	v.suffers()
	v.forgets()
	v.again()
	v.crowded()
}

// verification is the checking of one publisher.
type verification[T any] struct {
	Publication[T]
	t      TB
	bubble bool
}

// spec is the number of a rule of Reactive Streams.
type spec string

const (
	asRequested  spec = "1.1"
	mayBeFewer   spec = "1.2"
	serially     spec = "1.3"
	failsByError spec = "1.4"
	completesBy  spec = "1.5"
	deadAtEnd    spec = "1.6"
	lastIsLast   spec = "1.7"
	deadOnCancel spec = "1.8"
	onSubscribe  spec = "1.9"
	manyAtOnce   spec = "1.11"
	panicCancels spec = "2.13"
	requestAny   spec = "3.2"
	noRecursion  spec = "3.3"
	requestQuick spec = "3.4"
	cancelQuick  spec = "3.5"
	requestDead  spec = "3.6"
	cancelDead   spec = "3.7"
	refusesZero  spec = "3.9"
	cancelStops  spec = "3.12"
	forgotten    spec = "3.13"
	unbounded    spec = "3.17"
)

var specNames = map[spec]string{
	asRequested:  "no more than was requested",
	mayBeFewer:   "fewer than requested if it ends",
	serially:     "serial signals, here on the goroutine of Subscribe",
	failsByError: "a failure is OnError's",
	completesBy:  "OnComplete at the end",
	deadAtEnd:    "the subscription is dead after the last signal",
	lastIsLast:   "nothing after the last signal",
	deadOnCancel: "nothing after Cancel",
	onSubscribe:  "OnSubscribe first, once, for any Subscriber but nil",
	manyAtOnce:   "many subscribers",
	panicCancels: "a Subscriber that panics has cancelled",
	requestAny:   "Request inside of OnSubscribe and OnNext",
	noRecursion:  "no recursion of Request and OnNext",
	requestQuick: "Request waits for nothing",
	cancelQuick:  "Cancel waits for nothing",
	requestDead:  "Request does nothing after Cancel",
	cancelDead:   "Cancel does nothing after Cancel",
	refusesZero:  "a Request that is not positive is OnError's",
	cancelStops:  "Cancel ends the run",
	forgotten:    "the Subscriber is not kept alive",
	unbounded:    "demand up to math.MaxInt64 and beyond",
}

func (v *verification[T]) fail(r spec, scene, format string, args ...any) {
	v.t.Helper()
	v.t.Errorf("Reactive Streams rule %s (%s): %s: %s", r, specNames[r], scene, fmt.Sprintf(format, args...))
	v.t.FailNow()
}
