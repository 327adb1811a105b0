package sink

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/origin"
	"github.com/rxcql/rxcql/operators"
)

// request is rows of one partition that are sent together.
type request[T any] struct {
	rows      []*op[T]
	timestamp int64 // the same each time that it is sent, unless there are lists
	place     *turn // in the window, for the first time that it is sent
	anew      int   // how often its rows were encoded anew
}

// mostAnew is how often rows are encoded anew for a table that changes.
const mostAnew = 3

// send sends rows until each is written, or has failed and that was told. It takes over a place in the window.
func (w *Writer[T]) send(ctx context.Context, rows []*op[T], place *turn) {
	rows = wanted(rows)
	if len(rows) == 0 {
		w.pace.giveUp(place)
		return
	}
	for range rows {
		w.m.retry.Budget.Request()
	}
	// Taken now, when of each key the row before is done with, it is more than that one's.
	w.sendAll(ctx, &request[T]{rows: rows, timestamp: w.m.session.Timestamp(), place: place})
}

func (w *Writer[T]) sendAll(ctx context.Context, r *request[T]) {
	for {
		err := w.try(ctx, r)
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			return // nobody waits for these rows any more
		}
		if errors.Is(err, cql.ErrCellType) && r.anew < mostAnew {
			r.anew++
			if w.encodeAnew(ctx, r); len(r.rows) == 0 {
				return
			}
			continue
		}
		class, attempts := cql.ClassOf(err), r.rows[0].attempts
		switch {
		case class.Retryable(r.rows[0].plan.resends()) && w.m.retry.Allow(attempts):
			w.record.retried.Add(1)
			if w.m.retry.Wait(ctx, attempts) != nil || !slices.ContainsFunc(r.rows, (*op[T]).wanted) {
				return
			}
			if attempts > 1 && narrows(class) && len(r.rows) > 1 {
				w.halve(ctx, r)
				return
			}
		case len(r.rows) > 1 && (rejected(class) || narrows(class) && class != cql.ClientTimeout && r.rows[0].plan.resends()):
			w.halve(ctx, r)
			return
		default:
			for _, o := range r.rows {
				w.fail(o, class, err)
			}
			return
		}
	}
}

// halve goes on with half of the rows, then with the others.
func (w *Writer[T]) halve(ctx context.Context, r *request[T]) {
	half := len(r.rows) / 2
	for _, rows := range [][]*op[T]{r.rows[:half], r.rows[half:]} {
		w.sendAll(ctx, &request[T]{rows: rows, timestamp: r.timestamp, anew: r.anew})
	}
}

// rejected tells whether a class says that nothing of a request was applied, for what may be in one of its rows, or in
// all of them together: too large a batch is invalid.
func rejected(c cql.Class) bool { return c == cql.Invalid || c == cql.Malformed }

// narrows tells whether a request that fails with a class may do so because of some of its rows, or because there are
// so many.
func narrows(c cql.Class) bool {
	switch c {
	case cql.WriteTimeout, cql.WriteFailure, cql.ServerError, cql.ClientTimeout:
		return true
	default:
		return false
	}
}

// try sends a request once.
func (w *Writer[T]) try(ctx context.Context, r *request[T]) error {
	first := r.rows[0]
	if first.plan != nil && first.plan.lists && first.attempts > 0 {
		r.timestamp = w.m.session.Timestamp() // with that of an attempt that was applied, lists would have all elements twice
	}
	bytes := 0
	for _, o := range r.rows {
		o.attempts++
		o.sent = r.timestamp
		bytes += o.bytes
	}
	place := r.place
	r.place = nil
	if place == nil {
		var err error
		if place, err = w.pace.enter(ctx); err != nil {
			return err
		}
	}
	if err := w.m.rates.pay(ctx, len(r.rows), bytes); err != nil {
		w.pace.giveUp(place)
		return err
	}
	place.begun = time.Now()
	err := w.execute(ctx, r)
	w.record.answered(w.pace.leave(place, err))
	var refused *NotAppliedError
	switch {
	case errors.As(err, &refused):
		w.notApplied(first, refused)
		return nil
	case err == nil:
		w.record.wrote(len(r.rows), bytes)
	case outcomeOpen(cql.ClassOf(err)):
		for _, o := range r.rows {
			o.maybe = true
		}
	}
	return err
}

// outcomeOpen tells whether a request that failed with a class may have been applied.
func outcomeOpen(c cql.Class) bool {
	return c.Retryable(true) && !c.Retryable(false) || c == cql.CASUnknown || c == cql.Unknown
}

// origins are the contexts of the writes that the rows are of.
func (r *request[T]) origins() []context.Context {
	calls := make([]*call[T], 0, 4)
	all := make([]context.Context, 0, 4)
	for _, o := range r.rows {
		if !slices.Contains(calls, o.call) {
			calls = append(calls, o.call)
			all = append(all, o.call.ctx)
		}
	}
	return all
}

// execute makes one request of rows: a statement, or a batch.
func (w *Writer[T]) execute(ctx context.Context, r *request[T]) error {
	first := r.rows[0]
	ctx = origin.With(ctx, r.origins())
	if len(r.rows) == 1 {
		if all := new(statements[T]).of(r.rows); len(all) == 1 { // which the driver's observers may keep
			s := all[0]
			s.Consistency, s.Timeout, s.Timestamp = w.m.consistency, w.m.timeout, r.timestamp
			if w.m.verb == execute || w.m.ifHolds {
				return w.decide(ctx, first, s)
			}
			return w.m.session.Execute(ctx, s)
		}
	}
	batch := w.batches.Get().(*statements[T])
	defer w.batches.Put(batch)
	defer batch.clear()
	kind := cql.UnloggedBatch
	if first.plan.counter {
		kind = cql.CounterBatch
	}
	return w.m.session.Batch(ctx, cql.Batch{
		Kind: kind, Statements: batch.of(r.rows), Consistency: w.m.consistency, Timeout: w.m.timeout, Timestamp: r.timestamp,
	})
}

// decide executes a statement that may have a condition.
func (w *Writer[T]) decide(ctx context.Context, o *op[T], s cql.Statement) error {
	page, err := w.m.session.Fetch(ctx, cql.PageRequest{Statement: s})
	if err != nil {
		return err
	}
	columns := page.Columns()
	if len(columns) == 0 || columns[0].Name != "[applied]" || page.Len() == 0 {
		return nil
	}
	cells, err := page.Next()
	if err != nil {
		return &cql.Error{Op: "execute", Class: cql.Malformed, Host: page.Host(), Err: err}
	}
	if len(cells[0]) == 1 && cells[0][0] == 1 {
		return nil
	}
	e := &NotAppliedError{Table: o.plan.name, Row: o.at, Columns: columns[1:], Cells: make([][]byte, len(columns)-1)}
	for i, cell := range cells[1:] {
		if cell != nil {
			e.Cells[i] = append([]byte{}, cell...)
		}
	}
	return e
}

// notApplied counts a row whose condition did not hold, and tells of it.
func (w *Writer[T]) notApplied(o *op[T], e *NotAppliedError) {
	w.record.notApplied.Add(1)
	if w.m.refused == nil {
		return
	}
	if err := o.call.tell(func(ctx context.Context) error { return w.m.refused(ctx, o.item, e) }); err != nil {
		o.call.fail(err)
	}
}

// encodeAnew encodes rows for the table as it is now. Those that do not fit it any more fail.
func (w *Writer[T]) encodeAnew(ctx context.Context, r *request[T]) {
	rows := r.rows
	r.rows = nil
	for _, o := range rows {
		next, err := w.planner.again(ctx, &o.item, o.stamp, o.plan)
		if err != nil {
			if class := cql.ClassOf(err); class == cql.Unknown {
				w.fail(o, cql.Malformed, err)
			} else if ctx.Err() == nil {
				w.fail(o, class, err)
			}
			continue
		}
		if next.empty() {
			w.record.empty.Add(1)
			continue
		}
		next.key, next.partition, next.bytes = o.key, o.partition, o.bytes // by which it has its place in the line
		o.encoded = next
		r.rows = append(r.rows, o)
	}
}

// fail gives a row that cannot be written to the dead letters; without any it ends the write.
func (w *Writer[T]) fail(o *op[T], class cql.Class, err error) {
	name := w.m.table
	if o.plan != nil {
		name = o.plan.name
	}
	failed := &WriteError{
		Table: name, Row: o.at, Attempts: o.attempts, Class: class, Maybe: o.maybe, Err: err, Timestamp: w.timestampOf(o),
	}
	err = o.call.tell(func(ctx context.Context) error {
		o.call.dead.Store(true)
		return w.graves.bury(ctx, operators.Failure[T]{Item: o.item, Err: failed, Attempts: o.attempts})
	})
	if err != nil {
		o.call.fail(err)
	}
}

// timestampOf is what a row was written with, or, if it was not sent, would be now.
func (w *Writer[T]) timestampOf(o *op[T]) int64 {
	switch {
	case w.m.ifHolds || o.plan != nil && o.plan.counter:
		return 0
	case o.timestamp != 0:
		return o.timestamp
	case o.sent != 0:
		return o.sent
	case o.stamp != 0:
		return o.stamp
	default:
		return w.m.session.Timestamp()
	}
}

// wanted leaves out the rows that nobody waits for any more.
func wanted[T any](rows []*op[T]) []*op[T] {
	for i, o := range rows {
		if (i == 0 || o.call != rows[i-1].call) && !o.wanted() { // most are of one call
			return slices.DeleteFunc(slices.Clone(rows), func(o *op[T]) bool { return !o.wanted() })
		}
	}
	return rows
}

// wanted tells whether anybody still waits for a row: its write may have been left, or stopped for another reason than a
// row that failed.
func (o *op[T]) wanted() bool {
	o.call.mu.Lock()
	defer o.call.mu.Unlock()
	return !o.call.left && o.call.fatal == nil && o.call.ctx.Err() == nil
}
