package rxtest

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rxcql/rxcql/rx"
)

// ending is the way a run's goroutine got out of the run.
type ending int

const (
	returned ending = iota
	panicked
	exited
)

// trial is one run on a goroutine of its own, and what its consumer saw.
type trial[T any] struct {
	id      string                // also the label of all goroutines of the run
	limit   int                   // more items will not be taken
	consume func(n int) bool      // what yield does at the n-th item, from 1
	atEnd   func(id string) error // what is left open, asked on the run's goroutine as soon as run has ended
	home    string                // the run's goroutine

	mu     sync.Mutex // yield of a broken stream is called anywhere
	items  []T
	prints []string // of the items as they were when they were yielded
	left   bool     // yield has returned false, panicked or exited
	fault  fault    // the first thing that a yield did wrong

	done  chan struct{} // closed when the run has ended; what follows is set before
	end   ending
	err   error
	value any    // of the panic
	stack []byte // of the panic
	open  error
	at    time.Time
}

type trialKey struct{} // of the trial's id in the run's context

var lastTrial atomic.Int64

// start runs src on a new goroutine.
func (tr *trial[T]) start(ctx context.Context, src rx.Observable[T]) {
	tr.id = strconv.FormatInt(lastTrial.Add(1), 10)
	tr.done = make(chan struct{})
	tr.end = exited
	ctx = context.WithValue(ctx, trialKey{}, tr.id)
	go func() {
		defer close(tr.done)
		pprof.Do(ctx, pprof.Labels(label, tr.id), func(ctx context.Context) { tr.run(ctx, src) })
	}()
}

func (tr *trial[T]) run(ctx context.Context, src rx.Observable[T]) {
	defer func() {
		if v := recover(); v != nil {
			tr.end, tr.value, tr.stack = panicked, v, debug.Stack()
		}
		tr.at = time.Now()
		if tr.atEnd != nil {
			tr.open = tr.atEnd(tr.id)
		}
	}()
	tr.home = goroutine()
	tr.err = src(ctx, tr.yield)
	tr.end = returned
}

func (tr *trial[T]) yield(v T) bool {
	n, ok := tr.note(v)
	if !ok {
		return false
	}
	goesOn := false // and stays so if consume panics or exits
	defer func() {
		if !goesOn {
			tr.mu.Lock()
			tr.left = true
			tr.mu.Unlock()
		}
	}()
	goesOn = tr.consume(n)
	return goesOn
}

func (tr *trial[T]) note(v T) (n int, ok bool) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	n = len(tr.items) + 1
	switch {
	case tr.left:
		tr.breach(onGoroutine, "yield was called again after it had returned false or panicked, with item %d", n)
		return n, false
	case goroutine() != tr.home:
		tr.breach(onGoroutine, "yield was called on another goroutine, with item %d:\n%s", n, debug.Stack())
		return n, false
	case n > tr.limit:
		tr.breach(oneResult, "more than %d items came, is this stream endless?", tr.limit)
		return n, false
	}
	tr.items = append(tr.items, v)
	tr.prints = append(tr.prints, fingerprint(v))
	return n, true
}

func (tr *trial[T]) breach(r rule, format string, args ...any) {
	if tr.fault.text == "" {
		tr.fault = fault{r, fmt.Sprintf(format, args...)}
	}
}

// fault is a breach that a run did not end by.
type fault struct {
	rule rule
	text string
}

// saw returns what has been yielded up to now.
func (tr *trial[T]) saw() []T {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.items[:len(tr.items):len(tr.items)]
}

// ending describes how the run ended.
func (tr *trial[T]) ending() string {
	switch tr.end {
	case returned:
		return "run returned " + quote(tr.err)
	case panicked:
		return fmt.Sprintf("run panicked with %v\n%s", tr.value, tr.stack)
	default:
		return "run's goroutine exited"
	}
}

// goroutine identifies the calling goroutine. The runtime hides that on purpose; a test may look.
func goroutine() string {
	var buf [64]byte
	head := buf[:runtime.Stack(buf[:], false)]
	if i := bytes.IndexByte(head, '['); i > 0 {
		head = head[:i]
	}
	return string(head)
}

func (tr *trial[T]) hasLeft() bool {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.left
}
