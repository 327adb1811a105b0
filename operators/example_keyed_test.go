package operators_test

import (
	"context"
	"errors"
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

func ExampleGroupBy() {
	events := rx.From(event{"a", 1}, event{"b", 2}, event{"a", 3}, event{"b", 5})
	totals := op.GroupBy(events, 100, sensor, func(id string, of rx.Observable[event]) rx.Observable[string] {
		total := op.Reduce(of, zero, func(sum int, e event) int { return sum + e.Value })
		return op.Map(total, func(sum int) string { return fmt.Sprint(id, " ", sum) })
	})
	lines, err := totals.Collect(context.Background())
	slices.Sort(lines) // they come in any order
	fmt.Println(lines, err)
	// Output: [a 4 b 7] <nil>
}

func ExampleReduceByKey() {
	events := rx.From(event{"b", 2}, event{"a", 1}, event{"a", 3}, event{"b", 5})
	show(op.ReduceByKey(events, 100, sensor, zero, func(sum int, e event) int { return sum + e.Value }))
	// Output: [{b 7} {a 4}]
}

func ExampleDivert() {
	negative := func(e event) bool { return e.Value < 0 }
	deadLetters := func(ctx context.Context, src rx.Observable[event]) error { // in a program: a file, a table
		return src.ForEach(ctx, func(e event) error {
			fmt.Println("cannot be:", e)
			return nil
		})
	}
	show(op.Divert(rx.From(event{"a", 1}, event{"b", -2}, event{"a", 3}), negative, deadLetters))
	// Output:
	// cannot be: {b -2}
	// [{a 1} {a 3}]
}

// The batch of c and a fails, and the rule drops both of its items: for an OnError a batch is the item.
func ExampleLookupJoin_failure() {
	find := func(_ context.Context, sensors []string) (map[string]string, error) {
		if slices.Contains(sensors, "c") {
			return nil, errors.New("the request is too large")
		}
		return map[string]string{"a": "roof", "b": "cellar"}, nil
	}
	dropped := func(_ context.Context, f *op.Failure[[]event]) op.Decision {
		fmt.Println("dropped:", f.Item)
		return op.Resume
	}
	events := rx.From(event{"a", 1}, event{"b", 2}, event{"c", 3}, event{"a", 4}, event{"b", 5})
	show(op.Map(op.LookupJoin(events, 1, op.Limit{Count: 2}, sensor, find, dropped),
		func(m op.Match[event, string]) string { return m.Value }))
	// Output:
	// dropped: [{c 3} {a 4}]
	// [roof cellar cellar]
}

func ExampleLookupJoin() {
	places := map[string]string{"a": "roof", "b": "cellar"}
	find := func(_ context.Context, sensors []string) (map[string]string, error) { // a request
		fmt.Println("looking for", sensors)
		return places, nil
	}
	events := rx.From(event{"a", 1}, event{"b", 2}, event{"a", 3}, event{"c", 4})
	for l, err := range op.LookupJoin(events, 1, op.Limit{Count: 100}, sensor, find).All(context.Background()) {
		fmt.Println(l.Item, l.Value, l.Found, err)
	}
	// Output:
	// looking for [a b c]
	// {a 1} roof true <nil>
	// {b 2} cellar true <nil>
	// {a 3} roof true <nil>
	// {c 4}  false <nil>
}
