package sink

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/semaphore"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/internal/demand"
	"github.com/rxcql/rxcql/internal/resumable"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// Sink gives the mutation as an rx.Sink, for those who need no report.
func (m Mutation[T]) Sink() rx.Sink[T] {
	return func(ctx context.Context, src rx.Observable[T]) error {
		_, err := m.Write(ctx, src)
		return err
	}
}

// Write runs src and writes its items, a window of requests at a time. Rows of one partition that wait for their turn
// together are sent together, in an unlogged batch, which Cassandra applies as one; see [Mutation.Batch]. Of rows that
// have the same primary key each is sent when the one before it is acknowledged, so that the last one in the stream wins;
// others pass them meanwhile. The stream waits while 4 MiB of rows, or some 4,000, are under way or wait for it.
//
// A request that fails is sent again where that may help and does no harm. A batch that fails for what may be in one of
// its rows is halved until the row is found. A row that finally fails goes to the dead letters; if there are none it stops
// the stream: those that were taken by then are still written, or tried, and the first one in the stream that failed is
// returned as a [*WriteError]: all rows before it are written, and some behind it may be. If src fails, what it yielded
// before is written first. When ctx ends, what is under way is cancelled, so each of those rows may or may not be written.
// The report counts what was acknowledged in each case. The whole write is admitted by the session as one; see
// [cql.Session.Shutdown].
//
// What does not fit the table, by its schema, is found before anything is sent: a [*ColumnError].
func (m Mutation[T]) Write(ctx context.Context, src rx.Observable[T]) (Report, error) {
	return m.Work(ctx, func(ctx context.Context, w *Writer[T]) error { return w.Write(ctx, src) })
}

// Work gives f a writer of streams until f returns: pages of a scan, say, each of which is acknowledged when Write has
// returned for it. They share the window, the order of keys, and what is known of the table. The report is of all that
// was written.
//
//	report, err := insert.Work(ctx, func(ctx context.Context, w *sink.Writer[Row]) error {
//		return scan.Each(ctx, 8, func(ctx context.Context, page source.TablePage[Row]) error {
//			return w.Write(ctx, rx.From(page.Rows...))
//		})
//	})
func (m Mutation[T]) Work(ctx context.Context, f func(ctx context.Context, w *Writer[T]) error) (Report, error) {
	m.check()
	record := newRecorder()
	ctx, p := stage.Begin(ctx, stage.Sink, m.name())
	defer p.End(stage.ErrPanicked, false) // if it has not ended
	err := m.session.Work(ctx, func(ctx context.Context) error {
		w := &Writer[T]{m: m, record: record, planner: newPlanner(m), line: newLine[T](m.rowsTogether())}
		w.room = semaphore.NewWeighted(roomBytes)
		w.batches.New = func() any { return new(statements[T]) }
		if err := w.planner.prepare(ctx); err != nil {
			return err
		}
		var err error
		if w.pace, err = m.newPace(ctx); err != nil {
			return err
		}
		w.watch(p)
		return withDeadLetters(ctx, m.dead, m.tolerance, record, func(ctx context.Context, graves *graveyard[T]) error {
			return async.Run(ctx, func(g *async.Group) error {
				w.g, w.graves = g, graves
				defer w.close()
				return f(g.Context(), w)
			})
		})
	})
	p.End(err, false)
	return record.report(), err
}

// Check tells what is wrong with the mutation before anything is read or written: a table that is not there, or does not
// have the columns of T, or with other types, and settings that contradict each other. The error is what Write would end
// with. Of rows whose columns are not known when the program is compiled say which they will be, such as those that
// [cql.Session.Columns] gives; of others say none. It asks the server as often as [Mutation.Retry] allows.
//
//	err := insert.Check(ctx, columns...)
func (m Mutation[T]) Check(ctx context.Context, columns ...cql.Column) error {
	m.check()
	p := newPlanner(m)
	if !p.cells {
		if len(columns) > 0 {
			return fmt.Errorf("sink: Check needs no columns for a %v: it brings its own", reflect.TypeFor[T]())
		}
		return p.prepare(ctx)
	}
	_, err := p.make(ctx, &shape{columns: columns})
	return err
}

// check panics if there is a setting that would do nothing.
func (m Mutation[T]) check() {
	if m.refused != nil && !m.ifHolds && m.verb != execute {
		panic("sink: NotApplied is for rows with a condition: IfNotExists or IfExists")
	}
}

func (m Mutation[T]) newPace(ctx context.Context) (*pace, error) {
	if m.window > 0 {
		return fixedPace(m.window), nil
	}
	hosts, err := m.session.Hosts(ctx)
	return adaptivePace(len(hosts)), err
}

// rowsTogether is how many rows may share a request.
func (m Mutation[T]) rowsTogether() int {
	if m.ifHolds || m.verb == execute {
		return 1
	}
	return m.batch
}

// Rows that were taken and are not done with, each with its overhead, have this much room.
const (
	roomBytes   = 4 << 20
	rowOverhead = 1 << 10
)

// Writer writes streams; see [Mutation.Work]. Its methods may be called concurrently, until f of Work returns.
type Writer[T any] struct {
	m       Mutation[T]
	g       *async.Group
	record  *recorder
	planner *planner[T]
	line    *line[T]
	pace    *pace
	room    *semaphore.Weighted
	held    atomic.Int64 // rows that have some of it
	graves  *graveyard[T]
	probe   *stage.Probe // nil if nobody watches

	batches sync.Pool // of *statements[T]

	mu      sync.Mutex
	closed  bool
	workers int
}

func (w *Writer[T]) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
}

func (w *Writer[T]) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}

// Write runs src and writes its items, as [Mutation.Write] does; rows of other calls may share its requests. When it
// returns nil, each row is written, or among the dead letters, or was not applied. Keys are in order along each stream,
// and, of two streams of which one is written after the other, between these.
//
// When ctx ends it returns at once, and what of its rows is under way may or may not be written.
func (w *Writer[T]) Write(ctx context.Context, src rx.Observable[T]) error {
	return w.write(ctx, func(ctx context.Context, feed func(T, int64) bool) error {
		return stage.Metered(ctx, w.probe, src, func(v T) bool { return feed(v, 0) })
	})
}

// write writes what rows feeds to it, each with the timestamp that it has from elsewhere, or 0.
func (w *Writer[T]) write(ctx context.Context, rows func(ctx context.Context, feed func(T, int64) bool) error) error {
	job := resumable.Is(ctx)
	if job {
		if err := w.planner.repeats(); err != nil {
			return err
		}
	}
	if w.isClosed() {
		return errClosedWriter
	}
	defer w.probe.Stop(stage.Streams, w.probe.Start(stage.Streams))
	// The source runs under a context of its own, which a row that fails cancels, and for what there is room for, whatever
	// demand there may be around this.
	reading, stop := context.WithCancel(demand.Without(ctx))
	defer stop()
	defer context.AfterFunc(w.g.Context(), stop)()
	c := &call[T]{ctx: ctx, stop: stop, job: job, done: make(chan struct{}), quiet: make(chan struct{})}
	defer c.leave() // also when src panics
	var at int64
	err := rows(reading, func(v T, stamp int64) bool {
		ok := w.feed(reading, c, at, v, stamp)
		at++
		return ok
	})
	c.end()
	if err := w.settled(ctx, c); err != nil {
		return err
	}
	switch canceled := rx.Cause(ctx); {
	case canceled != nil:
		return canceled
	case c.fatal != nil:
		return c.fatal
	case c.failed != nil:
		return c.failed
	case rx.Cause(w.g.Context()) != nil:
		return rx.Cause(w.g.Context())
	case err == nil && c.dead.Load():
		return w.graves.promises.keep()
	}
	return err
}

// feed encodes a row and gets it into the line; false ends the stream.
func (w *Writer[T]) feed(ctx context.Context, c *call[T], at int64, item T, stamp int64) bool {
	o := &op[T]{call: c, at: at, item: item, stamp: stamp}
	var err error
	if o.encoded, err = w.planner.encode(ctx, &o.item, stamp); err != nil {
		if ctx.Err() != nil {
			return false
		}
		c.enter()
		return w.reject(o, err)
	}
	if refused := o.plan.mayRepeat(); c.job && refused != nil { // which for rows without a struct only the first one shows
		c.fail(refused)
		return false
	}
	if o.empty() {
		w.record.empty.Add(1)
		return true
	}
	o.weight = min(int64(o.bytes)+rowOverhead, roomBytes)
	if w.enter(ctx, o.weight) != nil {
		return false
	}
	w.held.Add(1)
	c.enter()
	if w.line.enter(o) && !w.hire() {
		c.fail(errClosedWriter)
		return false
	}
	return true
}

// reject deals with a row that cannot be encoded; false ends the stream.
func (w *Writer[T]) reject(o *op[T], err error) bool {
	var none *planError
	if errors.As(err, &none) {
		o.call.fail(none.err)
	} else {
		w.fail(o, cql.Malformed, err)
	}
	o.call.settle(1)
	return !o.call.over()
}

// hire sees to it that a goroutine takes what may be taken; false if the Writer is closed.
func (w *Writer[T]) hire() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	if w.workers < w.pace.most {
		w.workers++
		w.g.Go(w.work)
	}
	return true
}

// work sends what may be taken until there is nothing left. It has its place in the window before it takes rows, so that
// what waits for a place can still grow together.
func (w *Writer[T]) work(ctx context.Context) {
	for {
		place, err := w.pace.enter(ctx)
		if err != nil {
			return // and so is the write at its end
		}
		rows := w.line.take()
		if rows == nil {
			rows = w.retire()
		}
		if rows == nil {
			w.pace.giveUp(place)
			return
		}
		w.send(ctx, rows, place)
		if w.done(rows) > 1 {
			w.hire()
		}
	}
}

// done settles rows, whatever came of them, and gives how many may be taken now that waited for them.
func (w *Writer[T]) done(rows []*op[T]) (more int) {
	var weight int64
	for _, o := range rows {
		weight += o.weight
	}
	w.room.Release(weight)
	w.held.Add(-int64(len(rows)))
	more = w.line.leave(rows)
	for len(rows) > 0 { // most are of one call
		n := 1
		for n < len(rows) && rows[n].call == rows[0].call {
			n++
		}
		rows[0].call.settle(n)
		rows = rows[n:]
	}
	return more
}

// retire ends a worker, unless something came while it was about to go.
func (w *Writer[T]) retire() []*op[T] {
	w.mu.Lock()
	defer w.mu.Unlock()
	rows := w.line.take()
	if rows == nil {
		w.workers--
	}
	return rows
}
