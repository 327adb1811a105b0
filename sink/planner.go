package sink

import (
	"context"
	"reflect"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/rx"
)

// planner keeps the plan for the rows of a Writer.
type planner[T any] struct {
	m       Mutation[T]
	began   int64 // when, in µs since 1970
	cells   bool  // rows have no struct
	current atomic.Pointer[plan]
	turn    chan struct{} // holds one element when nobody makes a plan
}

func newPlanner[T any](m Mutation[T]) *planner[T] {
	p := &planner[T]{m: m, began: time.Now().UnixMicro(), turn: make(chan struct{}, 1)}
	p.turn <- struct{}{}
	if !m.began.IsZero() {
		p.began = m.began.UnixMicro()
	}
	if m.bind == nil {
		_, p.cells = any(*new(T)).(cellRow)
	}
	return p
}

// prepare makes a plan, unless that has to wait for the first row to tell its columns.
func (p *planner[T]) prepare(ctx context.Context) error {
	var s *shape
	if p.m.bind == nil {
		if p.cells {
			return nil
		}
		var err error
		if s, err = shapeOf(reflect.TypeFor[T]()); err != nil {
			return err
		}
	}
	first, err := p.make(ctx, s)
	if err == nil {
		p.current.Store(first)
	}
	return err
}

// make makes a plan; its requests are repeated as those of rows are.
func (p *planner[T]) make(ctx context.Context, s *shape) (*plan, error) {
	for attempts := 1; ; attempts++ {
		next, err := makePlan(ctx, p.m.session, p.m.spec, s)
		if err == nil {
			return next, nil
		}
		if !cql.ClassOf(err).Retryable(true) || !p.m.retry.Allow(attempts) || p.m.retry.Wait(ctx, attempts) != nil {
			return nil, err
		}
	}
}

// repeats tells why rows may not be sent twice; nil if they may. Before the first row it is what the mutation says.
func (p *planner[T]) repeats() error {
	if now := p.current.Load(); now != nil {
		return now.mayRepeat()
	}
	if p.m.spec.repeats || p.m.verb != execute && !p.m.ifHolds {
		return nil
	}
	return errMayBeSaid
}

// following makes a plan for a shape that takes the place of another, unless another goroutine has done so.
func (p *planner[T]) following(ctx context.Context, old *plan, s *shape) (*plan, error) {
	select {
	case <-p.turn:
	case <-ctx.Done():
		return nil, rx.Cause(ctx)
	}
	defer func() { p.turn <- struct{}{} }()
	if now := p.current.Load(); now != old && (!p.cells || now.shape.same(s.columns)) {
		return now, nil
	}
	next, err := p.make(ctx, s)
	if err == nil {
		p.current.Store(next)
	}
	return next, err
}

// planError is a plan that cannot be made: no row can be written.
type planError struct{ err error }

func (e *planError) Error() string { return e.err.Error() }
func (e *planError) Unwrap() error { return e.err }

// planLasts is how long a plan is taken for right when it refuses a value: whoever loops over such values looks at the
// schema each time.
const planLasts = 100 * time.Millisecond

// encode makes statements of a row, with a timestamp unless that is 0 or there is a function for them. If a value is
// refused, that may be for a type that its column no longer has.
func (p *planner[T]) encode(ctx context.Context, item *T, stamp int64) (encoded, error) {
	e, err := p.encodeBy(ctx, p.current.Load(), item, stamp)
	if refused, ok := err.(*ColumnError); ok && e.plan != nil && time.Since(e.plan.made) >= planLasts {
		if anew, failed := p.again(ctx, item, stamp, e.plan); failed == nil {
			return anew, nil
		}
		return e, refused
	}
	return e, err
}

// again encodes a row by a plan made after the one that it was encoded by.
func (p *planner[T]) again(ctx context.Context, item *T, stamp int64, old *plan) (encoded, error) {
	next, err := p.following(ctx, old, old.shape)
	if err != nil {
		return encoded{}, err
	}
	return p.encodeBy(ctx, next, item, stamp)
}

func (p *planner[T]) encodeBy(ctx context.Context, by *plan, item *T, stamp int64) (encoded, error) {
	var v values
	switch {
	case p.m.bind != nil:
		if v.args = p.m.bind(*item); v.args == nil {
			v.args = []any{}
		}
	case p.cells:
		if v.cells = cellsOf(item); v.cells == nil {
			return encoded{}, errNilRow
		}
		columns := v.cells.Columns()
		if by == nil || !by.shape.same(columns) {
			var err error
			if by, err = p.following(ctx, by, &shape{columns: columns}); err != nil {
				return encoded{}, &planError{err}
			}
		}
		v.shape = by.shape
	default:
		var err error
		if v, err = by.shape.valuesAt(unsafe.Pointer(item)); err != nil {
			return encoded{}, err
		}
	}
	return by.encode(v, p.times(by, item, stamp))
}

// cellsOf gives a row that has cells; nil if it is a nil pointer.
func cellsOf[T any](item *T) cellRow {
	if row, ok := any(item).(cellRow); ok { // the pointer has the methods too, and costs nothing to be put into an interface
		return row
	}
	row := any(*item).(cellRow)
	if r := reflect.ValueOf(row); r.Kind() == reflect.Pointer && r.IsNil() {
		return nil
	}
	return row
}

// times are those of a row, which may have a timestamp from elsewhere.
func (p *planner[T]) times(by *plan, item *T, stamp int64) times {
	at := times{ttl: tableTTL}
	if p.m.ttl != nil {
		if ttl := p.m.ttl(*item); ttl > 0 {
			at.ttl = int32(min((ttl+time.Second-1)/time.Second, 1<<31-1))
		}
	}
	if by.stamped {
		if p.m.timestamp != nil {
			at.timestamp = p.m.timestamp(*item)
		}
		if at.timestamp == 0 && stamp != 0 {
			if at.timestamp = stamp; by.lists {
				at.timestamp++ // with that of an attempt that was applied, lists would have all elements twice
			}
		}
		if at.bare = at.timestamp; at.timestamp == 0 {
			at.bare = p.began
			at.timestamp = p.m.session.Timestamp()
		}
	}
	return at
}
