package stage

import (
	"sync"
	"sync/atomic"
	"time"
)

// How often a ticker ticks: while meters notice, and at least.
const (
	often  = time.Millisecond
	seldom = 64 * often
)

// Ticker tells meters when to look at the clock. It has one goroutine as long as somebody uses it.
type Ticker struct {
	_       [64]byte
	ticks   atomic.Int64
	_       [64]byte // a line that is written a thousand times a second, at most
	noticed atomic.Bool
	slow    atomic.Bool // it ticks less often than it might

	mu    sync.Mutex
	users int
	wake  chan struct{} // has it tick often again
	stop  chan struct{}
	done  chan struct{}
}

// still is a ticker for meters that look at the clock each time.
var still Ticker

// use sees to it that the ticker ticks.
func (t *Ticker) use() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.users++; t.users == 1 {
		t.wake, t.stop, t.done = make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
		go t.run(t.wake, t.stop, t.done)
	}
}

// leave undoes use. The last one waits until the goroutine has ended, which waits for nothing.
func (t *Ticker) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.users--; t.users == 0 {
		close(t.stop)
		<-t.done
	}
}

// notice says that a tick was noticed. If nobody had for a while, the next one comes soon: what comes after a long wait
// is to be found as well as the wait. A user calls it.
func (t *Ticker) notice() {
	t.noticed.Store(true)
	if t.slow.Load() && t.slow.Swap(false) {
		select {
		case t.wake <- struct{}{}:
		default:
		}
	}
}

// run ticks, and the less often the longer nobody has noticed.
func (t *Ticker) run(wake, stop <-chan struct{}, done chan<- struct{}) {
	defer close(done)
	every := often
	t.slow.Store(false)
	timer := time.NewTimer(every)
	defer timer.Stop()
	for {
		select {
		case <-stop:
			return
		case <-wake:
			every = often
			timer.Reset(every)
			continue
		case <-timer.C:
		}
		if t.noticed.Swap(false) {
			every = often
		} else {
			every = min(2*every, seldom)
		}
		t.slow.Store(every > often)
		t.ticks.Add(1)
		timer.Reset(every)
	}
}
