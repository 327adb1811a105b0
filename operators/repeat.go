package operators

import (
	"context"
	"time"

	"github.com/rxcql/rxcql/rx"
)

// Repeat runs its upstream again each time that it completes, in all so many times, with a pause between one run's end
// and the next one's start: ReactiveX's repeat and repeatWhen. A negative number of times is for ever, which makes a
// poll loop of a query; end it by Take or Until, or with the context. 0 times do not run upstream at all. A pause of 0
// or less is none.
//
// An error ends it. To go on after errors, too, repeat a stream that deals with them: Repeat(Retry(src, …), …).
//
// Ordered. Not concurrent. Buffers nothing. On error: passes it on and does not run upstream again. On cancel: ends the
// pause.
func Repeat[T any](src rx.Observable[T], times int, pause time.Duration) rx.Observable[T] {
	given("Repeat", src)
	if times == 0 {
		return rx.Empty[T]()
	}
	return func(ctx context.Context, yield func(T) bool) error {
		stopped := false
		remember := func(v T) bool {
			stopped = !yield(v)
			return !stopped
		}
		for left := times; ; left-- {
			if err := src(ctx, remember); stopped {
				return nil
			} else if err != nil {
				return err
			}
			if left == 1 {
				return nil
			}
			if err := sleep(ctx, pause); err != nil {
				return err
			}
		}
	}
}
