package source

import (
	"context"
	"time"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/internal/demand"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// fetchFunc asks for the page with the given index and size that starts at state.
type fetchFunc func(ctx context.Context, index, size int, state []byte) fetched

// pager gives the pages of one run in order, and fetches ahead as far as it is allowed to. Its methods are called on
// the run's goroutine. Pages are fetched there, too, unless they are fetched ahead: that is done by one goroutine,
// which starts with the first permit, so a query of one page costs none.
type pager struct {
	g         *async.Group
	fetch     fetchFunc
	size      *sizer
	readAhead int
	requested demand.Demand // nil if the consumer takes what comes

	index int    // of the page that is fetched next, and
	state []byte // where it starts; both belong to the goroutine while permits are pending
	last  bool   // the page that was given out has no successor

	pending int          // permits given whose results were not received
	permits chan int     // the size of a page to fetch
	results chan fetched // as many as permits at most

	// The page that was given out.
	rows  int // in it
	taken int // of them
	since time.Time
	took  time.Duration // how long consuming the one before it took
}

func newPager(g *async.Group, fetch fetchFunc, readAhead int, state []byte, size *sizer) *pager {
	return &pager{
		g: g, fetch: fetch, size: size, readAhead: readAhead, requested: demand.From(g.Context()), index: 1, state: state,
	}
}

// next gives the next page; false when there is none. If the consumer has a demand, a page is neither asked for nor
// given out before there is some, while the end, or a failure to fetch ahead, is told without.
func (p *pager) next(ctx context.Context) (fetched, bool, error) {
	if p.last {
		return fetched{}, false, nil
	}
	if err := rx.Cause(ctx); err != nil { // outranks a page, or its error, that is there already
		return fetched{}, false, err
	}
	if !p.since.IsZero() {
		p.took = time.Since(p.since)
	}
	var f fetched
	if p.pending > 0 {
		select {
		case f = <-p.results:
			p.pending--
		case <-p.g.Done():
			return fetched{}, false, rx.Cause(ctx)
		}
	} else {
		if !p.wanted() {
			return fetched{}, false, rx.Cause(ctx)
		}
		f = p.fetchNext(p.g.Context(), p.size.next(len(p.state) > 0))
	}
	if f.err != nil {
		return f, false, f.err
	}
	if f.page.Len() > 0 && !p.wanted() {
		return fetched{}, false, rx.Cause(ctx)
	}
	p.given(f)
	return f, true, nil
}

// wanted waits until the consumer wants something; false when the run is over first.
func (p *pager) wanted() bool {
	return p.requested == nil || p.requested.Wait(p.g.Context())
}

// aheadByDefault tells whether a page is fetched ahead without having been told to: not if the consumer says how much
// it wants.
func (p *pager) aheadByDefault() bool {
	return p.readAhead == defaultReadAhead && (p.requested == nil || p.requested.Unbounded())
}

// given notes the page that is to be consumed now, and fetches ahead what is to be fetched at once.
func (p *pager) given(f fetched) {
	// Three quarters of a page's time would be left for the next one if all went evenly; half leaves room for when it does not.
	slow := !p.since.IsZero() && f.took > p.took/2
	p.last = len(f.page.State()) == 0
	p.rows, p.taken = f.page.Len(), 0
	p.since = time.Now()
	p.size.startPage()
	switch {
	case slow && p.aheadByDefault():
		p.ahead(1)
	case p.readAhead > 0:
		p.ahead(p.readAhead)
	}
}

// consumed notes that the consumer is done with a row and wants another.
func (p *pager) consumed() {
	if p.taken++; p.pending == 0 && p.taken >= (p.rows+3)/4 && p.aheadByDefault() {
		p.ahead(1)
	}
}

// ahead lets at most n pages be held or under way ahead of the one that was given out.
func (p *pager) ahead(n int) {
	if p.last || p.pending >= n {
		return
	}
	if p.permits == nil {
		p.permits, p.results = make(chan int, n), make(chan fetched, n)
		stage.From(p.g.Context()).Gauge("pages_ahead", func() float64 { return float64(len(p.results)) })
		p.g.Go(p.fetchAhead)
	}
	for ; p.pending < n; p.pending++ {
		p.permits <- p.size.next(true)
	}
}

// fetchAhead fetches a page for each permit, until there is no further one or the run is over.
func (p *pager) fetchAhead(ctx context.Context) {
	for {
		var size int
		select {
		case size = <-p.permits:
		case <-ctx.Done():
			return
		}
		f := p.fetchNext(ctx, size)
		p.results <- f
		if f.err != nil || len(f.page.State()) == 0 {
			return
		}
	}
}

// fetchNext fetches the page that is next in line.
func (p *pager) fetchNext(ctx context.Context, size int) fetched {
	f := p.fetch(ctx, p.index, size, p.state)
	if f.err == nil {
		p.index++
		p.state = f.page.State()
	}
	return f
}
