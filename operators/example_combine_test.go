package operators_test

import (
	"context"
	"fmt"
	"time"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func ExampleBuffer() {
	show(op.Buffer(rx.Range(1, 7), 3))
	// Output: [[1 2 3] [4 5 6] [7]]
}

func ExampleConcat() {
	archived := rx.From("mon", "tue")
	today := rx.From("wed")
	show(op.Concat(archived, today))
	// Output: [mon tue wed]
}

// For every day its readings; one day is read after the other.
func ExampleConcatMap() {
	readings := func(day string) rx.Observable[string] {
		return rx.From(day+" 08:00", day+" 20:00")
	}
	show(op.ConcatMap(rx.From("mon", "tue"), readings))
	// Output: [mon 08:00 mon 20:00 tue 08:00 tue 20:00]
}

func ExampleTap() {
	read := 0
	numbers := op.Tap(rx.Range(1, 5), op.Hooks[int]{
		OnNext:     func(int) { read++ },
		OnComplete: func() { fmt.Println("read", read, "numbers") },
	})
	show(op.Filter(numbers, func(v int) bool { return v > 3 }))
	// Output:
	// read 5 numbers
	// [4 5]
}

// Taps that count and measure, and one that takes its time.
func ExampleHooksOf() {
	var counts op.Counts
	var sizes op.Histogram
	audit := op.NewAsyncTap(1000, op.Hooks[string]{OnNext: func(string) { time.Sleep(time.Millisecond) }})

	words := rx.From("Ada", "Grace", "Barbara")
	tapped := op.Tap(words, op.HooksOf[string](&counts, op.Sizes(&sizes, func(s string) int { return len(s) }), audit))
	show(tapped)
	fmt.Printf("%+v\n", counts.Read())
	fmt.Println("longest:", sizes.Read().Max)
	err := audit.Close(context.Background()) // waits until the tap has seen what it holds
	fmt.Println("dropped:", audit.Dropped(), err)
	// Output:
	// [Ada Grace Barbara]
	// {Runs:1 Items:3 Failed:0 Completed:1 Canceled:0}
	// longest: 7
	// dropped: 0 <nil>
}

func ExampleStartWith() {
	rows := rx.From("1,Ada", "2,Grace")
	show(op.StartWith(rows, "id,name"))
	// Output: [id,name 1,Ada 2,Grace]
}
