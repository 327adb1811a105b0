package operators

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// Join tells what becomes of the items that have no counterpart in a join, in SQL's terms.
type Join int

const (
	// InnerJoin drops them.
	InnerJoin Join = iota
	// LeftJoin emits those of the left stream.
	LeftJoin
	// FullJoin emits those of both streams.
	FullJoin
)

// String gives the name of the constant.
func (j Join) String() string {
	if j < InnerJoin || j > FullJoin {
		return fmt.Sprintf("Join(%d)", int(j))
	}
	return [...]string{"InnerJoin", "LeftJoin", "FullJoin"}[j]
}

// Joined is an item of each of two streams, or of one of them.
type Joined[L, R any] struct {
	Left     L
	Right    R
	HasLeft  bool
	HasRight bool
}

// JoinSorted joins two streams that are sorted by a key: SQL's join on equal keys, as a merge join. Every item of the
// left stream is paired with every item of the right one that has its key. compare puts keys in the order in which the
// streams have them.
//
// What comes out is sorted by key, too; the pairs of one key come in the order of the left stream's items, and for each
// of them in that of the right one's. A pair is emitted as soon as both of its items are there.
//
// Where several items of the left stream have a key, the right stream's items of that key are held: at most max, and if
// there are more the run ends with an error that wraps [ErrTooManyItems], when the second item of the left stream comes.
// One item of the left stream may be joined by any number. A stream that is not sorted ends the run with an error that
// wraps [ErrUnsorted] and tells which of the two it is and where. It panics if kind is none of the three or max is less
// than 1.
//
// The stream completes as soon as nothing more can come, and the rest of the other input is not read then: an InnerJoin
// when either stream has completed, a LeftJoin when the left one has.
//
// Ordered. Concurrent: both streams with each other and with the consumer, which calls the functions. Buffers at most
// 64 items of each stream, and max of the right one. On error: emits what the items before it led to, then passes it
// on. On cancel: drops the items.
func JoinSorted[L, R, K any](
	left rx.Observable[L], right rx.Observable[R], kind Join, max int,
	leftKey func(L) K, rightKey func(R) K, compare func(a, b K) int,
) rx.Observable[Joined[L, R]] {
	given("JoinSorted", left, right, leftKey, rightKey, compare)
	switch {
	case kind < InnerJoin || kind > FullJoin:
		panic(fmt.Sprintf("operators.JoinSorted: %v is no kind of join", kind))
	case max < 1:
		panic(fmt.Sprintf("operators.JoinSorted: %d items; it must be allowed to hold at least 1", max))
	}
	return func(ctx context.Context, yield func(Joined[L, R]) bool) error {
		return async.Boundary(ctx, "JoinSorted", func(g *async.Group) error {
			j := &joining[L, R, K]{
				kind:  kind,
				max:   max,
				left:  newSorted(async.Start(g, left, inputAhead-1), leftKey, compare, "operators.JoinSorted: left"),
				right: newSorted(async.Start(g, right, inputAhead-1), rightKey, compare, "operators.JoinSorted: right"),
				done:  g.Done(),
				yield: yield,
			}
			err := j.pairs()
			if err == nil && !j.stopped {
				err = j.rest(ctx)
			}
			if j.stopped {
				return nil
			}
			return err
		})
	}
}

// joining is a run of JoinSorted.
type joining[L, R, K any] struct {
	kind  Join
	max   int
	left  *sorted[L, K]
	right *sorted[R, K]
	run   []R // of the right, of one key
	done  <-chan struct{}

	yield   func(Joined[L, R]) bool
	stopped bool
}

func (j *joining[L, R, K]) emit(v Joined[L, R]) bool {
	j.stopped = !j.yield(v)
	return !j.stopped
}

// leftAlone is for a head of the left that has no counterpart.
func (j *joining[L, R, K]) leftAlone() {
	if v := j.left.take(); j.kind != InnerJoin {
		j.emit(Joined[L, R]{Left: v, HasLeft: true})
	}
}

// rightAlone is for a head of the right that has no counterpart.
func (j *joining[L, R, K]) rightAlone() {
	if v := j.right.take(); j.kind == FullJoin {
		j.emit(Joined[L, R]{Right: v, HasRight: true})
	}
}

// pairs goes through both streams side by side until one of them has ended or the consumer has left.
func (j *joining[L, R, K]) pairs() error {
	for both(j.done, j.left.input, j.right.input) {
		var err error
		switch c := j.left.compare(j.left.at, j.right.at); {
		case c < 0:
			j.leftAlone()
		case c > 0:
			j.rightAlone()
		default:
			err = j.equal(j.left.at)
		}
		if err != nil || j.stopped {
			return err
		}
	}
	return nil
}

// equal emits the pairs of one key, which is that of both heads.
func (j *joining[L, R, K]) equal(key K) error {
	defer j.forget()
	first, whole := j.left.take(), true
	for j.right.has(j.done, key) {
		v := j.right.take()
		if whole = whole && len(j.run) < j.max; whole {
			j.run = append(j.run, v)
		} else {
			j.forget() // it is known only later whether anybody else needs them
		}
		if !j.emit(Joined[L, R]{Left: first, Right: v, HasLeft: true, HasRight: true}) {
			return nil
		}
	}
	if !whole && j.left.has(j.done, key) {
		return fmt.Errorf("operators.JoinSorted: item %d of the left stream and the one before it have the same key, "+
			"and more than %d items of the right one have it: %w", j.left.n, j.max, ErrTooManyItems)
	}
	for j.left.has(j.done, key) {
		v := j.left.take()
		for _, r := range j.run {
			if !j.emit(Joined[L, R]{Left: v, Right: r, HasLeft: true, HasRight: true}) {
				return nil
			}
		}
	}
	return nil
}

func (j *joining[L, R, K]) forget() {
	clear(j.run)
	j.run = j.run[:0]
}

// rest is for when one of the streams has ended. If the other has, too, what it ended with counts even where the rest
// of it would not: it may have failed amid the items that were joined.
func (j *joining[L, R, K]) rest(ctx context.Context) error {
	switch {
	case j.left.ended():
		if err := j.left.end(ctx); err != nil || j.kind != FullJoin && !j.right.ended() {
			return err
		}
		for !j.stopped && j.right.wait(j.done) {
			j.rightAlone()
		}
		return j.right.end(ctx)
	case j.right.ended():
		if err := j.right.end(ctx); err != nil || j.kind == InnerJoin {
			return err
		}
		for !j.stopped && j.left.wait(j.done) {
			j.leftAlone()
		}
	}
	return j.left.end(ctx)
}
