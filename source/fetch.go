package source

import (
	"context"
	"errors"
	"time"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// fetched is the outcome of asking for a page.
type fetched struct {
	page     cql.Page // nil if err is not
	err      error
	index    int
	state    []byte // where the page starts
	attempts int
	took     time.Duration
}

// fetcher gives the function that asks for one page until it is there or must be given up.
func (q query) fetcher() fetchFunc {
	return func(ctx context.Context, index, size int, state []byte) fetched {
		f := fetched{index: index, state: state}
		start := time.Now()
		seen := stage.From(ctx)
		began := seen.Start(stage.Calls)
		defer seen.Stop(stage.Calls, began)
		q.retry.Budget.Request()
		for {
			f.attempts++
			f.page, f.err = q.session.Fetch(ctx, cql.PageRequest{
				Statement: q.statement, Size: size, State: state, Tracing: q.tracing, Payload: q.payload,
			})
			if f.err == nil {
				seen.Count("pages", 1)
				break
			}
			if canceled := rx.Cause(ctx); canceled != nil {
				f.err = canceled
				break
			}
			class := cql.ClassOf(f.err)
			if !class.Retryable(q.idempotent) || !q.retry.Allow(f.attempts) {
				f.err = &PageError{Page: index, Host: hostOf(f.err), Attempts: f.attempts, Class: class, State: state, Err: f.err}
				break
			}
			seen.Retried(1)
			if f.err = q.retry.Wait(ctx, f.attempts); f.err != nil {
				break
			}
		}
		f.took = time.Since(start)
		return f
	}
}

func hostOf(err error) string {
	var e *cql.Error
	if errors.As(err, &e) {
		return e.Host
	}
	return ""
}
