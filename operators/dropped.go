package operators

import "sync/atomic"

// Dropped counts items that operators have dropped. The zero value is ready. It may be shared by operators and by their
// runs, and read at any time; it must not be copied.
type Dropped struct{ n atomic.Int64 }

// Count is the number of items dropped so far.
func (d *Dropped) Count() int64 { return d.n.Load() }
