package operators

import "sync/atomic"

// Counts is a tap that counts: make hooks of it by [HooksOf]. The zero value is ready. It may be given to any number of
// streams, whose counts add up, and read at any time; it must not be copied.
type Counts struct {
	started, items, failed, completed, canceled atomic.Int64
}

// Tally is what a [Counts] has counted.
type Tally struct {
	Runs      int64 // that were started
	Items     int64
	Failed    int64 // runs that ended with an error
	Completed int64 // runs that completed
	Canceled  int64 // runs that ended otherwise: their consumers left, or their contexts ended
}

// InFlight is how many runs are under way.
func (t Tally) InFlight() int64 { return t.Runs - t.Failed - t.Completed - t.Canceled }

// Read tells what was counted so far. Each number is right at some moment of the call; of a run that ends meanwhile the
// start is never missing.
func (c *Counts) Read() Tally {
	t := Tally{Failed: c.failed.Load(), Completed: c.completed.Load(), Canceled: c.canceled.Load()}
	t.Items = c.items.Load()
	t.Runs = c.started.Load()
	return t
}

// OnStart counts a run.
func (c *Counts) OnStart() { c.started.Add(1) }

// OnItem counts an item.
func (c *Counts) OnItem() { c.items.Add(1) }

// OnError counts a run that failed.
func (c *Counts) OnError(error) { c.failed.Add(1) }

// OnComplete counts a run that completed.
func (c *Counts) OnComplete() { c.completed.Add(1) }

// OnCancel counts a run that ended otherwise.
func (c *Counts) OnCancel() { c.canceled.Add(1) }
