package operators

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// diverting is a sink that runs beside a stream and must take all that it is given: that of a Divert or DeadLetters.
type diverting[T any] struct {
	operator string
	aside    *branch[T]
	cut      func(error) // stops the stream
	lost     atomic.Bool // there were items that the sink did not take
	ended    chan struct{}
	err      error // with which the sink has ended
}

// divert starts a sink. cut stops the stream beside it.
func divert[T any](g *async.Group, operator string, to rx.Sink[T], cut func(error)) *diverting[T] {
	d := &diverting[T]{operator: operator, cut: cut, ended: make(chan struct{})}
	d.aside = newDroppingBranch[T](func(int) { d.lose() }).watch(g.Context(), "buffer")
	g.Go(func(ctx context.Context) {
		defer close(d.ended)
		if d.err = d.aside.run(ctx, to); d.err != nil {
			cut(d.err)
		}
	})
	return d
}

// put returns false when the sink has not taken v. That is a loss unless ctx has ended, with which nobody wants it.
func (d *diverting[T]) put(ctx context.Context, v T) bool {
	if d.aside.queue.Put(ctx.Done(), v) {
		return true
	}
	if ctx.Err() == nil {
		d.lose()
	}
	return false
}

func (d *diverting[T]) lose() {
	d.lost.Store(true)
	d.cut(ErrSinkLeft)
}

// wait ends the sink's stream with err and waits for the sink.
func (d *diverting[T]) wait(err error) {
	d.aside.queue.Close(err)
	<-d.ended
}

// result is the stream's, once the sink has ended; err is what it ended with by itself. A sink that passes that on has
// not failed.
func (d *diverting[T]) result(err error) error {
	of := d.err
	if of == nil && d.lost.Load() {
		of = fmt.Errorf("operators.%s: %w, and there were items for it", d.operator, ErrSinkLeft)
	}
	switch {
	case of == nil || err != nil && errors.Is(of, err):
		return err
	case err == nil:
		return of
	default:
		return errors.Join(of, err)
	}
}
