package operators

import (
	"context"

	"github.com/rxcql/rxcql/internal/async"
)

// inputAhead is how far each of several inputs that are read side by side may be ahead of what was emitted. With more
// an item costs less, but they may be large.
const inputAhead = 64

// input is one of several upstreams, each on a goroutine of its own, of which an operator looks at the next items.
type input[T any] struct {
	queue *async.Queue[T]
	head  T            // the next item, if state is Item
	state async.State  // Empty: it is not known yet whether there is another
	check func() error // of a head that has come; nil if there is nothing to check
	err   error        // of check, which has ended the input
}

// newInput makes an input of q. With at most inputAhead-1 items in q it is inputAhead ahead, the head among them.
func newInput[T any](q *async.Queue[T]) *input[T] { return &input[T]{queue: q, state: async.Empty} }

// look takes the next item from the queue if it is not there yet, and checks it if it is to be checked.
func (in *input[T]) look() async.State {
	if in.state != async.Empty {
		return in.state
	}
	in.head, in.state = in.queue.Poll()
	if in.state == async.Item && in.check != nil {
		if in.err = in.check(); in.err != nil {
			in.state = async.Closed
		}
	}
	return in.state
}

// wait waits for the next item. It returns false if there is none and when done is closed.
func (in *input[T]) wait(done <-chan struct{}) bool {
	for {
		select {
		case <-done:
			return false
		default:
		}
		if state := in.look(); state != async.Empty {
			return state == async.Item
		}
		if !in.queue.Wait(done) {
			return false
		}
	}
}

// both waits for the next items of two inputs. It returns false as soon as one of them has no other, and when done is
// closed.
func both[A, B any](done <-chan struct{}, a *input[A], b *input[B]) bool {
	for {
		select {
		case <-done:
			return false
		default:
		}
		forA, forB := a.look(), b.look()
		switch {
		case forA == async.Closed || forB == async.Closed:
			return false
		case forA == async.Item && forB == async.Item:
			return true
		}
		if !async.WaitEither(a.queue, b.queue, done) {
			return false
		}
	}
}

// take takes the next item, which is there.
func (in *input[T]) take() T {
	var zero T
	v := in.head
	in.head, in.state = zero, async.Empty
	return v
}

// ended tells whether there is no other item.
func (in *input[T]) ended() bool { return in.state == async.Closed }

// end is the result of a run that ends as the input has, or because done was closed.
func (in *input[T]) end(ctx context.Context) error {
	if in.err != nil && ctx.Err() == nil {
		return in.err
	}
	return in.queue.End(ctx)
}
