package rxtest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rxcql/rxcql/rx"
)

var errUpstream = errors.New("rxtest: the upstream failed")

// finish is what an upstream does after its items.
type finish int

const (
	completes finish = iota
	fails            // returns errUpstream
	failsLate        // lets everybody work off the items, then fails
	blocks           // until its context ends
	repeats          // starts over, without end
	panics           // with value
	exits            // calls runtime.Goexit
)

func (f finish) String() string {
	return [...]string{"completes", "fails", "fails late", "blocks", "goes on for ever", "panics", "calls runtime.Goexit"}[f]
}

const (
	// linger is for how long in virtual time an upstream is still busy after it was stopped or cancelled.
	linger = 10 * time.Millisecond
	// afterwards is how many items an endless upstream goes on to yield after the run's consumer has left.
	afterwards = 2000
	// turns is how often an endless upstream yields its items while the consumer is there.
	turns = 2000
)

// upstream is an instrumented source for the operator under test. It keeps the contract itself.
type upstream[T any] struct {
	items  []T
	finish finish
	value  any // of its panic
	bubble bool

	finished atomic.Bool // it came to the end of its items, and did what it does there
	waiting  atomic.Bool // it is blocked
	gone     atomic.Bool // the run's consumer has left, or its context ended
	turn     func(n int) // called after each turn of an endless one

	mu    sync.Mutex
	busy  map[string]int // its runs under way, by the trial that they are part of
	fault error
}

func newUpstream[T any](items []T, f finish, bubble bool) *upstream[T] {
	return &upstream[T]{items: items, finish: f, bubble: bubble, busy: make(map[string]int)}
}

func (u *upstream[T]) run(ctx context.Context, yield func(T) bool) error {
	id, ok := ctx.Value(trialKey{}).(string)
	if !ok {
		u.breach("the upstream got a context that is not derived from the run's")
	}
	u.enter(id, 1)
	defer u.enter(id, -1)
	after := 0
	for turn := 1; ; turn++ {
		for _, v := range u.items {
			if err := rx.Cause(ctx); err != nil {
				u.linger()
				return err
			}
			if !yield(v) {
				u.linger()
				return nil
			}
		}
		if u.finish != repeats || len(u.items) == 0 {
			break
		}
		if u.turn != nil {
			u.turn(turn)
		}
		if u.gone.Load() {
			after += len(u.items)
		}
		if after > afterwards {
			u.breach("the operator had not stopped its upstream, which yielded %d items after the consumer had left or the context had ended", after)
			return nil
		}
		if turn > turns {
			return nil // to an operator that waits for the end before it yields, it has to come
		}
		u.breathe()
	}
	return u.end(ctx)
}

func (u *upstream[T]) end(ctx context.Context) error {
	switch u.finish {
	case blocks:
		u.waiting.Store(true)
		<-ctx.Done()
		u.linger()
		return rx.Cause(ctx)
	case failsLate:
		select {
		case <-ctx.Done():
			return rx.Cause(ctx)
		case <-time.After(linger):
		}
	}
	if err := rx.Cause(ctx); err != nil {
		return err
	}
	u.finished.Store(true)
	switch u.finish {
	case fails, failsLate:
		return errUpstream
	case panics:
		panic(u.value)
	case exits:
		runtime.Goexit()
	}
	return nil
}

// linger ignores the context for a moment, so that an operator which does not wait for its upstream is found out.
func (u *upstream[T]) linger() {
	if u.bubble {
		time.Sleep(linger)
		return
	}
	for range 20 {
		runtime.Gosched()
	}
}

// breathe lets the others work.
func (u *upstream[T]) breathe() {
	switch {
	case u.gone.Load():
		time.Sleep(time.Millisecond)
	case u.bubble:
		time.Sleep(time.Microsecond)
	default:
		runtime.Gosched()
	}
}

func (u *upstream[T]) enter(id string, n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.busy[id] += n
}

func (u *upstream[T]) breach(format string, args ...any) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.fault == nil {
		u.fault = fmt.Errorf(format, args...)
	}
}

// open tells what the operator has left undone of trial id, whose run has just ended.
func (u *upstream[T]) open(id string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.busy[id] > 0 {
		return errors.New("the run of the operator's upstream was still under way")
	}
	return u.fault
}

// blow returns the two kinds of values that come up from below in a panic: any, and one that has crossed a boundary.
func blow() (plain any, crossed *rx.PanicError) {
	plain = &struct{ why string }{"rxtest: the upstream panics"}
	return plain, &rx.PanicError{Value: plain, Stack: debug.Stack()}
}
