package sink

import (
	"context"
	"fmt"
	"sync"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// graveyard is where the rows of a Work go that cannot be written: the one run of the sink of its dead letters, or, if
// there is none, nowhere.
type graveyard[T any] struct {
	tolerance Tolerance
	record    *recorder
	run       context.Context              // ends when the sink fails, or is gone though there are letters
	put       operators.OnError[letter[T]] // nil: there is no sink
	promises  promises
}

// letter is a row on its way to the sink.
type letter[T any] struct {
	item   T
	handed chan struct{} // closed when the sink has taken it
}

// withDeadLetters runs work beside the sink of its dead letters, which ends, with all letters, before it returns. If that
// sink fails, or leaves though there are letters, the context that work gets ends, and the sink's error is part of the
// result: no row is dropped silently.
func withDeadLetters[T any](
	ctx context.Context, to rx.Sink[operators.Failure[T]], t Tolerance, record *recorder,
	work func(context.Context, *graveyard[T]) error,
) error {
	g := &graveyard[T]{tolerance: t, record: record, run: ctx}
	if to == nil {
		return work(ctx, g)
	}
	both := operators.DeadLetters(g.handing(to), func(put operators.OnError[letter[T]]) rx.Observable[struct{}] {
		return func(ctx context.Context, _ func(struct{}) bool) error {
			g.run, g.put = ctx, put
			return work(ctx, g)
		}
	})
	return both(ctx, func(struct{}) bool { return true })
}

// handing is the sink, that tells of each letter when it has taken it. Of one at which it left, that is when it has
// returned without an error.
func (g *graveyard[T]) handing(to rx.Sink[operators.Failure[T]]) rx.Sink[operators.Failure[letter[T]]] {
	return func(ctx context.Context, letters rx.Observable[operators.Failure[letter[T]]]) error {
		var last chan struct{}
		err := to(g.promises.in(ctx), func(ctx context.Context, yield func(operators.Failure[T]) bool) error {
			return letters(ctx, func(f operators.Failure[letter[T]]) bool {
				if !yield(operators.Failure[T]{Item: f.Item.item, Err: f.Err, Attempts: f.Attempts}) {
					last = f.Item.handed
					return false
				}
				close(f.Item.handed)
				return true
			})
		})
		if err == nil && last != nil {
			close(last)
		}
		return err
	}
}

// bury gives a row that cannot be written to the sink. It returns nil when that has taken it and the write goes on; else
// the error that the write ends with. It waits while the sink is behind, and may be called by several goroutines at once.
// When ctx ends meanwhile, the row may or may not be among the dead letters.
func (g *graveyard[T]) bury(ctx context.Context, f operators.Failure[T]) error {
	if g.put == nil {
		return f.Err
	}
	if canceled := rx.Cause(ctx); canceled != nil {
		return canceled
	}
	l := letter[T]{f.Item, make(chan struct{})}
	if g.put(ctx, &operators.Failure[letter[T]]{Item: l, Err: f.Err, Attempts: f.Attempts}) != operators.Resume {
		if canceled := rx.Cause(ctx); canceled != nil {
			return canceled
		}
		return operators.ErrSinkLeft
	}
	n := g.record.buried(cql.ClassOf(f.Err))
	select {
	case <-l.handed:
	case <-ctx.Done():
		return rx.Cause(ctx)
	case <-g.run.Done():
		return rx.Cause(g.run)
	}
	if g.tolerance.exceeded(n, g.record.settled()) {
		return fmt.Errorf("%w: %d of %d rows; the last: %w", ErrTooManyDead, n, g.record.settled(), within{f.Err})
	}
	return nil
}

// promises are what the sinks of a run of dead letters do before a write may be told that it is done: what they have
// taken must then be safe.
type promises struct {
	mu  sync.Mutex
	all []func() error
}

type promisesKey struct{}

// in has the sinks that run under the context make their promises here.
func (p *promises) in(ctx context.Context) context.Context {
	return context.WithValue(ctx, promisesKey{}, p)
}

// promise has f called before each write of a Work ends well that had dead letters, if ctx is that of the run of a Work's
// dead letters; by several goroutines at once.
func promise(ctx context.Context, f func() error) {
	if p, ok := ctx.Value(promisesKey{}).(*promises); ok {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.all = append(p.all, f)
	}
}

// keep does what was promised.
func (p *promises) keep() error {
	p.mu.Lock()
	all := p.all
	p.mu.Unlock()
	for _, f := range all {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}
