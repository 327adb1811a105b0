package source

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rxcql/rxcql/rx"
)

// Tracker tells how far a scan has got while it runs. Give it to [Scan.Track], and poll [Tracker.Progress] or watch
// [Tracker.Watch] from any goroutine. The zero Tracker is ready to use. It is about one run at a time, the one that began
// last.
type Tracker struct {
	mu  sync.Mutex
	run *tracked // nil before the first
}

// Track has t tell how far runs of the scan have got. It costs two additions a page. It panics if t is nil.
func (t Scan[T]) Track(tracker *Tracker) Scan[T] {
	if tracker == nil {
		panic("source: Track with a nil Tracker; make one with new(source.Tracker)")
	}
	t.tracker = tracker
	return t
}

// Progress is how far the run has got; zero before the first.
func (t *Tracker) Progress() Progress {
	run := t.last()
	if run == nil {
		return Progress{}
	}
	return run.progress()
}

// Watch is a stream of how far the run has got: nothing before it begins, then something every so often, and at its end
// the final state, which has Ended set, and with which the stream completes. Every run of the stream watches the run of
// the scan that began last; where no other is begun, a stream that is run later gives the final state only.
//
// A watch that begins before a second run sees the end of the first, and completes: take a new Tracker for each run if
// its watch may begin first. A run that fails before it has read anything, whatever the reason, ends its watch, too.
//
// Ordered. Not concurrent, so a slow consumer sees fewer states. Buffers nothing. It fails only with ctx's end.
// Watch panics if every is not positive.
func (t *Tracker) Watch(every time.Duration) rx.Observable[Progress] {
	if every <= 0 {
		panic(fmt.Sprintf("source: Watch every %v; it must be positive", every))
	}
	return func(ctx context.Context, yield func(Progress) bool) error {
		ticks := time.NewTicker(every)
		defer ticks.Stop()
		for {
			run := t.last()
			var ended <-chan struct{} // nil, which never comes, before a run began
			if run != nil {
				ended = run.over
			}
			select {
			case <-ctx.Done():
				return rx.Cause(ctx)
			case <-ended:
				if err := rx.Cause(ctx); err != nil {
					return err
				}
				yield(run.progress())
				return nil
			case <-ticks.C:
			}
			if run = t.last(); run == nil || ctx.Err() != nil {
				continue
			}
			if p := run.progress(); !yield(p) || p.Ended {
				return nil
			}
		}
	}
}

func (t *Tracker) last() *tracked {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.run
}

// begin is called when a run begins; a nil Tracker tracks nothing.
func (t *Tracker) begin() *tracked {
	if t == nil {
		return nil
	}
	run := newTracked()
	t.mu.Lock()
	t.run = run
	t.mu.Unlock()
	return run
}

func newTracked() *tracked { return &tracked{began: time.Now(), over: make(chan struct{})} }

// tracked is one run. The methods that a scan calls do nothing on nil.
type tracked struct {
	began              time.Time
	over               chan struct{} // closed at the end, after took was set
	took               time.Duration
	pages, rows, bytes atomic.Int64
	failed             atomic.Int64

	mu      sync.Mutex
	asked   float64 // the share of the ring that is to be read, what earlier runs did included
	before  int     // ranges that earlier runs had done,
	earlier float64 // and their share of the ring
	resumed float64 // with what they had done of others
	pieces  []*piece
	planned bool   // what is to be read is known
	looks   []look // since the begin, of the last minute and one before it; the first is the begin
}

// window is the time over which the rate is told. A look is kept each second.
const window = time.Minute

// reads tells what the run is going to read: pieces are what is left of ranges, of which before were done.
func (t *tracked) reads(ranges []Range, pieces []*piece, before int) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range ranges {
		t.asked += r.Share()
	}
	t.earlier = t.asked
	for _, p := range pieces {
		share, consumed, _ := p.share()
		t.earlier -= share
		t.resumed += consumed
	}
	t.resumed += t.earlier
	t.before, t.planned = before, true
	t.looks = []look{{share: t.share(t.resumed)}}
	t.pieces = append(t.pieces, pieces...)
}

// add tells of a piece that was cut off from another.
func (t *tracked) add(p *piece) {
	if t == nil {
		return
	}
	t.mu.Lock()
	t.pieces = append(t.pieces, p)
	t.mu.Unlock()
}

func (t *tracked) consumed(rows, bytes int) {
	if t == nil {
		return
	}
	t.pages.Add(1)
	t.rows.Add(int64(rows))
	t.bytes.Add(int64(bytes))
}

func (t *tracked) fail() {
	if t != nil {
		t.failed.Add(1)
	}
}

func (t *tracked) end() {
	if t != nil {
		t.took = time.Since(t.began)
		close(t.over)
	}
}

func (t *tracked) progress() Progress {
	p := Progress{Elapsed: time.Since(t.began)}
	select {
	case <-t.over:
		p.Elapsed, p.Ended = t.took, true
	default:
	}
	p.Pages, p.Rows, p.Bytes, p.Failed = t.pages.Load(), t.rows.Load(), t.bytes.Load(), int(t.failed.Load())
	t.mu.Lock()
	defer t.mu.Unlock()
	p.Ranges, p.Done = t.before+len(t.pieces), t.before
	share := t.earlier
	for _, piece := range t.pieces {
		_, consumed, done := piece.share()
		share += consumed
		if done {
			p.Done++
		}
	}
	p.Share, p.Resumed = t.share(max(share, t.resumed)), t.share(t.resumed)
	if t.planned && p.Done == p.Ranges { // exactly, also if there was nothing to do
		p.Share = 1
	}
	if !p.Ended {
		p.recent = t.look(look{p.Elapsed, p.Rows, p.Share})
	}
	return p
}

// share is what some part of the ring is of what is to be read. Sums that are equal may differ in their last bit.
func (t *tracked) share(part float64) float64 {
	if t.asked <= 0 {
		return 0
	}
	return min(part/t.asked, 1)
}

// look notes what was done since the begin, and gives what was done lately.
func (t *tracked) look(now look) look {
	if len(t.looks) == 0 {
		return look{}
	}
	for len(t.looks) > 1 && now.took-t.looks[1].took >= window {
		t.looks = t.looks[1:]
	}
	if now.took-t.looks[len(t.looks)-1].took >= time.Second {
		t.looks = append(t.looks, now)
	}
	then := t.looks[0]
	return look{now.took - then.took, now.rows - then.rows, now.share - then.share}
}

// share is the piece's share of the ring, and of that what was consumed.
func (p *piece) share() (share, consumed float64, done bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	share = Range{Start: p.start, End: p.end}.Share()
	if p.wholly() {
		return share, share, true
	}
	return share, Range{Start: p.start, End: p.consumed.token}.Share(), false
}
