package bridge

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"

	"github.com/reactivex/rxgo/v2"

	"github.com/rxcql/rxcql/rx"
)

// errExited is what rxgo gets in place of the end of a stream whose goroutine has called runtime.Goexit.
var errExited = errors.New("bridge: the stream's goroutine was ended by runtime.Goexit")

// To makes of src what rxgo takes as an Observable or Iterable. It is cold: each time that rxgo observes it, src is run
// once more, on a goroutine of rxgo's, with the context of the options that rxgo has collected up to there; opts come
// first among these.
//
// An error of src is its last item, as rxgo has it. So is a panic of src, as an error that errors.As finds an
// [*rx.PanicError] in, so that it does not end the process; [From] raises it again.
//
// rxgo observes with context.Background unless somebody gives it [rxgo.WithContext], and so src's run is blocked for
// ever if a consumer leaves early. From and [Via] give their own.
//
// Ordered. Concurrent: src runs on a goroutine of rxgo's. Buffers nothing, unless an option asks for a buffered
// channel. On error: passes it on. On cancel: rxgo's channel is closed without an error, as rxgo does it; From gives
// the error.
func To[T any](src rx.Observable[T], opts ...rxgo.Option) rxgo.Observable {
	return rxgo.Defer([]rxgo.Producer{producer(src, nil)}, slices.Clip(opts)...)
}

// producer runs src for rxgo, as a part of r, or, if that is nil, of the run that observes.
func producer[T any](src rx.Observable[T], r *run) rxgo.Producer {
	return func(ctx context.Context, next chan<- rxgo.Item) {
		observer, _ := ctx.Value(runKey{}).(*run)
		switch {
		case r == nil && observer == nil:
			unowned(ctx, src, next)
		case r == nil || r == observer:
			observer.group.Borrow(func(context.Context) { send(ctx, src, next) })
		default:
			r.group.Borrow(func(own context.Context) { r.join(ctx, own, func(own context.Context) { send(own, src, next) }) })
		}
	}
}

// send runs src into next.
func send[T any](ctx context.Context, src rx.Observable[T], next chan<- rxgo.Item) {
	err := src(ctx, func(v T) bool { return rxgo.Of(v).SendContext(ctx, next) })
	if err != nil {
		rxgo.Error(err).SendContext(ctx, next)
	}
}

// unowned is send where no run of ours is there to raise a panic in.
func unowned[T any](ctx context.Context, src rx.Observable[T], next chan<- rxgo.Item) {
	returned := false
	defer func() {
		if returned {
			return
		}
		var err error = errExited
		if v := recover(); v != nil {
			crossed, ok := v.(*rx.PanicError)
			if !ok {
				crossed = &rx.PanicError{Value: v, Stack: debug.Stack()}
			}
			err = &raised{crossed}
		}
		rxgo.Error(err).SendContext(ctx, next)
	}()
	send(ctx, src, next)
	returned = true
}

// raised is a panic on its way through rxgo, to be told from a PanicError that somebody has recovered and returned.
type raised struct{ panic *rx.PanicError }

func (r *raised) Error() string { return r.panic.Error() }
func (r *raised) Unwrap() error { return r.panic }
