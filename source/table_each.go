package source

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/internal/resumable"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// Each calls f with every page, n calls at a time, and returns when all have ended. Pages of one range may be under way
// at the same time. When f returns nil the page is done with; f's first error ends the scan and is the result, and the
// context that f gets then ends for the other calls under way, which are waited for. It panics if n is less than 1.
//
// There are never more calls under way than pages are held, which are Parallel × (1 + ReadAhead) at most, and of one range
// 1 + ReadAhead. Where neither was set, each of the ranges that are read at a time may hold so many pages that there are
// enough for n calls.
//
// When ctx ends, the calls under way are waited for and the result is the context's error; ranges that cannot be read are
// told by a [*ScanError] after all others were read. What can never succeed, such as a row that does not fit T, ends the
// scan with a [*RangeError]. With a checkpoint ([Scan.Resume]), the pages for which f has returned
// nil are saved before Each returns, however it ends; an error of saving is part of the result. That takes as long as the
// store does, but after the end of ctx not more than 10 seconds for each 100 ranges that have changed since the last save,
// of which there is one a second.
//
// The session admits what f asks of it until Each returns, also when it is shut down meanwhile.
func (t Scan[T]) Each(ctx context.Context, n int, f func(context.Context, TablePage[T]) error) error {
	if n < 1 {
		panic(fmt.Sprintf("source: Each of %d pages at a time; there must be at least 1", n))
	}
	one := func(ctx context.Context, pg *portion) error { return f(ctx, tablePage[T](pg)) }
	return t.each(ctx, n, newDecodedRows[T](t.pages.lenient), one)
}

func (t tableQuery) each(
	ctx context.Context, n int, rows rowsFunc, f func(context.Context, *portion) error,
) error {
	return t.watched(ctx, func(ctx context.Context) error { return t.eachPage(ctx, n, rows, f) })
}

func (t tableQuery) eachPage(
	ctx context.Context, n int, rows rowsFunc, f func(context.Context, *portion) error,
) error {
	return t.run(ctx, n, rows, func(ctx context.Context, g *async.Group, s *scan) error {
		s.counts = stage.From(ctx)
		under, stop := context.WithCancelCause(s.counts.Outside(g.Context()))
		defer stop(nil)
		if t.checkpoint != nil {
			under = resumable.Mark(under)
		}
		h := &handlers{f: f, under: under, stop: stop, pages: make(chan *portion), ended: make(chan struct{}, n)}
		for range n {
			g.Go(h.work)
		}
		stopKeeping := s.keeper.start(g, s.out.Close)
		err := h.handOut(ctx, s)
		close(h.pages)
		for range n {
			<-h.ended // also when ctx has ended, which ends that of the calls
		}
		err = s.settled(err)
		if failure := h.failure.Load(); failure != nil {
			err = *failure
			if ctx.Err() != nil && errors.Is(err, ctx.Err()) { // it only says that ctx has ended, but not why
				err = rx.Cause(ctx)
			}
		}
		stopKeeping()
		return s.keeper.last(ctx, err)
	})
}

// handlers are the goroutines of an Each.
type handlers struct {
	f       func(context.Context, *portion) error
	under   context.Context // of the calls; ends with the first failure
	stop    context.CancelCauseFunc
	failure atomic.Pointer[error]
	pages   chan *portion
	ended   chan struct{}
}

// handOut gives out pages until the end of the scan or a failure.
func (h *handlers) handOut(ctx context.Context, s *scan) error {
	stopped := false
	err := s.portions()(h.under, func(pg *portion) bool {
		select {
		case h.pages <- pg:
		case <-h.under.Done():
			stopped = true
		}
		return !stopped
	})
	if stopped {
		return rx.Cause(ctx)
	}
	return err
}

func (h *handlers) work(context.Context) {
	defer func() { h.ended <- struct{}{} }() // also after a panic
	for pg := range h.pages {
		if h.under.Err() != nil {
			continue // until there are no more
		}
		if err := h.f(h.under, pg); err != nil {
			h.failure.CompareAndSwap(nil, &err)
			h.stop(err)
			continue
		}
		pg.consumed()
	}
}
