package sink

import (
	"context"
	"reflect"
	"sync"
	"time"
	"unsafe"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/internal/demand"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// Insertion writes rows of type T, a struct or a pointer to one, into a table. It is an immutable value: each setter
// returns a copy, and it may be used any number of times. Make one with [Insert].
type Insertion[T any] struct {
	session     *cql.Session
	table       string
	window      int
	consistency cql.Consistency
	timeout     time.Duration
	retry       operators.Backoff
}

// Insert makes a sink that inserts each item as a row of the table, named as in CQL. The columns are T's fields, by
// tag `cql:"name"` or by name in snake_case. A nil field is left as it is in the table; an sql.Null that is
// not valid is written as null, which deletes and leaves a tombstone.
func Insert[T any](s *cql.Session, table string) Insertion[T] {
	return Insertion[T]{session: s, table: table}
}

// Window sets how many requests may be under way at once; the default is 16 for each node of the cluster. It panics
// if n is not positive.
func (in Insertion[T]) Window(n int) Insertion[T] {
	if n <= 0 {
		panic("sink: Window must be positive")
	}
	in.window = n
	return in
}

// Consistency sets the consistency level; the default is the session's; see [cql.Connect].
func (in Insertion[T]) Consistency(c cql.Consistency) Insertion[T] {
	in.consistency = c
	return in
}

// Timeout bounds one attempt to write one row; the default is [cql.DefaultTimeout]. It panics if d is not positive.
func (in Insertion[T]) Timeout(d time.Duration) Insertion[T] {
	if d <= 0 {
		panic("sink: Timeout must be positive")
	}
	in.timeout = d
	return in
}

// Retry sets how often and with what waits a row is sent; the zero Backoff is the default: up to 4 retries, waits
// from 100 ms doubling to 10 s, with full jitter. An INSERT is idempotent, so all failures but those that are the
// request's own fault are retried. A Budget in b counts each row as a request.
func (in Insertion[T]) Retry(b operators.Backoff) Insertion[T] {
	in.retry = b
	return in
}

// Sink gives the insertion as an rx.Sink, for those who need no report.
func (in Insertion[T]) Sink() rx.Sink[T] {
	return func(ctx context.Context, src rx.Observable[T]) error {
		_, err := in.Write(ctx, src)
		return err
	}
}

// Write runs src and inserts its items, at most a window of them at once; the stream waits while the window is full.
// Rows may reach the server in another order than the stream's, but each carries a timestamp that grows along the
// stream, so that of several rows with one key the last one wins, and of two writes through one session the later.
//
// A row that finally fails stops the stream; those that were taken by then are still written, or tried. The first one
// in the stream that failed is returned as a [*WriteError]: all rows before it are written. If src fails, what it
// yielded before is written first. When ctx ends, what is under way is cancelled, so each of those rows may or may not
// be written. The report counts what was acknowledged in each case. The whole write is admitted by the session as one;
// see [cql.Session.Shutdown].
func (in Insertion[T]) Write(ctx context.Context, src rx.Observable[T]) (Report, error) {
	statement, err := newInsertStatement(in.table, reflect.TypeFor[T]())
	if err != nil {
		return Report{}, err
	}
	record := newRecorder()
	err = in.session.Work(ctx, func(ctx context.Context) error {
		window, err := in.windowSize(ctx)
		if err != nil {
			return err
		}
		return async.Run(ctx, func(g *async.Group) error {
			w := &writer[T]{in: in, g: g, statement: statement, record: record, rows: make(chan row)}
			return w.run(ctx, src, window)
		})
	})
	return record.report(), err
}

func (in Insertion[T]) windowSize(ctx context.Context) (int, error) {
	if in.window > 0 {
		return in.window, nil
	}
	hosts, err := in.session.Hosts(ctx)
	return perNode * max(len(hosts), 1), err
}

// writer is one Write.
type writer[T any] struct {
	in        Insertion[T]
	g         *async.Group
	statement *insertStatement
	record    *recorder

	rows    chan row // to the workers; unbuffered, so that the window is what the workers hold
	workers sync.WaitGroup

	mu     sync.Mutex
	failed *WriteError // of the rows that could not be written, the first one in the stream
}

// row is a row to be written.
type row struct {
	at        int64
	timestamp int64
	args      []any
}

func (w *writer[T]) run(ctx context.Context, src rx.Observable[T], window int) error {
	// The source runs under a context of its own, which a failing worker cancels, and for the window, whatever demand
	// there may be around this.
	reading, stop := context.WithCancel(demand.Without(w.g.Context()))
	defer stop()
	err := w.feed(reading, stop, src, window)
	w.workers.Wait() // what was taken is written, unless the group was cancelled
	if canceled := rx.Cause(ctx); canceled != nil {
		return canceled
	}
	if w.failed != nil {
		return w.failed
	}
	return err
}

// feed runs src and hands its rows to workers, of which it starts as many as are needed, up to the window.
func (w *writer[T]) feed(ctx context.Context, stop func(), src rx.Observable[T], window int) error {
	defer close(w.rows) // also when src panics: the workers end
	var (
		next    row
		started int
		done    = ctx.Done()
	)
	return src(ctx, func(v T) bool {
		var err error
		if next.args, err = w.statement.args(unsafe.Pointer(&v)); err != nil {
			w.fail(&WriteError{Table: w.in.table, Row: next.at, Class: cql.Malformed, Err: err})
			return false
		}
		next.timestamp = w.in.session.Timestamp()
		select {
		case w.rows <- next: // a worker is idle
		default:
			if started < window {
				started++
				w.workers.Add(1)
				w.g.Go(func(ctx context.Context) { w.work(ctx, stop) })
			}
			select {
			case w.rows <- next:
			case <-done:
				return false
			}
		}
		next.at++
		return true
	})
}

// work writes rows until there are no more, or one fails.
func (w *writer[T]) work(ctx context.Context, stop func()) {
	defer w.workers.Done()
	for r := range w.rows {
		if failed := w.write(ctx, r); failed != nil {
			w.fail(failed)
			stop()
			return
		}
	}
}

func (w *writer[T]) fail(e *WriteError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil || e.Row < w.failed.Row {
		w.failed = e
	}
}

// write sends one row until it is acknowledged or must be given up.
func (w *writer[T]) write(ctx context.Context, r row) *WriteError {
	statement := cql.Statement{
		CQL: w.statement.cql, Args: r.args, Timestamp: r.timestamp, Consistency: w.in.consistency, Timeout: w.in.timeout,
	}
	w.in.retry.Budget.Request()
	for attempts := 1; ; attempts++ {
		sent := time.Now()
		err := w.in.session.Execute(ctx, statement)
		w.record.answered(time.Since(sent))
		if err == nil {
			w.record.wrote(1, 0)
			return nil
		}
		class := cql.ClassOf(err)
		final := !class.Retryable(true) || !w.in.retry.Allow(attempts)
		if final || w.in.retry.Wait(ctx, attempts) != nil {
			return &WriteError{Table: w.in.table, Row: r.at, Attempts: attempts, Class: class, Err: err}
		}
		w.record.retried.Add(1)
	}
}
