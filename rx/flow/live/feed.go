package live

import (
	"context"
	"time"

	"github.com/rxcql/rxcql/rx/flow"
)

// interval is how often those who look get something new.
const interval = time.Second

// feed makes frames. It has no goroutine: whoever first asks for a frame when the last one is too old makes it, and
// others who ask meanwhile wait for it, and get the same.
type feed struct {
	look func() flow.Snapshot
	turn chan struct{} // holds a token while somebody uses last, or makes it
	last *frame
}

func newFeed(look func() flow.Snapshot) feed { return feed{look: look, turn: make(chan struct{}, 1)} }

// frame gives a frame that is younger than age. It fails if ctx ends.
func (f *feed) frame(ctx context.Context, age time.Duration) (*frame, error) {
	select {
	case f.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-f.turn }()
	if f.last == nil || time.Since(f.last.taken) >= age {
		f.last = newFrame(f.look())
	}
	return f.last, nil
}
