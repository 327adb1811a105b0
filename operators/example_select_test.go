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

func ExampleLast() {
	show(op.Last(rx.From("draft", "review", "final")))
	// Output: [final]
}

func ExampleTakeLast() {
	show(op.TakeLast(rx.Range(1, 100), 3))
	// Output: [98 99 100]
}

func ExampleSkipLast() {
	show(op.SkipLast(rx.From("first row", "second row", "total"), 1))
	// Output: [first row second row]
}

func ExampleFind() {
	show(op.Find(rx.From(3, 8, 12), func(v int) bool { return v > 5 }))
	// Output: [8]
}

// A key that was not among the last two comes again: 1, at the end.
func ExampleDistinct() {
	show(op.Distinct(rx.From(1, 2, 1, 2, 3, 2, 1), 2, func(v int) int { return v }))
	// Output: [1 2 3 1]
}

func ExampleDistinctUntilChanged() {
	words := rx.From("apple", "ant", "bear", "bee", "auk")
	show(op.DistinctUntilChanged(words, func(word string) byte { return word[0] }))
	// Output: [apple bear auk]
}

func ExampleDefaultIfEmpty() {
	show(op.DefaultIfEmpty(rx.Empty[string](), "nobody"))
	show(op.DefaultIfEmpty(rx.From("Ada"), "nobody"))
	// Output:
	// [nobody]
	// [Ada]
}

func ExampleOrElse() {
	cached, stored := rx.Empty[string](), rx.From("Ada", "Grace")
	show(op.OrElse(cached, stored))
	// Output: [Ada Grace]
}
