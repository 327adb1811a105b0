package operators_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func ExamplePrefetch() {
	// Upstream makes up to 2 items while the loop works on one.
	for v, err := range op.Prefetch(rx.Range(1, 3), 2).All(context.Background()) {
		fmt.Println(v, err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 3 <nil>
}

func ExampleMerge() {
	north, south, east := rx.From("n1", "n2"), rx.From("s1"), rx.From("e1", "e2")
	merged := op.Merge(2, north, south, east) // two at a time
	items, err := merged.Collect(context.Background())
	slices.Sort(items) // they come in any order
	fmt.Println(items, err)
	// Output: [e1 e2 n1 n2 s1] <nil>
}

func ExampleFlatMap() {
	days := rx.From("mon", "tue", "wed")
	readings := op.FlatMap(days, 2, func(day string) rx.Observable[string] {
		return rx.From(day+"/1", day+"/2") // a query for that day
	})
	items, err := readings.Collect(context.Background())
	slices.Sort(items)
	fmt.Println(items, err)
	// Output: [mon/1 mon/2 tue/1 tue/2 wed/1 wed/2] <nil>
}

func ExampleMapAsync() {
	lookUp := func(_ context.Context, name string) (string, error) { // a request
		return strings.ToUpper(name), nil
	}
	names := rx.From("ada", "grace", "barbara")
	items, err := op.MapAsync(names, 8, lookUp).Collect(context.Background())
	fmt.Println(items, err) // in the order of the names, whichever was found first
	// Output: [ADA GRACE BARBARA] <nil>
}

func ExampleMapAsyncUnordered() {
	lookUp := func(_ context.Context, v int) (int, error) {
		if v == 3 {
			return 0, fmt.Errorf("%d is not there", v)
		}
		return v * v, nil
	}
	skip := func(_ context.Context, f *op.Failure[int]) op.Decision {
		fmt.Println("skipped:", f.Err)
		return op.Resume
	}
	items, err := op.MapAsyncUnordered(rx.Range(1, 5), 2, lookUp, skip).Collect(context.Background())
	slices.Sort(items)
	fmt.Println(items, err)
	// Output:
	// skipped: 3 is not there
	// [1 4 16 25] <nil>
}

func ExampleBufferBy() {
	words := rx.From("a", "bb", "ccc", "dddd", "far too long", "e", "f", "g", "h")
	size := func(s string) int { return len(s) }
	batches := op.BufferBy(words, op.Limit{Count: 3, Weight: 8, Within: time.Minute}, size)
	for batch := range batches.All(context.Background()) {
		fmt.Printf("%q\n", batch)
	}
	// Output:
	// ["a" "bb" "ccc"]
	// ["dddd"]
	// ["far too long"]
	// ["e" "f" "g"]
	// ["h"]
}

func ExampleThrottle() {
	limiter := rate.NewLimiter(rate.Every(time.Millisecond), 1) // may be shared, and changed at any time
	start := time.Now()
	n := 0
	err := op.Throttle(rx.Range(0, 11), limiter).ForEach(context.Background(), func(int) error { n++; return nil })
	fmt.Println(n, err, time.Since(start) >= 9*time.Millisecond)
	// Output: 11 <nil> true
}

func ExampleTimeout() {
	_, err := op.Timeout(rx.Never[int](), op.Timeouts{First: time.Millisecond}).Collect(context.Background())
	fmt.Println(err)
	// Output: operators.Timeout: no first item within 1ms
}

func ExampleUntil() {
	stop, cancel := context.WithCancel(context.Background()) // in a program: signal.NotifyContext
	orders := op.Tap(rx.Range(1, 1_000_000), op.Hooks[int]{OnNext: func(v int) {
		if v == 5 {
			cancel()
		}
	}})
	batches := op.Buffer(op.Until(orders, stop), 3)
	items, err := batches.Collect(context.Background())
	fmt.Println(items, err) // nothing is lost
	// Output: [[1 2 3] [4 5]] <nil>
}
