package operators

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/rx"
)

// firstBufferCap bounds what Buffer allocates before it knows that the stream is long enough to fill a buffer.
const firstBufferCap = 64

// Buffer emits slices of n consecutive items, the last one with what is left: ReactiveX's buffer, Pekko's grouped.
// Each slice is fresh and the consumer's to keep. It panics if n is less than 1. For buffers that are also bounded
// by time or weight see [BufferBy].
//
// Ordered. Not concurrent. Buffers at most n-1 items. On error: emits the items that it holds, then passes it on. On
// cancel: drops them.
func Buffer[T any](src rx.Observable[T], n int) rx.Observable[[]T] {
	given("Buffer", src)
	if n < 1 {
		panic(fmt.Sprintf("operators.Buffer: size %d; a buffer must hold at least 1 item", n))
	}
	return func(ctx context.Context, yield func([]T) bool) error {
		var held []T
		size, stopped := min(n, firstBufferCap), false
		err := src(ctx, func(v T) bool {
			if held == nil {
				held = make([]T, 0, size)
			}
			held = append(held, v)
			if len(held) < n {
				return true
			}
			full := held
			held, size = nil, n
			stopped = !yield(full)
			return !stopped
		})
		if stopped {
			return nil
		}
		return flush(ctx, yield, held, err)
	}
}

// flush ends a run whose upstream has ended with err: it emits what is held, if there is any and ctx has not ended.
func flush[T any](ctx context.Context, yield func([]T) bool, held []T, err error) error {
	if len(held) == 0 {
		return err
	}
	if canceled := rx.Cause(ctx); canceled != nil {
		return canceled
	}
	if !yield(held) {
		return nil
	}
	return err
}
