package source

import (
	"context"
	"errors"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// errNoColumns is of a server, or what is in between, that was not asked to leave them out.
var errNoColumns = errors.New("the page has rows, or others behind it, but does not tell their columns")

// run fetches page after page, prepares the decoder for it and gives it to consume, until there is none, consume returns
// false, or a failure.
func (q query) run(ctx context.Context, decoder pageDecoder, consume func(context.Context, *page) (bool, error)) error {
	if err := rx.Cause(ctx); err != nil {
		return err
	}
	marks := &marks{statement: &q.statement}
	state, err := q.start(marks)
	if err != nil {
		return err
	}
	size := q.sizer()
	if len(state) > 0 && size.limit == unknownLimit {
		return errors.New("source: the statement's LIMIT cannot be told, so it cannot go on from a paging state: a page of more rows would start again")
	}
	err = q.session.Work(ctx, func(ctx context.Context) error {
		return async.Run(ctx, func(g *async.Group) error {
			pager := newPager(g, q.fetcher(), q.readAhead, state, size)
			for {
				next, ok, err := pager.next(ctx)
				if err != nil || !ok {
					return err
				}
				p := &page{fetched: next, Page: next.page, marks: marks, pager: pager}
				if len(p.Columns()) == 0 { // not a SELECT
					if p.Len() > 0 || len(p.State()) > 0 {
						return p.malformed(errNoColumns)
					}
					continue
				}
				if err := decoder.Page(p.Columns(), p.Len()); err != nil {
					return p.malformed(err)
				}
				more, err := consume(ctx, p)
				if err != nil || !more {
					return err
				}
			}
		})
	})
	if failed, ok := err.(*PageError); ok {
		failed.State = marks.show(failed.State)
	}
	return err
}

// pageDecoder is a decode.Decoder without its type of rows.
type pageDecoder interface {
	Page(columns []cql.Column, rows int) error
}

// start checks what can be checked before anything is sent, and tells where to start.
func (q query) start(marks *marks) ([]byte, error) {
	if err := q.checkArguments(); err != nil {
		return nil, err
	}
	shown := q.state
	if q.token != nil {
		var err error
		if shown, err = q.token.open(q.statement); err != nil {
			return nil, err
		}
	}
	state, err := marks.read(shown)
	if err != nil {
		return nil, err
	}
	if q.pageSize == unpaged && len(state) > 0 {
		return nil, errors.New("source: Unpaged cannot go on from a paging state: the server would start again; set a PageSize")
	}
	return state, nil
}

func (q query) sizer() *sizer {
	return &sizer{fixed: q.pageSize, limit: limitOf(q.statement.CQL, q.statement.Args)}
}
