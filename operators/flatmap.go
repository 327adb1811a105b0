package operators

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// mergeBuffer is how many items wait for the consumer of a FlatMap or Merge. With more of them an item costs less,
// but they may be large.
const mergeBuffer = 64

// FlatMap makes a stream of every item and runs these streams at the same time, at most n of them, emitting their
// items as they come: ReactiveX's flatMap with maxConcurrent, Pekko's flatMapMerge. Upstream is asked for an item
// only when fewer than n streams are running. f is called with one item at a time, in order, on upstream's goroutine.
// When the buffer is full the streams take turns. It panics if n is less than 1.
//
// Ordered within each stream made by f, not between them. Concurrent: upstream, n streams and the consumer. Buffers
// at most 64 items in all. On error of a stream made by f: emits the items that came before it, then passes it on;
// the other streams are stopped, and what they say then does not count. On error of upstream: lets the streams that
// it has led to complete, then passes it on, as [ConcatMap] does. On cancel: drops the items.
func FlatMap[T, U any](src rx.Observable[T], n int, f func(T) rx.Observable[U]) rx.Observable[U] {
	given("FlatMap", src, f)
	if n < 1 {
		panic(fmt.Sprintf("operators.FlatMap: %d at a time; at least 1 stream must run", n))
	}
	return flatMap("FlatMap", src, n, f)
}

func flatMap[T, U any](name string, src rx.Observable[T], n int, f func(T) rx.Observable[U]) rx.Observable[U] {
	return func(ctx context.Context, yield func(U) bool) error {
		return async.Boundary(ctx, name, func(g *async.Group) error {
			m := &merging[U]{group: g, out: async.NewQueue[U](mergeBuffer).Watch(g), slots: make(chan struct{}, n)}
			m.running.Store(1)
			g.Upstream(func(ctx context.Context) {
				m.err = each(ctx, src, m, f)
				m.leave()
			})
			return m.out.Drain(ctx, g, yield)
		})
	}
}

// each runs src and starts the stream for each of its items. One slot is held for the next item.
func each[T, U any](ctx context.Context, src rx.Observable[T], m *merging[U], f func(T) rx.Observable[U]) error {
	done := ctx.Done()
	m.slots <- struct{}{}
	return src(ctx, func(v T) bool {
		if m.ended.Load() {
			return false
		}
		m.start(f(v))
		return m.acquire(done) && !m.ended.Load()
	})
}

// merging is one run of a FlatMap.
type merging[U any] struct {
	group *async.Group
	out   *async.Queue[U]
	slots chan struct{} // holds an element for each stream that runs, and for the next
	ended atomic.Bool   // a stream has failed; no other is to begin

	running atomic.Int64 // streams that have not completed, and upstream
	err     error        // of upstream
}

// start runs src in the slot that was acquired for it. A stream that does not complete never leaves, so that the
// upstream's end, which waits for all of them, does not come first.
func (m *merging[U]) start(src rx.Observable[U]) {
	m.running.Add(1)
	m.group.Upstream(func(ctx context.Context) {
		done := ctx.Done()
		stopped := false
		err := src(ctx, func(u U) bool {
			stopped = !m.out.Push(done, u)
			return !stopped
		})
		switch {
		case stopped:
		case err != nil:
			m.ended.Store(true)
			m.out.Close(err)
		default:
			<-m.slots
			m.leave()
		}
	})
}

func (m *merging[U]) acquire(done <-chan struct{}) bool {
	select {
	case m.slots <- struct{}{}:
		return true
	default:
	}
	began := m.group.Probe().Start(stage.Full)
	defer m.group.Probe().Stop(stage.Full, began)
	select {
	case m.slots <- struct{}{}:
		return true
	case <-done:
		return false
	}
}

// leave ends the output when the last has left.
func (m *merging[U]) leave() {
	if m.running.Add(-1) == 0 {
		m.out.Close(m.err)
	}
}
