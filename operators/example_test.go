package operators_test

import (
	"context"
	"fmt"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// A pipeline reads as a program; nothing runs before the loop at its end asks for the first item.
func Example() {
	type reading struct {
		sensor string
		value  float64
	}
	readings := rx.From(
		reading{"kitchen", 21.5}, reading{"cellar", 11}, reading{"attic", 33}, reading{"kitchen", 34}, reading{"attic", 36},
	)
	hot := op.Filter(readings, func(r reading) bool { return r.value > 30 })
	names := op.Map(hot, func(r reading) string { return r.sensor })
	first := op.Take(names, 2)

	for name, err := range first.All(context.Background()) {
		if err != nil {
			fmt.Println("error:", err)
			return
		}
		fmt.Println(name)
	}
	// Output:
	// attic
	// kitchen
}
