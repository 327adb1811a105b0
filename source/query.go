package source

import (
	"context"
	"slices"
	"time"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// Select is a query whose rows become values of type T. It is an immutable value: each setter returns a copy, and it
// may be run any number of times, also concurrently. Make one with [Query].
type Select[T any] struct{ query }

// query is all of a Select that goes without T, so that it is compiled once.
type query struct {
	session    *cql.Session
	statement  cql.Statement
	idempotent bool
	unbound    error // why the arguments cannot be bound
	pageSize   int   // 0: by bytes; unpaged
	readAhead  int   // defaultReadAhead: by consumption
	lenient    bool
	retry      operators.Backoff
	state      []byte
	token      *token // where to start instead of state
	tracing    bool
	payload    map[string][]byte
}

const (
	defaultReadAhead = -1
	unpaged          = -1
)

// Query makes a query of a statement that returns rows. Arguments are bound to the statement's markers. A SELECT
// counts as idempotent, any other statement does not; see [Select.Idempotent]. There must be as many arguments as
// markers: else every run ends with a [*BindError] before anything is sent. [Select.BindStruct] and [Select.BindMap]
// bind named markers by their names.
func Query[T any](s *cql.Session, statement string, args ...any) Select[T] {
	return Select[T]{query{
		session:    s,
		statement:  cql.Statement{CQL: statement, Args: slices.Clone(args)},
		idempotent: isSelect(statement),
		readAhead:  defaultReadAhead,
	}}
}

// PageSize fixes the number of rows in a page. It panics if n is not positive. A query with LIMIT n never asks for n
// rows or more after its first page, whatever the size: the server would start again.
func (q Select[T]) PageSize(n int) Select[T] {
	if n <= 0 {
		panic("source: PageSize must be positive")
	}
	q.pageSize = n
	return q
}

// Unpaged asks for all rows in one page, for queries that a server cannot page: IN on the partition key with ORDER BY,
// and ANN. Memory is bounded by nothing but the result, so give the statement a LIMIT. A run that starts from a paging
// state or a token fails: without a page size the server would ignore it and start again. PageSize undoes it.
func (q Select[T]) Unpaged() Select[T] {
	q.pageSize = unpaged
	return q
}

// ReadAhead keeps at most k pages fetched or being fetched ahead of the one that is consumed, and fetches them
// eagerly, from the start of the first page on. With 0, a page is asked for only when the consumer wants a row beyond
// the page before it. It panics if k is negative. Memory is bounded by k+1 pages. Under Subscribe, reading ahead begins
// with the first row that is requested.
func (q Select[T]) ReadAhead(k int) Select[T] {
	if k < 0 {
		panic("source: ReadAhead must not be negative")
	}
	q.readAhead = k
	return q
}

// Consistency sets the consistency level; the default is the session's; see [cql.Connect].
func (q Select[T]) Consistency(c cql.Consistency) Select[T] {
	q.statement.Consistency = c
	return q
}

// Idempotent says whether asking for a page twice is as asking once. If not, a page is asked for again only after
// failures that left nothing behind.
func (q Select[T]) Idempotent(yes bool) Select[T] {
	q.idempotent = yes
	return q
}

// Lenient leaves out columns that T, a struct, has no field for, and leaves fields zero that the result has no column
// for, in structs for user-defined types too. Without it both are errors.
func (q Select[T]) Lenient() Select[T] {
	q.lenient = true
	return q
}

// Retry sets how often and with what waits a failing page is asked for; the zero Backoff is the default: up to 4
// retries, waits from 100 ms doubling to 10 s, with full jitter. Attempts: 1 never retries. Only failures whose
// [cql.Class] is retryable are retried. A Budget in b counts each page as a request.
func (q Select[T]) Retry(b operators.Backoff) Select[T] {
	q.retry = b
	return q
}

// Timeout bounds one attempt to fetch one page; the default is [cql.DefaultTimeout]. It is not a limit on the stream,
// for which there is operators.Timeout. It panics if d is not positive.
func (q Select[T]) Timeout(d time.Duration) Select[T] {
	if d <= 0 {
		panic("source: Timeout must be positive")
	}
	q.statement.Timeout = d
	return q
}

// From makes runs start where a paging state points to: the State of a [Page] or a [PageError] of the same statement
// with the same arguments; of any other, the run ends with [ErrBadState] before anything is sent. A nil state is the
// start. States outlive the session and the process. They do not notice that the table was made anew meanwhile: the
// server takes them, and goes on from the place that they name.
func (q Select[T]) From(state []byte) Select[T] {
	q.state, q.token = slices.Clone(state), nil
	return q
}

// Tracing has the coordinator trace the request of each page; [Page].TraceID tells where to find the trace. It is
// costly for the cluster.
func (q Select[T]) Tracing(on bool) Select[T] {
	q.tracing = on
	return q
}

// Payload sends a custom payload with the request of each page, to servers with a query handler that looks for one;
// others ignore it. What such a server answers is [Page].Payload. It needs version 4 of the native protocol.
func (q Select[T]) Payload(payload map[string][]byte) Select[T] {
	q.payload = clonePayload(payload)
	return q
}

// Rows is the stream of the query's rows.
//
// Ordered as the server returns them. Not concurrent, except that pages are fetched ahead. Buffers the current page
// and those ahead of it. A run is admitted by the session until it ends; see [cql.Session.Shutdown]. On error: the
// rows that came before it, then a [*PageError]. When ctx ends, a fetch under way is cancelled, and rows that were
// fetched but not yielded are dropped.
//
// Under Subscribe nothing is sent before a row is requested, and a page only when one beyond the page before it is:
// requesting n rows fetches as many pages as n rows fill, empty ones not counted, and none ahead, unless ReadAhead says
// so or the demand is unbounded. If the last page is full and the server does not say that it is the last, the end is
// told when another row is requested.
func (q Select[T]) Rows() rx.Observable[T] {
	return watched(stage.Source, q.name, func(ctx context.Context, yield func(T) bool) error {
		decoder := &decode.Decoder[T]{Lenient: q.lenient}
		return q.run(ctx, decoder, func(ctx context.Context, p *page) (bool, error) { return yieldRows(ctx, p, decoder, yield) })
	})
}

// Page fetches one page: the first, or the one where [Select.From] or [Select.FromToken] points to. It is for services
// that give their clients a cursor; see [Tokens]. A query with LIMIT n returns all n rows in its first page if that has
// room for them. Errors, retries and admission by the session are as for [Select.Pages]; nothing is read ahead. A
// statement that returns no rows at all, such as an INSERT, has no page: [rx.ErrEmpty].
func (q Select[T]) Page(ctx context.Context) (Page[T], error) {
	return q.ReadAhead(0).Pages().First(ctx)
}

// Pages is the stream of the query's pages, empty ones included, each with the paging state behind it. A page is
// decoded as a whole before it is yielded, and counts as consumed when the consumer wants the next. Under Subscribe it
// is pages that are requested. Otherwise it is as [Select.Rows].
func (q Select[T]) Pages() rx.Observable[Page[T]] {
	return watched(stage.Source, q.name, func(ctx context.Context, yield func(Page[T]) bool) error {
		decoder := &decode.Decoder[T]{Lenient: q.lenient}
		return q.run(ctx, decoder, func(ctx context.Context, p *page) (bool, error) {
			whole, err := decodePage(ctx, p, decoder)
			if err != nil {
				return false, err
			}
			return yield(whole), nil
		})
	})
}
