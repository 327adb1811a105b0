package operators_test

import (
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func ExampleTake() {
	show(op.Take(rx.Range(1, 1_000_000_000), 3))
	// Output: [1 2 3]
}

func ExampleTakeWhile() {
	show(op.TakeWhile(rx.From(1, 2, 5, 3), func(v int) bool { return v < 4 }))
	// Output: [1 2]
}

func ExampleSkip() {
	show(op.Skip(rx.From("header", "first row", "second row"), 1))
	// Output: [first row second row]
}

func ExampleSkipWhile() {
	show(op.SkipWhile(rx.From(0, 0, 7, 0, 8), func(v int) bool { return v == 0 }))
	// Output: [7 0 8]
}
