package source

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/rx"
)

// complete tells whether a piece was read to its end, and of the table that was planned for. If not it is noted as
// failed, or an error is the end of the scan.
func (s *scanner) complete(ctx context.Context, p *piece) (bool, error) {
	err := s.unchanged(ctx)
	if err != nil && (rx.Cause(ctx) != nil || errors.Is(err, ErrSchemaChanged)) {
		return false, err
	}
	if err == nil {
		err = s.plan.missed(p)
	}
	if err != nil {
		s.fail(p, err)
	}
	return err == nil, nil
}

// unchanged tells whether the table is as it was planned for.
func (s *scanner) unchanged(ctx context.Context) error {
	return s.checks.wait(func() error { return s.check(ctx) })
}

// check asks for the table's definition, as often as makes sense, and compares it.
func (s *scanner) check(ctx context.Context) error {
	for failed := 1; ; failed++ {
		err := s.plan.unchanged(ctx, s.t.pages.session)
		if err == nil || errors.Is(err, ErrSchemaChanged) || rx.Cause(ctx) != nil || !mayPass(err) || !s.t.pages.retry.Allow(failed) {
			return err
		}
		if err := s.t.pages.retry.Wait(ctx, failed); err != nil {
			return err
		}
	}
}

// unchanged checks that the table is still as it was for what the scan reads.
func (p *plan) unchanged(ctx context.Context, s *cql.Session) error {
	now, err := s.Table(ctx, cql.Quote(p.table.Keyspace)+"."+cql.Quote(p.table.Name))
	switch canceled := rx.Cause(ctx); {
	case canceled != nil:
		return canceled
	case err != nil && cql.ClassOf(err) == cql.Invalid: // it is not there any more
		return fmt.Errorf("%w: %w", ErrSchemaChanged, err)
	case err != nil:
		return err
	case now.ID != p.table.ID:
		return fmt.Errorf("%w: the table was dropped and made anew", ErrSchemaChanged)
	}
	for _, name := range p.selected {
		is := func(c cql.TableColumn) bool { return c.Name == name }
		i, j := slices.IndexFunc(now.Columns, is), slices.IndexFunc(p.table.Columns, is)
		if i < 0 {
			return fmt.Errorf("%w: column %q was dropped", ErrSchemaChanged, name)
		}
		if now.Columns[i] != p.table.Columns[j] {
			return fmt.Errorf("%w: column %q was %s and is %s", ErrSchemaChanged, name, p.table.Columns[j].Type, now.Columns[i].Type)
		}
	}
	return nil
}

// mayPass tells whether it makes sense to ask for the table's definition again, which is small: so even after what would
// be a reason to ask another table for less.
func mayPass(err error) bool {
	class := cql.ClassOf(err)
	return class.Retryable(true) || class == cql.ReadFailure
}

// checks are shared by those who wait for one at the same time, as many small ranges may end within a moment: one is
// under way at a time, and all who come meanwhile wait for the next one, which begins after they came.
type checks struct {
	mu      sync.Mutex
	running *check // nil if none is
	next    *check // nil if nobody waits for it
}

// check is one check. err is its outcome when done is closed.
type check struct {
	done chan struct{}
	err  error
}

// wait gives the outcome of a check that begins after wait was called; f makes one.
func (c *checks) wait(f func() error) error {
	c.mu.Lock()
	before, mine := c.running, c.next
	if mine != nil {
		c.mu.Unlock()
		<-mine.done
		return mine.err
	}
	mine = &check{done: make(chan struct{}), err: errOver}
	c.next = mine
	c.mu.Unlock()
	if before != nil {
		<-before.done
	}
	c.mu.Lock()
	c.running, c.next = mine, nil // who comes from now on is too late for it
	c.mu.Unlock()
	defer close(mine.done)
	mine.err = f()
	return mine.err
}
