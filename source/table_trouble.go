package source

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/rx"
)

const (
	// smallest is the page size below which narrowing the range is tried rather than asking for even fewer rows.
	smallest = 8
	// mostTimeouts in a row, of a range and those it was cut from, and something else is wrong than its size.
	mostTimeouts = 24
	// isolateEvery is how often, among timeouts in a row, the next partition is cut off rather than half of the range.
	isolateEvery = 4
	// mostFailures is more than the halvings that lead from the whole ring to one token.
	mostFailures = 80
	// mostBarren is how many requests of a whole scan may fail in a row, for each scanner. Those for slices do not count:
	// one that leads to a slice that can be read may take more, and has a bound of its own.
	mostBarren = 100
)

// trouble decides what is to be done after a page could not be had for the given number of times in a row: ask again,
// perhaps for less, or give the piece up. An error is the end of the whole scan. It waits before it says to ask again:
// a request that has taken too long may still keep the servers busy.
func (s *scanner) trouble(ctx context.Context, p *piece, failed int, err error) (again bool, end error) {
	if canceled := rx.Cause(ctx); canceled != nil {
		return false, canceled
	}
	var page *PageError
	if !errors.As(err, &page) {
		return false, err
	}
	if p.slicing == nil && s.barren.Add(1) > int64(mostBarren*cap(s.agenda.wake)) {
		s.giveUp(p, err)
		return false, nil
	}
	retry := s.t.pages.retry
	switch class := page.Class; {
	case class == cql.ReadTimeout || class == cql.ClientTimeout:
		p.timeouts++
		p.stuck++
		again = p.timeouts <= s.mostInARow(p, mostTimeouts) && (failed == 1 && retry.Allow(failed) || s.askForLess(ctx, p) || retry.Allow(p.stuck))
	case class == cql.ReadFailure:
		if failed == 1 && retry.Allow(failed) { // another replica may be able to
			return true, nil // the servers are not busy with what they refused
		}
		p.failures++
		if p.failures <= s.mostInARow(p, mostFailures) && s.narrow(p) {
			return true, nil
		}
	case class.Retryable(true):
		again = retry.Allow(failed)
	default:
		// The table may be another than it was.
		if changed := s.unchanged(ctx); errors.Is(changed, ErrSchemaChanged) {
			return false, fmt.Errorf("%w: %w", changed, err)
		}
		if p.slicing != nil { // a condition that does not go with those of slices is no reason to end the scan
			break
		}
		return false, &pieceError{p, err}
	}
	if !again {
		s.fail(p, s.tried(p, err))
		return false, nil
	}
	if p.slicing != nil { // they grow smaller, so it is not the same that is asked again and again
		failed = 1
	}
	return true, retry.Wait(ctx, failed)
}

// askForLess makes the next request smaller: fewer rows, as long as it is rows that take the time, else fewer
// partitions. It tells whether it could.
func (s *scanner) askForLess(ctx context.Context, p *piece) (could bool) {
	defer func() {
		if could {
			p.stuck = 0
		}
	}()
	if s.t.where == "" && s.size.last > smallest {
		s.most = max(s.size.last/growth, 1)
		return true
	}
	return p.timeouts%isolateEvery == 0 && s.isolate(ctx, p) || s.narrow(p)
}

// mostInARow is how many failures of a kind in a row are borne. As long as slices can be cut, it is known what to do about
// them.
func (s *scanner) mostInARow(p *piece, most int) int {
	if p.slicing != nil {
		return 1 + depth(s.plan.clustering)
	}
	return most
}

// narrow leaves a half of a piece to others or, when that is one token, has it read in slices; false if neither can be
// done.
func (s *scanner) narrow(p *piece) bool {
	switch {
	case p.ofOneToken():
		return s.slice(p)
	case s.cuts.spent():
		return false
	default:
		s.leave(p, p.halve())
		return true
	}
}

// tried says of a failure what else was tried, or was not.
func (s *scanner) tried(p *piece, err error) error {
	if !p.ofOneToken() && s.cuts.spent() {
		return fmt.Errorf("%w; the last failure: %w", errTooManyCuts, err)
	}
	return p.inSlices(err)
}

// leave has others read what was cut off from a piece, in their order.
func (s *scanner) leave(p *piece, others ...*piece) {
	s.keeper.touch(p)
	s.cuts.add(len(others))
	for _, other := range slices.Backward(others) {
		s.tracked.add(other)
		s.agenda.add(other)
	}
}

// isolate makes a piece of the next partition alone, as it may be a large one that a condition is not fulfilled in: to
// find that by halving would take too many requests that take too long.
func (s *scanner) isolate(ctx context.Context, p *piece) bool {
	if p.ofOneToken() || s.cuts.spent() {
		return false
	}
	token, ok := s.nextToken(ctx, p)
	if !ok {
		return false
	}
	p.timeouts = 0 // what was in the way, if it is this, is on its own now; the number of cuts has a bound
	var others []*piece
	for at, middle := p, token-1; middle <= token; middle++ {
		if other := at.cut(middle); other != nil {
			others = append(others, other)
			at = other
		}
	}
	s.leave(p, others...)
	return len(others) > 0
}

// nextToken asks for the token of the next row of a piece, whether or not it fulfils the condition.
func (s *scanner) nextToken(ctx context.Context, p *piece) (int64, bool) {
	q := s.t.pages
	q.retry.Attempts = 1
	q.statement.CQL, q.statement.Args = s.plan.tokens, []any{p.start, p.end}
	f := q.fetcher()(ctx, p.pages+1, 1, p.good.state)
	if f.err != nil || f.page.Len() == 0 {
		return 0, false
	}
	cells, err := f.page.Next()
	if err != nil || len(cells) != 1 || len(cells[0]) != 8 {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(cells[0])), true
}

// fail notes that a piece cannot be read.
func (s *scan) fail(p *piece, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = append(s.failed, failure{p, err})
	s.tracked.fail()
}

// giveUp notes that this piece cannot be read and that no other will be begun.
func (s *scan) giveUp(p *piece, err error) {
	s.fail(p, err)
	for _, other := range s.agenda.drop() {
		s.fail(other, fmt.Errorf("%w; the last: %w", ErrGivenUp, err))
	}
}
