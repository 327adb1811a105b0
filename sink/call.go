package sink

import (
	"context"
	"sync"
	"sync/atomic"
)

// call is one Write.
type call[T any] struct {
	ctx  context.Context // its caller's
	stop context.CancelFunc
	job  bool        // rows may be repeated when it is resumed
	dead atomic.Bool // there were dead letters

	mu      sync.Mutex
	pending int // rows that are not done with
	busy    int // of those, rows that are being given to dead letters or callbacks
	ended   bool
	done    chan struct{} // closed when ended and nothing is pending
	quiet   chan struct{} // closed when left and nothing is busy
	left    bool          // the caller's context has ended, and it waits for no row
	failed  *WriteError   // of the rows that could not be written, the first one in the stream
	fatal   error         // ends the write, and outranks that
}

// enter notes that a row was taken from the stream.
func (c *call[T]) enter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending++
}

// settle notes that n rows are done with.
func (c *call[T]) settle(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending -= n; c.pending == 0 && c.ended {
		close(c.done)
	}
}

// end notes that there will be no more rows.
func (c *call[T]) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended = true; c.pending == 0 {
		close(c.done)
	}
}

// over tells whether the stream is to be stopped.
func (c *call[T]) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed != nil || c.fatal != nil || c.left
}

// fail ends the write with an error.
func (c *call[T]) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	failed, ok := err.(*WriteError)
	switch {
	case !ok && c.fatal == nil:
		c.fatal = err
	case ok && (c.failed == nil || failed.Row < c.failed.Row):
		c.failed = failed
	}
	c.stop()
}

// tell runs f, which calls a function of the user's about a row, unless the write has been left; and leaving waits for it.
func (c *call[T]) tell(f func(ctx context.Context) error) error {
	c.mu.Lock()
	if c.left {
		c.mu.Unlock()
		return nil
	}
	c.busy++
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.busy--; c.left && c.busy == 0 {
			close(c.quiet)
		}
	}()
	return f(c.ctx)
}

// leave has no function of the user's called for this write any more, and waits for those that are being called, which
// its context has told to end.
func (c *call[T]) leave() {
	c.mu.Lock()
	c.left = true
	busy := c.busy
	c.mu.Unlock()
	if busy > 0 {
		<-c.quiet
	}
}
