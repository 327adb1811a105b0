package bridge_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/reactivex/rxgo/v2"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/bridge"
	"github.com/rxcql/rxcql/rx/rxtest"
)

// Chains of operators of rxgo's that do what they should.
var chains = map[string]func(rxgo.Observable) rxgo.Observable{
	"nothing": func(in rxgo.Observable) rxgo.Observable { return in },
	"Map": func(in rxgo.Observable) rxgo.Observable {
		return in.Map(func(_ context.Context, v any) (any, error) { return v.(int) * 10, nil })
	},
	"Filter, Map, Scan": func(in rxgo.Observable) rxgo.Observable {
		return in.
			Filter(func(v any) bool { return v.(int) != 2 }).
			Map(func(_ context.Context, v any) (any, error) { return v.(int) + 1, nil }).
			Scan(func(_ context.Context, sum, v any) (any, error) {
				if sum == nil {
					return v, nil
				}
				return sum.(int) + v.(int), nil
			})
	},
	"SkipWhile, Skip": func(in rxgo.Observable) rxgo.Observable {
		return in.SkipWhile(func(v any) bool { return v.(int) < 2 }).Skip(1)
	},
	"Map, Distinct": func(in rxgo.Observable) rxgo.Observable {
		return in.Map(func(_ context.Context, v any) (any, error) { return v, nil }, rxgo.WithBufferedChannel(1)).
			Distinct(
				func(_ context.Context, v any) (any, error) { return v, nil })
	},
	"a buffered Map": func(in rxgo.Observable) rxgo.Observable {
		return in.Map(func(_ context.Context, v any) (any, error) { return v, nil }, rxgo.WithBufferedChannel(8))
	},
}

func TestViaKeepsTheContract(t *testing.T) {
	for name, chain := range chains {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				rxtest.Operator(t, []int{1, 2, 3, 4}, func(src rx.Observable[int]) rx.Observable[int] {
					return bridge.Via[int, int](src, chain)
				})
			})
		})
	}
}

func TestFromAndToKeepTheContractTogether(t *testing.T) {
	for name, chain := range chains {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				rxtest.Operator(t, []int{1, 2, 3, 4}, func(src rx.Observable[int]) rx.Observable[int] {
					return bridge.From[int](chain(bridge.To(src)))
				})
			})
		})
	}
}

var errRxgo = errors.New("an error of rxgo's")

func TestFromKeepsTheContract(t *testing.T) {
	ints := rxtest.Case[int]{Want: []int{1, 2, 3}}
	for name, c := range map[string]struct {
		src  func() rxgo.Iterable
		want rxtest.Case[int]
	}{
		"Just":     {func() rxgo.Iterable { return rxgo.Just(1, 2, 3)() }, ints},
		"Range":    {func() rxgo.Iterable { return rxgo.Range(1, 3) }, ints},
		"an error": {func() rxgo.Iterable { return rxgo.Just(1, 2, errRxgo, 3)() }, rxtest.Case[int]{Want: []int{1, 2}, Err: errRxgo}},
		"nothing":  {func() rxgo.Iterable { return rxgo.Just()() }, rxtest.Case[int]{}},
		"OptionalSingle": {
			func() rxgo.Iterable { return rxgo.Just(1, 2)().Max(func(a, b any) int { return a.(int) - b.(int) }) },
			rxtest.Case[int]{Want: []int{2}, Mode: rxtest.Shared}, // rxgo has a data race where one is observed twice at once
		},
		"two operators": {func() rxgo.Iterable {
			return rxgo.Range(0, 5).Skip(1).TakeWhile(func(v any) bool { return v.(int) < 4 })
		}, ints},
		"never": {func() rxgo.Iterable { return rxgo.Never() }, rxtest.Case[int]{Endless: true}},
		"a slow producer": {func() rxgo.Iterable {
			return rxgo.Defer([]rxgo.Producer{func(ctx context.Context, next chan<- rxgo.Item) {
				for i := range 3 {
					select {
					case <-time.After(time.Second):
						rxgo.Of(i+1).SendContext(ctx, next)
					case <-ctx.Done():
						return
					}
				}
			}})
		}, ints},
	} {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				c.want.New = func() rx.Observable[int] { return bridge.From[int](c.src()) }
				rxtest.Source(t, c.want)
			})
		})
	}
}
