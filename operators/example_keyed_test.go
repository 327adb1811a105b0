package operators_test

import (
	"context"
	"fmt"
	"slices"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

type event struct {
	Sensor string
	Value  int
}

func sensor(e event) string { return e.Sensor }

func ExampleMapAsyncPartitioned() {
	events := rx.From(event{"a", 1}, event{"b", 2}, event{"a", 3}, event{"a", 4}, event{"b", 5})
	write := func(_ context.Context, e event) (string, error) { // a request
		return fmt.Sprint(e.Sensor, e.Value), nil
	}
	// Up to 8 requests at a time, but the next for a sensor only when the one before it has been answered.
	written, err := op.MapAsyncPartitioned(events, 8, 1, sensor, write).Collect(context.Background())
	slices.SortStableFunc(written, func(a, b string) int { return int(a[0]) - int(b[0]) }) // sensors come in any order
	fmt.Println(written, err)
	// Output: [a1 a3 a4 b2 b5] <nil>
}
