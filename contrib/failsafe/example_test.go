package failsafe_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/failsafe-go/failsafe-go/adaptivelimiter"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// The number of requests under way, at most 64, goes down when the server slows down.
func Example_adaptiveConcurrency() {
	limiter := adaptivelimiter.NewBuilder[any]().WithLimits(1, 64, 16).Build()
	lookUp := func(_ context.Context, id int) (string, error) { return fmt.Sprint("user ", id), nil } // a request
	users := op.MapAsync(rx.Range(1, 1000), 64, op.Limited(limiter, lookUp))
	last, n := "", 0
	err := users.ForEach(context.Background(), func(user string) error { last = user; n++; return nil })
	fmt.Println(n, last, err)
	// Output: 1000 user 1000 <nil>
}

// A server that is down for a moment holds the stream up, and loses none of it.
func Example_circuitBreaker() {
	breaker := circuitbreaker.NewBuilder[any]().WithFailureThreshold(2).WithDelay(time.Millisecond).Build()
	errDown := errors.New("the server is down")
	attempts := 0
	write := func(_ context.Context, v int) (int, error) {
		if attempts++; attempts > 3 && attempts <= 6 {
			return 0, errDown
		}
		return v, nil
	}
	again := op.RetryItem[int](op.Backoff{Attempts: -1, Base: time.Millisecond}, op.Is(errDown))
	written, err := op.TryMap(rx.Range(1, 5), op.Guarded(breaker, write), again).Collect(context.Background())
	fmt.Println(written, err, attempts)
	// Output: [1 2 3 4 5] <nil> 8
}
