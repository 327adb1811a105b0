package operators_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// show prints all items of a stream on one line, and its error if it has one.
func show[T any](src rx.Observable[T]) {
	items, err := src.Collect(context.Background())
	fmt.Println(items)
	if err != nil {
		fmt.Println("error:", err)
	}
}

func ExampleMap() {
	celsius := rx.From(-10.0, 0, 37)
	fahrenheit := op.Map(celsius, func(c float64) float64 { return c*9/5 + 32 })
	show(fahrenheit)
	// Output: [14 32 98.6]
}

func ExampleTryMap() {
	lines := rx.From("1", "2", "three", "4")
	numbers := op.TryMap(lines, func(_ context.Context, line string) (int, error) { return strconv.Atoi(line) })
	show(numbers)
	// Output:
	// [1 2]
	// error: strconv.Atoi: parsing "three": invalid syntax
}

// An OnError decides what becomes of an item that failed: here it is noted and dropped.
func ExampleTryMap_resume() {
	lines := rx.From("1", "2", "three", "4")
	var rejected []string
	numbers := op.TryMap(lines,
		func(_ context.Context, line string) (int, error) { return strconv.Atoi(line) },
		func(_ context.Context, f *op.Failure[string]) op.Decision {
			rejected = append(rejected, f.Item)
			return op.Resume
		})
	show(numbers)
	fmt.Println("rejected:", rejected)
	// Output:
	// [1 2 4]
	// rejected: [three]
}

// Again calls the function once more with the same item. Here a busy service is asked up to three times, and other
// errors stop the stream.
func ExampleTryMap_again() {
	errBusy := errors.New("busy")
	calls := 0
	ask := func(_ context.Context, name string) (string, error) {
		if calls++; calls < 3 {
			return "", errBusy
		}
		return "hello " + name, nil
	}
	patience := func(_ context.Context, f *op.Failure[string]) op.Decision {
		if !errors.Is(f.Err, errBusy) || f.Attempts == 3 {
			return op.Stop
		}
		return op.Again
	}
	show(op.TryMap(rx.From("Ada"), ask, patience))
	fmt.Println("calls:", calls)
	// Output:
	// [hello Ada]
	// calls: 3
}

func ExampleFilter() {
	show(op.Filter(rx.Range(1, 10), func(v int) bool { return v%3 == 0 }))
	// Output: [3 6 9]
}

func ExampleFilterMap() {
	headers := rx.From("Host: example.org", "garbage", "Accept: */*")
	names := op.FilterMap(headers, func(line string) (string, bool) {
		name, _, ok := strings.Cut(line, ":")
		return name, ok
	})
	show(names)
	// Output: [Host Accept]
}

func ExampleScan() {
	deposits := rx.From(100, -30, 55)
	balance := op.Scan(deposits, func() int { return 0 }, func(sum, v int) int { return sum + v })
	show(balance)
	// Output: [100 70 125]
}
