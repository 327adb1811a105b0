package bridge_test

import (
	"context"
	"slices"
	"sync"

	"github.com/reactivex/rxgo/v2"

	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// grouped are compared by what is in each group.
var grouped = []shared{
	{
		name: "GroupBy",
		ours: groupBy,
		theirs: func(in rxgo.Observable, d draw, own rxgo.Option) rxgo.Iterable {
			return groups{in.GroupBy(d.n+1, func(i rxgo.Item) int { return d.key(i.V.(int)) }, own)}
		},
		asSet: true,
	},
	{
		name: "GroupByDynamic",
		ours: groupBy,
		theirs: func(in rxgo.Observable, d draw, own rxgo.Option) rxgo.Iterable {
			return groups{in.GroupByDynamic(func(i rxgo.Item) string { return string(rune('0' + d.key(i.V.(int)))) }, own)}
		},
		asSet: true,
	},
}

func groupBy(in rx.Observable[int], d draw) rx.Observable[any] {
	return untyped(operators.GroupBy(in, d.n+1, d.key, func(_ int, of rx.Observable[int]) rx.Observable[[]int] {
		return operators.Reduce(of, func() []int { return nil }, func(items []int, v int) []int { return append(items, v) })
	}))
}

// groups reads all of rxgo's groups at once, as one must, and gives a slice for each that is not empty.
type groups struct{ of rxgo.Observable }

func (g groups) Observe(opts ...rxgo.Option) <-chan rxgo.Item {
	out := make(chan rxgo.Item)
	go func() {
		defer close(out)
		var readers sync.WaitGroup
		defer readers.Wait()
		for group := range g.of.Observe(slices.Clone(opts)...) {
			readers.Go(func() {
				var items []any
				for i := range group.V.(rxgo.Observable).Observe(opts...) {
					items = append(items, i.V)
				}
				if len(items) > 0 {
					rxgo.Of(items).SendContext(context.Background(), out)
				}
			})
		}
	}()
	return out
}
