package source

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
	"github.com/rxcql/rxcql/rx"
)

// scanner reads one piece after the other, on a goroutine of its own. The ends of pieces are on others: what end uses of a
// scanner is not changed once it runs, and each has a permit, of which there is a limited number.
type scanner struct {
	*scan
	permits chan struct{} // one for each page that may be held, from before it is asked for until it was consumed
	rows    pageRows
	token   int64 // of the last row's partition
	size    *sizer
	most    int // rows in a page, after trouble; 0: no bound
}

// seeToken reads the last column.
func (s *scanner) seeToken(cell []byte) error {
	if len(cell) != 8 {
		return fmt.Errorf("a token of %d bytes", len(cell))
	}
	s.token = int64(binary.BigEndian.Uint64(cell))
	return nil
}

// errOver is why a scanner stops when another has ended the scan, or the consumer has left.
var errOver = errors.New("source: the scan is over")

// run reads pieces until there are none.
func (s *scanner) run(ctx context.Context) {
	done := ctx.Done()
	for {
		p := s.agenda.next(done)
		if p == nil {
			return
		}
		if err := s.read(ctx, p); err != nil {
			s.out.Close(err)
			return
		}
	}
}

// over notes that a piece is done with.
func (s *scanner) over() {
	if s.agenda.finish() {
		s.out.Close(s.outcome())
	}
}

// read reads a piece to its end. Its error is the end of the whole scan; that of a range which cannot be read is noted.
func (s *scanner) read(ctx context.Context, p *piece) error {
	replicas := s.plan.ring.Replicas(p.end, s.plan.replication)
	for {
		select {
		case <-s.permits:
		case <-ctx.Done():
			return rx.Cause(ctx)
		}
		f, given, err := s.page(ctx, p, replicas)
		if given || err != nil {
			s.permits <- struct{}{}
			if given {
				s.over()
			}
			return err
		}
		pg, err := s.decode(f, p)
		if err != nil {
			return &pieceError{p, err}
		}
		p.state = f.page.State()
		last := len(p.state) == 0 && !p.slicing.next()
		switch {
		case last && s.t.ordered:
			return s.end(ctx, p, pg)
		case last: // what has to be asked before its end needs nobody's page, so the next piece is begun meanwhile
			s.g.Go(func(ctx context.Context) {
				if err := s.end(ctx, p, pg); err != nil {
					s.out.Close(err)
				}
			})
			return nil
		}
		if err := s.handOut(ctx, p, pg, false); err != nil {
			return err
		}
	}
}

// end hands out a piece's last page. It is checked before that whether the table was the one that was planned for, so that
// a range is done as soon as its last page was consumed.
func (s *scanner) end(ctx context.Context, p *piece, pg *portion) error {
	complete, err := s.complete(ctx, p)
	if complete {
		err = s.handOut(ctx, p, pg, true)
	} else {
		s.permits <- struct{}{}
	}
	if err == nil {
		s.over()
	}
	return err
}

// handOut gives a page to the consumers.
func (s *scanner) handOut(ctx context.Context, p *piece, pg *portion, last bool) error {
	if pg.n > 0 {
		s.cuts.rowsCame()
		p.pages++
		pg.receipt = p.handOut(pg.behind)
	}
	if pg.n > 0 || p.slicing != nil { // behind a page without rows, it is not known in which token
		p.good = pg.behind
	}
	if p.slicing != nil {
		p.state = p.good.state // perhaps of the next slice
	}
	if last {
		p.finish()
		s.keeper.touch(p)
	}
	if pg.n == 0 {
		s.permits <- struct{}{}
	} else if !s.out.Push(ctx.Done(), pg) {
		return errOver
	}
	return nil
}

// page asks for the next page, as long and for as much as makes sense. given is true when the range was given up.
func (s *scanner) page(ctx context.Context, p *piece, replicas []string) (f fetched, given bool, err error) {
	for failed := 0; ; {
		f = s.fetch(cql.PreferHosts(ctx, turn(replicas, failed)...), p)
		if f.err == nil {
			p.timeouts, p.failures, p.stuck = 0, 0, 0
			s.barren.Store(0)
			if s.most *= 2; s.most > largest {
				s.most = 0
			}
			return f, false, nil
		}
		failed++
		again, err := s.trouble(ctx, p, failed, f.err)
		if !again || err != nil {
			return f, err == nil, err
		}
	}
}

// turn puts another replica first after each failure, as the fault may be the node's.
func turn(replicas []string, failed int) []string {
	if len(replicas) == 0 {
		return nil
	}
	n := failed % len(replicas)
	return append(slices.Clone(replicas[n:]), replicas[:n]...)
}

func (s *scanner) fetch(ctx context.Context, p *piece) fetched {
	size := s.size.next(false)
	if s.most > 0 {
		size = min(size, s.most)
		s.size.last = size
	}
	q := s.t.pages
	q.retry.Attempts = 1
	q.statement.CQL, q.statement.Args = s.plan.request(p)
	return q.fetcher()(ctx, p.pages+1, size, p.state)
}

// decode decodes a page. The last column is the partition's token.
func (s *scanner) decode(f fetched, p *piece) (*portion, error) {
	pg := &portion{
		piece: p, keeper: s.keeper, tracked: s.tracked, permits: s.permits, host: f.page.Host(), warnings: f.page.Warnings(),
		behind: cursor{state: f.page.State(), token: p.good.token, rest: p.good.rest}, last: len(f.page.State()) == 0,
	}
	columns := f.page.Columns()
	last := len(columns) - 1
	err := s.checkColumns(columns)
	if err == nil {
		err = s.rows.begin(columns[:last:last], f.page.Len()) // whoever appends to what a row shows gets a copy
	}
	s.size.startPage()
	for range f.page.Len() {
		if err != nil {
			break
		}
		var width int
		if width, err = s.rows.add(f.page); err == nil {
			s.size.saw(width)
			pg.n++
			pg.bytes += width - 4*len(columns)
		}
	}
	if err != nil {
		return nil, s.malformed(f, err)
	}
	pg.rows = s.rows.page()
	if pg.n > 0 {
		pg.behind.token = s.token
	}
	if p.slicing != nil && pg.n > 0 {
		p.slicing.rows = true
	}
	switch {
	case pg.last && p.slicing.more():
		pg.behind, pg.last = p.slicing.behind(pg.behind.token), false
	case pg.last:
		pg.behind.rest = nil
	}
	return pg, nil
}

// checkColumns compares a page's columns with those of the first page: a table that is altered, or made anew, gives
// others.
func (s *scanner) checkColumns(columns []cql.Column) error {
	if len(columns) == 0 {
		return errors.New("the page has no columns")
	}
	first := s.columns.Load()
	if first == nil && !s.columns.CompareAndSwap(nil, &columns) {
		first = s.columns.Load()
	}
	if first == nil {
		return nil
	}
	same := slices.EqualFunc(*first, columns, func(a, b cql.Column) bool { return a.Name == b.Name && a.Type.Equal(b.Type) })
	if !same {
		return fmt.Errorf("%w: a page has other columns than the first", ErrSchemaChanged)
	}
	return nil
}

// malformed is the error of a page that came but is not as it should be.
func (s *scanner) malformed(f fetched, err error) error {
	if errors.Is(err, ErrSchemaChanged) {
		return err
	}
	var cell *decode.Error
	if errors.As(err, &cell) {
		d := DecodeError(*cell)
		err = &d
	}
	return &PageError{Page: f.index, Host: f.page.Host(), Attempts: f.attempts, Class: cql.Malformed, Err: err}
}
