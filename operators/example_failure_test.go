package operators_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// The stream fails twice after its first item. Note that the item comes again with each attempt.
func ExampleRetry() {
	errReset := errors.New("connection reset")
	attempt := 0
	unsteady := rx.New(func(_ context.Context, yield func(int) bool) error {
		attempt++
		if !yield(1) {
			return nil
		}
		if attempt < 3 {
			return errReset
		}
		yield(2)
		return nil
	})
	isReset := func(err error) bool { return errors.Is(err, errReset) }
	show(op.Retry(unsteady, op.Backoff{Base: time.Millisecond}, isReset))
	// Output: [1 1 1 2]
}

func ExampleBackoff_Delay() {
	b := op.Backoff{Base: time.Second, Max: 5 * time.Second, NoJitter: true}
	for failed := 1; failed <= 4; failed++ {
		fmt.Println(b.Delay(failed))
	}
	// Output:
	// 1s
	// 2s
	// 4s
	// 5s
}

func ExampleCatch() {
	errDown := errors.New("the service is down")
	live := op.Concat(rx.From(1, 2), rx.Fail[int](errDown))
	cached := rx.From(-3, -4)
	show(op.Catch(live, func(err error) rx.Observable[int] {
		if errors.Is(err, errDown) {
			return cached
		}
		return rx.Fail[int](err)
	}))
	// Output: [1 2 -3 -4]
}
