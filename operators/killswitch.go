package operators

import (
	"context"

	"github.com/rxcql/rxcql/rx"
)

// KillSwitch ends any number of streams, from anywhere: Pekko's SharedKillSwitch. Put it on a stream with [Killable].
// It acts once: the first call of Shutdown or Abort decides, later ones do nothing, and a stream that is run after it
// ends at once in the same way. Streams that come and go leave nothing behind in it.
type KillSwitch struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// NewKillSwitch makes a switch that has not acted yet.
func NewKillSwitch() *KillSwitch {
	k := &KillSwitch{}
	k.ctx, k.cancel = context.WithCancelCause(context.Background())
	return k
}

// Shutdown completes the switch's streams, as [Until] does. It does not wait for them.
func (k *KillSwitch) Shutdown() { k.cancel(errStopped) }

// Abort fails the switch's streams with err. It does not wait for them. It panics if err is nil: see Shutdown.
func (k *KillSwitch) Abort(err error) {
	if err == nil {
		panic("operators.KillSwitch.Abort: nil error; to let the streams complete call Shutdown")
	}
	k.cancel(err)
}

// result is how the switch's streams end.
func (k *KillSwitch) result() error {
	if err := context.Cause(k.ctx); err != errStopped {
		return err
	}
	return nil
}

// Killable ends its upstream when k does: after Shutdown the stream completes, after Abort it fails with the error
// that Abort got. Upstream's context is cancelled then, and what upstream says afterwards does not count. An item that
// upstream hands over at that moment is still emitted, but none after it. As with [Until], put it next to the source
// where nothing that is under way is to be lost. k is shared by runs; it is the exemption from rule 4 of package rx.
//
//	stop := op.NewKillSwitch()
//	orders, returns := op.Killable(allOrders, stop), op.Killable(allReturns, stop)
//
// Ordered. Not concurrent; a goroutine waits for k. Buffers nothing. On error: passes it on, unless k has acted. It
// panics if k is nil.
func Killable[T any](src rx.Observable[T], k *KillSwitch) rx.Observable[T] {
	given("Killable", src)
	if k == nil || k.ctx == nil {
		panic("operators.Killable: no switch; make one with NewKillSwitch")
	}
	return stopped(src, k.ctx, k.result)
}
