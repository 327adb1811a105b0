package operators_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// allocates tells why an operator, in a way of use of everyOperator, must allocate for items; "" if it need not.
func allocates(o operator) string {
	name, how, _ := strings.Cut(o.name, " ")
	switch name {
	case "Buffer", "BufferBy", "Batch", "BufferAdjacent", "SplitWhen", "SplitAfter", "Unbatch", "LookupJoin":
		return "it emits, or is given, slices"
	case "FlatMap":
		return "it starts a stream for each item"
	case "MapAsync", "MapAsyncUnordered", "MapAsyncPartitioned":
		return "the function that it is given here waits with time.After"
	case "DeadLetters":
		return "it hands out failures"
	}
	if strings.Contains(how, "resumes") || strings.Contains(how, "skips") {
		return "it hands out failures"
	}
	return ""
}

// Runs of different lengths allocate as often as each other.
func TestNoOperatorAllocatesPerItem(t *testing.T) {
	quick := func(_ context.Context, v int) (int, error) { return v, nil }
	table := append(everyOperator(),
		operator{name: "MapAsync, quick", apply: func(src rx.Observable[int]) rx.Observable[int] { return op.MapAsync(src, 4, quick) }},
		operator{name: "MapAsyncUnordered, quick", apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.MapAsyncUnordered(src, 4, quick)
		}},
		operator{name: "MapAsyncPartitioned, quick", apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.MapAsyncPartitioned(src, 4, 1, func(v int) int { return v % 3 }, quick)
		}},
	)
	const short, long = 500, 2500
	for _, o := range table {
		if allocates(o) != "" {
			continue
		}
		t.Run(o.name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				count := func(n int) float64 {
					return testing.AllocsPerRun(1, func() {
						taken := 0
						_ = o.apply(cycle(n))(t.Context(), func(int) bool { taken++; return taken < 20*n })
					})
				}
				require.LessOrEqual(t, (count(long)-count(short))/(long-short), 0.05)
			})
		})
	}
}

// cycle emits n items, 0 … 9 again and again.
func cycle(n int) rx.Observable[int] {
	return func(_ context.Context, yield func(int) bool) error {
		for i := range n {
			if !yield(i % 10) {
				return nil
			}
		}
		return nil
	}
}
