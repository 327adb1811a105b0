package operators

import (
	"context"
	"sync/atomic"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// groups are what a GroupBy runs, for keys that they need not know.
type groups[T, U any] struct {
	group   *async.Group
	out     *async.Queue[U]
	dropped []*Dropped
	failed  atomic.Bool // a group has failed by itself, so all is over

	running atomic.Int32 // groups, and upstream
	cut     atomic.Bool  // upstream has failed, and the groups end with that
	err     error        // of upstream
}

func newGroups[T, U any](g *async.Group, dropped []*Dropped) *groups[T, U] {
	gs := &groups[T, U]{group: g, out: async.NewQueue[U](mergeBuffer).Watch(g), dropped: dropped}
	gs.running.Store(1)
	return gs
}

// start runs what was made of a group's stream.
func (gs *groups[T, U]) start(b *branch[T], made rx.Observable[U]) {
	gs.running.Add(1)
	gs.group.Upstream(func(ctx context.Context) {
		done, stopped := ctx.Done(), false
		err := b.run(ctx, func(ctx context.Context, _ rx.Observable[T]) error {
			return made(ctx, func(u U) bool {
				stopped = !gs.out.Push(done, u)
				return !stopped
			})
		})
		if err != nil && !stopped && !gs.cut.Load() {
			gs.failed.Store(true)
			gs.out.Close(err)
		}
		gs.leave()
	})
}

// cutOff is for the end of upstream, before the groups are told.
func (gs *groups[T, U]) cutOff(err error) {
	gs.err = err
	gs.cut.Store(err != nil)
}

// leave ends the output when the last has left.
func (gs *groups[T, U]) leave() {
	if gs.running.Add(-1) == 0 {
		gs.out.Close(gs.err)
	}
}

// drop counts n items of groups that have left, unless everybody is to leave.
func (gs *groups[T, U]) drop(n int) {
	if gs.failed.Load() || gs.group.Context().Err() != nil {
		return
	}
	gs.group.Probe().Dropped(n)
	for _, d := range gs.dropped {
		d.n.Add(int64(n))
	}
}
