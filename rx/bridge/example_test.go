package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/reactivex/rxgo/v2"

	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/bridge"
)

// Our streams are among the arguments of rxgo's operators.
func ExampleTo() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel() // what rxgo has started by then

	names := bridge.To(rx.From("Ada", "Grace"))
	years := bridge.To(rx.From(1815, 1906))
	born := names.ZipFromIterable(years, func(_ context.Context, name, year any) (any, error) {
		return fmt.Sprintf("%s, born in %d", name, year), nil
	}, rxgo.WithContext(ctx))
	for item := range born.Observe() {
		fmt.Println(item.V)
	}
	// Output:
	// Ada, born in 1815
	// Grace, born in 1906
}

// What a library returns as an rxgo.Observable, read with this module's operators.
func ExampleFrom() {
	legacy := rxgo.Just("a b", "c d e")()

	words := operators.ConcatMap(bridge.From[string](legacy), func(line string) rx.Observable[string] {
		return rx.From(strings.Fields(line)...)
	})
	fmt.Println(words.Collect(context.Background()))
	// Output: [a b c d e] <nil>
}

// An item of another type ends the stream with an error that names both.
func ExampleFrom_wrongType() {
	_, err := bridge.From[string](rxgo.Just("a", 2)()).Collect(context.Background())
	var wrong *bridge.TypeError
	if errors.As(err, &wrong) {
		fmt.Println("item", wrong.Position, "is of type", wrong.Got)
	}
	// Output: item 2 is of type int
}

// A stage that is written with rxgo, between two that are not.
func ExampleVia() {
	temperatures := rx.From(19.5, 19.5, 20.0, 21.5, 21.5)

	changes := bridge.Via[float64, string](temperatures, func(in rxgo.Observable) rxgo.Observable {
		return in.
			DistinctUntilChanged(func(_ context.Context, v any) (any, error) { return v, nil }).
			Map(func(_ context.Context, v any) (any, error) { return fmt.Sprintf("%.1f °C", v), nil })
	})
	for s, err := range operators.Take(changes, 2).All(context.Background()) {
		fmt.Println(s, err)
	}
	// Output:
	// 19.5 °C <nil>
	// 20.0 °C <nil>
}

// Operators of rxgo's that make a Single are stages, too.
func ExampleVia_single() {
	count := bridge.Via[int, int64](rx.Range(0, 1000), func(in rxgo.Observable) rxgo.Single {
		return in.Filter(func(v any) bool { return v.(int)%7 == 0 }).Count()
	})
	fmt.Println(count.First(context.Background()))
	// Output: 143 <nil>
}
