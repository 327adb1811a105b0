package rx_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rxcql/rxcql/rx"
)

func ExampleFrom() {
	ctx := context.Background()
	words := rx.From("one", "two", "three")
	for word, err := range words.All(ctx) {
		fmt.Println(word, err)
	}
	// Output:
	// one <nil>
	// two <nil>
	// three <nil>
}

func ExampleFrom_slice() {
	ids := []int{7, 8, 9}
	items, err := rx.From(ids...).Collect(context.Background())
	fmt.Println(items, err)
	// Output: [7 8 9] <nil>
}

func ExampleFromSeq() {
	stock := map[string]int{"apples": 3, "pears": 5}
	names := rx.FromSeq(slices.Values(slices.Sorted(maps.Keys(stock))))
	items, err := names.Collect(context.Background())
	fmt.Println(items, err)
	// Output: [apples pears] <nil>
}

func ExampleFromSeq2() {
	lines := func(yield func(string, error) bool) {
		in := bufio.NewScanner(strings.NewReader("a\nb\n" + strings.Repeat("c", bufio.MaxScanTokenSize)))
		for in.Scan() {
			if !yield(in.Text(), nil) {
				return
			}
		}
		if err := in.Err(); err != nil {
			yield("", err)
		}
	}
	items, err := rx.FromSeq2(lines).Collect(context.Background())
	fmt.Println(items, err)
	// Output: [a b] bufio.Scanner: token too long
}

func ExampleFromChan() {
	ctx := context.Background()
	ch := make(chan string, 2)
	ch <- "a"
	ch <- "b"
	close(ch)

	src := rx.FromChan(ch)
	fmt.Println(src.Collect(ctx))
	_, err := src.Collect(ctx) // what was received is gone
	fmt.Println(errors.Is(err, rx.ErrConsumed))
	// Output:
	// [a b] <nil>
	// true
}

// A function that opens something, yields, and closes it. It need not look at the context.
func ExampleNew() {
	dir, err := os.MkdirTemp("", "rx")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "names")
	if err := os.WriteFile(name, []byte("Ada\nGrace\nHedy\n"), 0o600); err != nil {
		panic(err)
	}

	lines := rx.New(func(_ context.Context, yield func(string) bool) error {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		in := bufio.NewScanner(file)
		for in.Scan() && yield(in.Text()) {
		}
		return in.Err()
	})
	for line := range lines.All(context.Background()) {
		fmt.Println(line)
		if line == "Grace" {
			break // which closes the file
		}
	}
	// Output:
	// Ada
	// Grace
}

// What is made anew for each run can be run again.
func ExampleDefer() {
	ctx := context.Background()
	run := 0
	src := rx.Defer(func(context.Context) (rx.Observable[string], error) {
		run++
		if run == 2 {
			return nil, errors.New("no connection")
		}
		return rx.From(fmt.Sprintf("run %d", run)), nil
	})
	for range 3 {
		fmt.Println(src.Collect(ctx))
	}
	// Output:
	// [run 1] <nil>
	// [] no connection
	// [run 3] <nil>
}

func ExampleRange() {
	fmt.Println(rx.Range(10, 3).Collect(context.Background()))
	// Output: [10 11 12] <nil>
}

func ExampleEmpty() {
	fmt.Println(rx.Empty[int]().Collect(context.Background()))
	// Output: [] <nil>
}

func ExampleFail() {
	fmt.Println(rx.Fail[int](errors.New("out of order")).Collect(context.Background()))
	// Output: [] out of order
}

func ExampleNever() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fmt.Println(rx.Never[int]().Collect(ctx))
	// Output: [] context deadline exceeded
}

func ExampleTimer() {
	start := time.Now()
	at, err := rx.Timer(10 * time.Millisecond).First(context.Background())
	fmt.Println(at.Sub(start) >= 10*time.Millisecond, err)
	// Output: true <nil>
}

func ExampleInterval() {
	for i, err := range rx.Interval(time.Millisecond).All(context.Background()) {
		fmt.Println(i, err)
		if i == 2 {
			break
		}
	}
	// Output:
	// 0 <nil>
	// 1 <nil>
	// 2 <nil>
}
