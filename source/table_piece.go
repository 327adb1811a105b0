package source

import (
	"slices"
	"sync"

	"github.com/rxcql/rxcql/internal/ring"
)

// piece is a range that is being read, or will be. One scanner at a time reads it; its pages may be consumed by others.
type piece struct {
	start   int64
	cursors cursors
	marks   *marks // of its cursors
	family  *family

	// The scanner's.
	state    []byte   // where the next page starts
	good     cursor   // behind the last row that was read
	pages    int      // that had rows
	timeouts int      // in a row, of this piece and those it was cut from
	failures int      // likewise
	stuck    int      // timeouts since it was made smaller
	slicing  *slicing // nil as long as what is left is read as a whole

	mu          sync.Mutex
	end         int64
	outstanding []*receipt // of pages that were handed out and are not all consumed
	consumed    cursor     // behind the last row of the consumed pages before them
	over        bool       // there are no further pages
}

// receipt is a page that was handed out.
type receipt struct {
	behind cursor
	back   bool // consumed
}

func newPiece(r Range, c cursors) (*piece, error) {
	m := c.marks(r.Start)
	at, err := readCursor(c, m, r)
	if err != nil {
		return nil, err
	}
	p := &piece{start: r.Start, end: r.End, cursors: c, marks: m, state: at.state, good: at, consumed: at, family: &family{of: r}}
	if at.rest != nil {
		p.slicing = &slicing{todo: at.rest, rows: true}
	}
	p.family.pieces = []*piece{p}
	return p, nil
}

// family is a piece and all that was cut off it, and off those, in the order of the ring.
type family struct {
	of Range // what the scan was to read

	mu     sync.Mutex
	pieces []*piece
}

// behind is what is left behind a page of one of the family's pieces: of that piece, and of all of them. As long as a
// page before it was not consumed, the latter begins with that one.
func (f *family) behind(of *piece, page *receipt, last bool) (own Range, all []Range) {
	f.mu.Lock() // so that nothing is cut off meanwhile
	defer f.mu.Unlock()
	own = of.behind(page.behind)
	for _, p := range f.pieces {
		switch {
		case p == of && p.isNext(page):
			if !last {
				all = append(all, own)
			}
		case !p.done():
			all = append(all, p.left())
		}
	}
	return own, all
}

// isNext tells whether all pages before this one were consumed, but not itself.
func (p *piece) isNext(page *receipt) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.outstanding) > 0 && p.outstanding[0] == page
}

// done tells whether all of the range was consumed.
func (p *piece) done() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.wholly()
}

// wholly tells whether all was consumed; p.mu is held.
func (p *piece) wholly() bool { return p.over && len(p.outstanding) == 0 }

// left is what is left of the range to be consumed.
func (p *piece) left() Range {
	p.mu.Lock()
	end, at := p.end, p.consumed
	p.mu.Unlock()
	return p.from(at, end)
}

// behind is the range that is left behind a page.
func (p *piece) behind(at cursor) Range {
	p.mu.Lock()
	end := p.end
	p.mu.Unlock()
	return p.from(at, end)
}

func (p *piece) from(at cursor, end int64) Range {
	return Range{Start: p.start, End: end, Cursor: showCursor(p.marks, at)}
}

func (p *piece) handOut(behind cursor) *receipt {
	r := &receipt{behind: behind}
	p.mu.Lock()
	p.outstanding = append(p.outstanding, r)
	p.mu.Unlock()
	return r
}

// takeBack notes that a page was consumed. It tells how many pages need not be remembered any more: none as long as one
// before them is outstanding, so that what is remembered, and what comes again after a crash, has a bound.
func (p *piece) takeBack(r *receipt) (settled int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r.back = true
	for settled < len(p.outstanding) && p.outstanding[settled].back {
		p.consumed = p.outstanding[settled].behind
		settled++
	}
	p.outstanding = slices.Delete(p.outstanding, 0, settled)
	return settled
}

// finish notes that there are no further pages.
func (p *piece) finish() {
	p.mu.Lock()
	p.over = true
	p.mu.Unlock()
}

// ahead is how many tokens there are behind the one that the last row is of, and how many of these cannot be cut off:
// none if there may be further rows of that one, which then are what stays.
func (p *piece) ahead() (width, stay uint64) {
	width = ring.Range{Start: p.good.token, End: p.end}.Width()
	if len(p.good.state) > 0 {
		return width, 0
	}
	return width, 1
}

// ofOneToken tells whether all that is left to be read are rows of one token, so that nothing can be cut off. Nothing else
// may be read in slices: a cursor among them stands in the last token.
func (p *piece) ofOneToken() bool {
	width, stay := p.ahead()
	return p.slicing != nil || width <= stay
}

// halve cuts off a half of what is left to be read, from some token on, as a piece of its own; nil if it is of one token.
// What stays goes on from the last row that was read: a state of behind it may be anywhere.
func (p *piece) halve() *piece {
	if p.ofOneToken() {
		return nil
	}
	width, stay := p.ahead()
	return p.cut(p.good.token + int64(max(width/2, stay)))
}

// cut cuts off what comes behind a token, as halve does; nil if there is nothing on one of the sides.
func (p *piece) cut(middle int64) *piece {
	if middle < p.good.token || middle == p.good.token && len(p.good.state) == 0 || middle >= p.end {
		return nil
	}
	other := &piece{
		start: middle, cursors: p.cursors, marks: p.cursors.marks(middle), family: p.family,
		timeouts: p.timeouts, failures: p.failures, good: cursor{token: middle}, consumed: cursor{token: middle},
	}
	p.family.mu.Lock() // so that nobody sees the one without the other
	defer p.family.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	other.end = p.end
	p.end, p.state = middle, p.good.state
	p.family.pieces = slices.Insert(p.family.pieces, slices.Index(p.family.pieces, p)+1, other)
	return other
}

// agenda is the list of the pieces that are still to be read.
type agenda struct {
	mu      sync.Mutex
	pieces  []*piece
	active  int           // pieces that are being read
	waiting int           // scanners
	wake    chan struct{} // one for every scanner that is to wake up
}

func newAgenda(pieces []*piece, scanners int) *agenda {
	return &agenda{pieces: pieces, wake: make(chan struct{}, scanners)}
}

// next waits for a piece to read; nil when there will be none, or done is closed.
func (a *agenda) next(done <-chan struct{}) *piece {
	for {
		a.mu.Lock()
		if len(a.pieces) > 0 {
			p := a.pieces[0]
			a.pieces[0] = nil
			a.pieces = a.pieces[1:]
			a.active++
			a.mu.Unlock()
			return p
		}
		if a.active == 0 {
			a.mu.Unlock()
			return nil
		}
		a.waiting++
		a.mu.Unlock()
		select {
		case <-a.wake:
		case <-done:
			return nil
		}
	}
}

// add puts a piece that was cut off before all others.
func (a *agenda) add(p *piece) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pieces = slices.Insert(a.pieces, 0, p)
	if a.waiting > 0 {
		a.waiting--
		a.wake <- struct{}{} // has space for all scanners
	}
}

// finish notes the end of a piece and tells whether it was the last.
func (a *agenda) finish() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.active--
	if a.active > 0 || len(a.pieces) > 0 {
		return false
	}
	for ; a.waiting > 0; a.waiting-- {
		a.wake <- struct{}{}
	}
	return true
}

// drop empties the list.
func (a *agenda) drop() []*piece {
	a.mu.Lock()
	defer a.mu.Unlock()
	pieces := a.pieces
	a.pieces = nil
	return pieces
}
