package source

import (
	"errors"
	"sync/atomic"
)

// mostIdleCuts is how often the ranges of a scan may be cut, whatever the cause, while no rows come. Failures that have
// nothing to do with what is read would otherwise lead down to ever more ranges of one token each. It is enough for some
// 800 partitions without rows, anywhere in the ring. A variable, as a test that needs that many takes too long.
var mostIdleCuts int64 = 50_000

// cutsOfAPage are given back for each page of rows: more than it takes to find one partition in the whole ring. So any
// number of partitions in trouble can be read that have rows.
const cutsOfAPage = 100

// errTooManyCuts is the cause of the ranges that were cut no further, although that may be what they needed.
var errTooManyCuts = errors.New(
	"not read in smaller parts: without rows, failures have cut the scan's ranges too often; go on, in another run, with what is left")

// cuts counts the pieces that were cut off others, less those that were given back. Several goroutines may use it.
type cuts struct{ n atomic.Int64 }

func (c *cuts) add(n int) { c.n.Add(int64(n)) }

// spent tells whether no more may be cut.
func (c *cuts) spent() bool { return c.n.Load() >= mostIdleCuts }

// rowsCame gives back what a page of rows is worth.
func (c *cuts) rowsCame() {
	for {
		n := c.n.Load()
		if n == 0 || c.n.CompareAndSwap(n, max(n-cutsOfAPage, 0)) {
			return
		}
	}
}
