package operators_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// three lets three calls be under way; a limiter that adapts is in contrib/failsafe.
type three chan struct{}

func (t three) AcquirePermit(ctx context.Context) (three, error) {
	select {
	case t <- struct{}{}:
		return t, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (t three) Record() { <-t }
func (t three) Drop()   { <-t }

func ExampleLimited() {
	limiter := make(three, 3) // may be shared by streams
	square := func(_ context.Context, v int) (int, error) { return v * v, nil }
	items, err := op.MapAsync(rx.Range(1, 5), 16, op.Limited(limiter, square)).Collect(context.Background())
	fmt.Println(items, err)
	// Output: [1 4 9 16 25] <nil>
}

// fuse opens at every failure, for a millisecond; a real circuit breaker is in contrib/failsafe.
type fuse struct{ until time.Time }

func (f *fuse) TryAcquirePermit() bool        { return f.RemainingDelay() == 0 }
func (f *fuse) RemainingDelay() time.Duration { return max(0, time.Until(f.until)) }
func (f *fuse) IsHalfOpen() bool              { return false }
func (f *fuse) RecordSuccess()                {}
func (f *fuse) RecordError(error)             { f.RecordFailure() }
func (f *fuse) RecordFailure()                { f.until = time.Now().Add(time.Millisecond) }

func ExampleGuarded() {
	errDown := errors.New("the other side is down")
	attempts := 0
	write := func(_ context.Context, v int) (int, error) {
		if attempts++; attempts < 4 {
			return 0, errDown
		}
		return v, nil
	}
	again := op.RetryItem[int](op.Backoff{Attempts: -1, Base: time.Millisecond}, op.Is(errDown))
	written := op.TryMap(rx.Range(1, 3), op.Guarded(&fuse{}, write), again)
	items, err := written.Collect(context.Background())
	fmt.Println(items, err, attempts) // the stream waited, and nothing was lost
	// Output: [1 2 3] <nil> 6
}
