package source

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// Lookup joins a stream of keys with a table: it runs query for each key, with the values that bind gives of the key
// after the query's own arguments, and pairs the key with each row that comes; a key without rows is emitted once, with
// Found false. It is SQL's left join, and Spark's leftJoinWithCassandraTable. With [operators.Filter] on Found it is the
// inner join.
//
//	users := source.Query[User](session, "SELECT id, name FROM users WHERE id = ?")
//	orders := source.Lookup(keys, 16, users, func(o Order) []any { return []any{o.User} })
//
// Up to n keys are looked up at a time. That is the first page of their rows: of a key that has more, the others are
// asked for when the consumer wants them, so that a partition may be of any size, while the lookups for the keys after it
// go on. Each is a request of its own, sent to a node that has the partition, except for this:
//
// Rows of one partition are asked for together, up to 100 with one request, if the query is of single rows, that is,
// selects columns WHERE each column of the primary key = ?, and there are clustering columns. A key never waits to fill
// a batch: those that come while a request for their partition is under way wait until it ends, and then go as one, with
// IN on the last clustering column; a key that is there twice is asked for once. Batches so grow with the load, up to n.
// The primary key is read from the system tables when two keys are first under way at a time. A batch that fails is
// asked for again key by key, so that an error is that of a key.
//
// Pages are asked for again as the query says; see [Select.Retry]. What then fails is a [*LookupError], about which the
// OnError functions decide as in [operators.TryMap]: Resume leaves the key out. They are not asked about pages after the
// first of a key, whose rows have gone: these fail the stream. bind must be pure; it is called concurrently. A run is
// admitted by the session until it ends. It panics if n is less than 1.
//
// Ordered. Concurrent: upstream, n lookups and the consumer. Buffers at most n keys with the first page of their rows.
// On error of upstream: emits the rows of all keys, then passes it on. On error of a lookup: emits the rows of all
// earlier keys, then passes it on; other lookups are cancelled then and waited for. On cancel: drops the rows.
func Lookup[K, T any](
	keys rx.Observable[K], n int, query Select[T], bind func(K) []any, on ...operators.OnError[K],
) rx.Observable[operators.Match[K, T]] {
	if n < 1 {
		panic(fmt.Sprintf("source.Lookup: %d keys at a time; there must be at least 1", n))
	}
	return lookup(keys, query, func(numbered rx.Observable[lookupKey[K]], f lookupFunc[K, T]) rx.Observable[lookedUp[K, T]] {
		return operators.MapAsync(numbered, n, f, onKey(on)...)
	}, bind)
}

// LookupUnordered is [Lookup] with the keys in the order in which their rows come; the rows of a key stay together. A
// slow lookup holds up no other.
//
// Not ordered. Concurrent: upstream, n lookups and the consumer. Buffers at most n keys with the first page of their
// rows. On error of upstream: emits the rows of all keys, then passes it on. On error of a lookup: emits the rows that
// there are, then passes it on; other lookups are cancelled then and waited for. On cancel: drops the rows.
func LookupUnordered[K, T any](
	keys rx.Observable[K], n int, query Select[T], bind func(K) []any, on ...operators.OnError[K],
) rx.Observable[operators.Match[K, T]] {
	if n < 1 {
		panic(fmt.Sprintf("source.LookupUnordered: %d keys at a time; there must be at least 1", n))
	}
	return lookup(keys, query, func(numbered rx.Observable[lookupKey[K]], f lookupFunc[K, T]) rx.Observable[lookedUp[K, T]] {
		return operators.MapAsyncUnordered(numbered, n, f, onKey(on)...)
	}, bind)
}

// LookupError is a key whose rows could not be had.
type LookupError struct {
	Position int64 // of the key in the stream of keys, from 1
	Err      error // a [*PageError], or why the values do not fit the query
}

// Error names the position and the cause, not the key.
func (e *LookupError) Error() string {
	return fmt.Sprintf("source: lookup of key %d: %v", e.Position, e.Err)
}

// Unwrap returns the cause.
func (e *LookupError) Unwrap() error { return e.Err }

// lookupKey is a key with its position.
type lookupKey[K any] struct {
	key      K
	position int64
}

// lookedUp is a key with the first of its rows.
type lookedUp[K, T any] struct {
	lookupKey[K]
	query Select[T] // for this key
	page  Page[T]
}

type lookupFunc[K, T any] = func(context.Context, lookupKey[K]) (lookedUp[K, T], error)

func lookup[K, T any](
	keys rx.Observable[K], query Select[T],
	each func(rx.Observable[lookupKey[K]], lookupFunc[K, T]) rx.Observable[lookedUp[K, T]], bind func(K) []any,
) rx.Observable[operators.Match[K, T]] {
	own := query.statement.Args
	run := func(ctx context.Context, yield func(operators.Match[K, T]) bool) error {
		rows := newTogether(query)
		found := each(number(keys), func(ctx context.Context, k lookupKey[K]) (lookedUp[K, T], error) {
			l := lookedUp[K, T]{lookupKey: k, query: query}
			l.query.statement.Args = append(own[:len(own):len(own)], bind(k.key)...)
			var err error
			if l.page, err = rows.first(ctx, l.query); err != nil {
				return l, &LookupError{Position: k.position, Err: err}
			}
			return l, nil
		})
		return query.session.Work(ctx, func(ctx context.Context) error {
			var failure error
			err := found(ctx, func(l lookedUp[K, T]) bool {
				var more bool
				more, failure = l.emit(ctx, yield)
				return more
			})
			if failure != nil {
				return failure
			}
			return err
		})
	}
	return watched(stage.Step, func() string { return "lookup " + tableIn(query.statement.CQL) }, run)
}

func number[K any](keys rx.Observable[K]) rx.Observable[lookupKey[K]] {
	return func(ctx context.Context, yield func(lookupKey[K]) bool) error {
		var position int64
		return keys(ctx, func(k K) bool {
			position++
			return yield(lookupKey[K]{k, position})
		})
	}
}

// emit yields the rows of the key; false when the consumer stopped or there is an error.
func (l lookedUp[K, T]) emit(ctx context.Context, yield func(operators.Match[K, T]) bool) (bool, error) {
	if len(l.page.Rows) == 0 {
		return yield(operators.Match[K, T]{Item: l.key}), nil
	}
	more := true
	done := ctx.Done()
	for _, row := range l.page.Rows {
		select {
		case <-done:
			return false, rx.Cause(ctx)
		default:
		}
		if !yield(operators.Match[K, T]{Item: l.key, Value: row, Found: true}) {
			return false, nil
		}
	}
	if len(l.page.State) == 0 {
		return true, nil
	}
	err := l.query.From(l.page.State).Rows()(ctx, func(row T) bool {
		more = yield(operators.Match[K, T]{Item: l.key, Value: row, Found: true})
		return more
	})
	switch canceled := rx.Cause(ctx); {
	case err == nil:
		return more, nil
	case canceled != nil:
		return false, canceled
	}
	return false, &LookupError{Position: l.position, Err: err}
}

// onKey lets functions that decide about keys decide about keys with positions.
func onKey[K any](on []operators.OnError[K]) []operators.OnError[lookupKey[K]] {
	rules := make([]operators.OnError[lookupKey[K]], len(on))
	for i, rule := range on {
		rules[i] = func(ctx context.Context, f *operators.Failure[lookupKey[K]]) operators.Decision {
			plain := operators.Failure[K]{Item: f.Item.key, Err: f.Err, Attempts: f.Attempts}
			decision := rule(ctx, &plain)
			f.Err = plain.Err
			return decision
		}
	}
	return rules
}
