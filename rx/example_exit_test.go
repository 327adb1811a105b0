package rx_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/rxcql/rxcql/rx"
)

// The stream's error comes last. Leaving the loop ends the stream.
func ExampleObservable_All() {
	src := rx.FromSeq2(func(yield func(string, error) bool) {
		_ = yield("a", nil) && yield("b", nil) && yield("", errors.New("connection lost"))
	})
	for v, err := range src.All(context.Background()) {
		if err != nil {
			fmt.Println("error:", err)
			break
		}
		fmt.Println(v)
	}
	// Output:
	// a
	// b
	// error: connection lost
}

func ExampleObservable_ForEach() {
	err := rx.From(3, 2, 0, 1).ForEach(context.Background(), func(v int) error {
		if v == 0 {
			return errors.New("division by zero")
		}
		fmt.Println(6 / v)
		return nil
	})
	fmt.Println(err)
	// Output:
	// 2
	// 3
	// division by zero
}

// A stream that fails gives the items before its error too.
func ExampleObservable_Collect() {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	items, err := rx.New(func(_ context.Context, yield func(int) bool) error {
		for i := 0; yield(i); i++ {
			if i == 2 {
				cancel(errors.New("enough"))
			}
		}
		return nil
	}).Collect(ctx)
	fmt.Println(items, err)
	// Output: [0 1 2] context canceled: enough
}

func ExampleObservable_First() {
	ctx := context.Background()
	fmt.Println(rx.From("first", "second").First(ctx))
	_, err := rx.Empty[string]().First(ctx)
	fmt.Println(errors.Is(err, rx.ErrEmpty))
	// Output:
	// first <nil>
	// true
}

// An Observable is a function, and may be called as one: for consumers that neither range nor collect.
func ExampleObservable() {
	sum := 0
	err := rx.Range(1, 1000)(context.Background(), func(v int) bool {
		sum += v
		return sum < 10
	})
	fmt.Println(sum, err)
	// Output: 10 <nil>
}

// A sink is a function too.
func ExampleSink() {
	var printer rx.Sink[int] = func(ctx context.Context, src rx.Observable[int]) error {
		return src.ForEach(ctx, func(v int) error {
			_, err := fmt.Println("item", v)
			return err
		})
	}
	fmt.Println(printer(context.Background(), rx.From(1, 2)))
	// Output:
	// item 1
	// item 2
	// <nil>
}

// Sources that are written without New ask before every item.
func ExampleCause() {
	stopped := errors.New("the user pressed stop")
	ctx, cancel := context.WithCancelCause(context.Background())
	fmt.Println(rx.Cause(ctx))
	cancel(stopped)
	err := rx.Cause(ctx)
	fmt.Println(err)
	fmt.Println(errors.Is(err, context.Canceled), errors.Is(err, stopped))
	// Output:
	// <nil>
	// context canceled: the user pressed stop
	// true true
}

// Asynchronous operators raise the panics of their goroutines where the stream is run, so that they can be recovered
// there. The function with the panic stands for such an operator.
func ExamplePanicError() {
	defer func() {
		var p *rx.PanicError
		if err, ok := recover().(error); ok && errors.As(err, &p) {
			fmt.Println("recovered:", p.Value)
		}
	}()
	_ = rx.New(func(context.Context, func(int) bool) error {
		panic(&rx.PanicError{Value: "index out of range", Stack: []byte("goroutine 7 [running]: …")})
	}).ForEach(context.Background(), func(int) error { return nil })
	// Output: recovered: index out of range
}
