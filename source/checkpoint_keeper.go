package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rxcql/rxcql/internal/async"
)

const (
	keepEvery  = time.Second      // from one save to the next
	keepLast   = 10 * time.Second // for each part of the save at the end, which the end of the run's context does not cancel
	keepAtOnce = 100              // ranges in a part
	keepTries  = 5                // saves that fail in a row, before the end
)

// keeper saves what changes in a scan's checkpoint. A nil keeper keeps nothing.
type keeper struct {
	checkpoint Checkpoint
	job        []byte
	generation uint64
	done       int // ranges that were done when the run began

	mu    sync.Mutex
	dirty map[*piece]struct{}
}

// touch notes that a piece has changed.
func (k *keeper) touch(p *piece) {
	if k == nil {
		return
	}
	k.mu.Lock()
	k.dirty[p] = struct{}{}
	k.mu.Unlock()
}

// start saves now and then, on a goroutine of the group, until saving fails for good, which it tells, or stop is called.
// That cuts a save under way short and waits for it: of two at a time, the older one might come last.
func (k *keeper) start(g *async.Group, failed func(error)) (stop func()) {
	if k == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(g.Context())
	ended := make(chan struct{})
	g.Go(func(context.Context) {
		defer close(ended)
		k.run(ctx, failed)
	})
	return func() {
		cancel()
		<-ended
	}
}

// run saves now and then, until ctx ends or saving fails, which it tells. What could not be saved is tried again the next
// time: a scan of hours does not end by a moment's trouble, nor does it go on for long if nobody could go on from it.
func (k *keeper) run(ctx context.Context, failed func(error)) {
	t := time.NewTicker(keepEvery)
	defer t.Stop()
	for failures := 0; ; {
		select {
		case <-t.C:
			err := k.save(ctx, 0)
			if err == nil {
				failures = 0
				continue
			}
			if failures++; failures == keepTries || errors.Is(err, ErrFenced) {
				failed(err)
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// last saves at the end of a run that ended with err.
func (k *keeper) last(ctx context.Context, err error) error {
	if k == nil || errors.Is(err, ErrFenced) {
		return err
	}
	if failure := k.save(context.WithoutCancel(ctx), keepLast); failure != nil {
		return errors.Join(err, failure)
	}
	return err
}

// save saves the pieces that have changed. The pieces are in the order of the ring, so that one that was halved is saved
// before the half that was cut off: what is saved never overlaps.
//
// They are saved some at a time; limit, if there is one, is for each time: a job may have many ranges, and a store may be
// slow.
func (k *keeper) save(ctx context.Context, limit time.Duration) error {
	k.mu.Lock()
	pieces := make([]*piece, 0, len(k.dirty))
	for p := range k.dirty {
		pieces = append(pieces, p)
	}
	clear(k.dirty)
	k.mu.Unlock()
	sortPieces(pieces)
	var ranges []SavedRange // as of now: a piece that is halved meanwhile is saved before the half that was cut off
	for _, p := range pieces {
		if r, begun := p.saved(); begun {
			ranges = append(ranges, r)
		}
	}
	for some := range slices.Chunk(ranges, keepAtOnce) {
		if err := k.put(ctx, limit, Saved{Job: k.job, Ranges: some, Generation: k.generation}); err != nil {
			for _, p := range pieces {
				k.touch(p)
			}
			return fmt.Errorf("source: saving the checkpoint: %w", err)
		}
	}
	return nil
}

func (k *keeper) put(ctx context.Context, limit time.Duration, changes Saved) error {
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	return k.checkpoint.Save(ctx, changes)
}

// saved is what a checkpoint keeps of a piece; nothing if nothing of it was consumed.
func (p *piece) saved() (r SavedRange, begun bool) {
	p.mu.Lock()
	end, at, done := p.end, p.consumed, p.wholly()
	p.mu.Unlock()
	r = SavedRange{Range: Range{Start: p.start, End: end}, Done: done}
	if !done {
		r.Range = p.from(at, end)
	}
	return r, done || r.Cursor != nil
}

func sortPieces(pieces []*piece) {
	slices.SortFunc(pieces, func(a, b *piece) int { return cmp.Compare(a.start, b.start) })
}
