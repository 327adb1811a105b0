package source

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/internal/demand"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// scan is one run of a Scan.
type scan struct {
	t       tableQuery
	g       *async.Group
	rows    rowsFunc
	plan    *plan
	agenda  *agenda
	out     *async.Queue[*portion]
	columns atomic.Pointer[[]cql.Column] // of the first page
	keeper  *keeper                      // nil without a checkpoint
	tracked *tracked                     // nil without a tracker
	cuts    cuts
	checks  checks
	barren  atomic.Int64 // requests that have failed since one succeeded
	counts  *stage.Probe // of what is seen of the pages, if their rows are not; nil if nobody watches

	mu     sync.Mutex
	failed []failure
}

type failure struct {
	piece *piece
	err   error
}

// portion is a page that is being consumed.
type portion struct {
	piece    *piece
	receipt  *receipt
	keeper   *keeper
	tracked  *tracked
	permits  chan<- struct{} // of the scanner that it came from
	rows     any             // a []T, as the scan's pageRows made it
	n        int             // of them
	bytes    int
	behind   cursor
	last     bool // there is nothing behind
	host     string
	warnings []string
}

// consumed makes room for other pages.
func (pg *portion) consumed() {
	settled := pg.piece.takeBack(pg.receipt)
	pg.keeper.touch(pg.piece)
	pg.tracked.consumed(pg.n, pg.bytes)
	for range settled {
		pg.permits <- struct{}{} // has space for all
	}
}

// run reads the table and lets consume take what comes, for the n consumers at a time of an Each; else n is 0.
func (t tableQuery) run(
	ctx context.Context, n int, rows rowsFunc, consume func(ctx context.Context, g *async.Group, s *scan) error,
) error {
	if d := demand.From(ctx); d != nil {
		d.Wait(ctx)
	}
	tracked := t.tracker.begin() // whatever comes, so that its watch ends
	if tracked == nil && stage.From(ctx) != nil {
		tracked = newTracked()
	}
	defer tracked.end()
	switch err := rx.Cause(ctx); {
	case err != nil:
		return err
	case t.checkpoint != nil && n == 0:
		return ErrNeedsEach
	}
	return t.pages.session.Work(ctx, func(ctx context.Context) error {
		p, err := t.plan(ctx)
		if err != nil {
			return err
		}
		pieces, k, err := t.agenda(ctx, p, tracked)
		if err != nil || len(pieces) == 0 {
			return err
		}
		return async.Run(ctx, func(g *async.Group) error {
			width := t.width(p) // also if there are fewer pieces: they may be halved
			held := t.held(width, max(n, 1))
			s := &scan{
				t: t, g: g, rows: rows, plan: p, keeper: k, tracked: tracked, agenda: newAgenda(pieces, width),
				out: async.NewQueue[*portion](width*held + 1), // never full
			}
			s.watch(ctx, width)
			for range width {
				g.Go(s.scanner(held).run)
			}
			return consume(ctx, g, s)
		})
	})
}

// agenda gives what is to be read: all ranges, or what is left of them.
func (t tableQuery) agenda(ctx context.Context, p *plan, tracked *tracked) ([]*piece, *keeper, error) {
	ranges, err := t.split(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	if t.checkpoint != nil {
		pieces, k, err := t.resume(ctx, p, ranges)
		if err == nil {
			tracked.reads(ranges, pieces, k.done)
		}
		return pieces, k, err
	}
	pieces := make([]*piece, len(ranges))
	for i, r := range ranges {
		if pieces[i], err = newPiece(r, p.cursors); err != nil {
			return nil, nil, err
		}
	}
	tracked.reads(ranges, pieces, 0)
	return pieces, nil, nil
}

func (s *scan) scanner(held int) *scanner {
	sc := &scanner{scan: s, permits: make(chan struct{}, held), size: &sizer{fixed: s.t.pages.pageSize}}
	sc.rows = s.rows(sc.seeToken)
	for range held {
		sc.permits <- struct{}{}
	}
	return sc
}

// outcome is the result once all pieces were read, or given up.
func (s *scan) outcome() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.failed) == 0 {
		return nil
	}
	e := &ScanError{}
	for _, f := range s.failed {
		e.Failed = append(e.Failed, &RangeError{Range: f.piece.left(), Err: f.err})
	}
	return e
}

// each calls f with each portion until the end, or until it returns false, which means that the portion was not, or not
// wholly, consumed.
func (s *scan) each(ctx context.Context, g *async.Group, f func(*portion) (bool, error)) error {
	var failure error
	err := s.portions()(g.Context(), func(pg *portion) (more bool) {
		if more, failure = f(pg); more {
			pg.consumed()
		}
		return more
	})
	if failure != nil {
		return failure
	}
	return s.settled(err)
}

// portions is the stream of the pages that were read, as fast as the scan's limiter allows.
func (s *scan) portions() rx.Observable[*portion] {
	arriving := func(ctx context.Context, yield func(*portion) bool) error {
		for {
			pg, ok := s.out.Next(ctx.Done())
			if !ok {
				return s.out.End(ctx)
			}
			if !yield(pg) {
				return nil
			}
		}
	}
	src := rx.Observable[*portion](arriving)
	rows := func(pg *portion) int { return pg.n }
	if s.t.limiter != nil {
		src = operators.Throttle(src, s.t.limiter, rows)
	}
	if s.counts == nil {
		return src
	}
	return func(ctx context.Context, yield func(*portion) bool) error {
		return stage.Counted(ctx, s.counts, src, rows, yield)
	}
}

// settled is the result of a run that has ended with err. What is left of the ranges that failed is told as of now, after
// all other pages were consumed.
func (s *scan) settled(err error) error {
	switch failed := err.(type) {
	case *ScanError:
		return s.outcome()
	case *pieceError:
		return &RangeError{Range: failed.piece.left(), Err: failed.err}
	default:
		return err
	}
}
