package operators

import (
	"context"
	"fmt"
	"slices"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// Interleave emits segment items of the first stream, then as many of the second, and so on, and starts over after the
// last: Pekko's interleave. A stream that completes loses the rest of its turn and has no other. The streams run side
// by side, but a slow one holds up the others when it is its turn; [Merge] emits items as they come. It panics if
// segment is less than 1.
//
// Ordered: the same streams always give the same order. Concurrent: all streams with each other and with the consumer.
// Buffers at most 64 items of each. On error: it comes when it is its stream's turn and the items before it were
// emitted, and is passed on then; the other streams are stopped. On cancel: drops the items.
func Interleave[T any](segment int, srcs ...rx.Observable[T]) rx.Observable[T] {
	given("Interleave", srcs)
	if segment < 1 {
		panic(fmt.Sprintf("operators.Interleave: %d items in a segment; there must be at least 1", segment))
	}
	if len(srcs) == 0 {
		return rx.Empty[T]()
	}
	srcs = slices.Clone(srcs)
	return func(ctx context.Context, yield func(T) bool) error {
		return async.Boundary(ctx, "Interleave", func(g *async.Group) error {
			queues := make([]*async.Queue[T], len(srcs))
			for i, src := range srcs {
				queues[i] = async.Start(g, src, inputAhead)
			}
			for turn := 0; len(queues) > 0; {
				q := queues[turn]
				ended, stopped := emit(g.Done(), q, segment, yield)
				switch {
				case stopped:
					return nil
				case !ended:
					turn++
				default:
					if err := q.End(ctx); err != nil {
						return err
					}
					queues = slices.Delete(queues, turn, turn+1)
				}
				if turn == len(queues) {
					turn = 0
				}
			}
			return nil
		})
	}
}

// emit yields n items of q. ended tells that there were no more of them, stopped that the consumer has left.
func emit[T any](done <-chan struct{}, q *async.Queue[T], n int, yield func(T) bool) (ended, stopped bool) {
	for range n {
		v, ok := q.Next(done)
		if !ok {
			return true, false
		}
		if !yield(v) {
			return false, true
		}
	}
	return false, false
}
