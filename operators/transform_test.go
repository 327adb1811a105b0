package operators_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// heedless emits items and completes, and the context ends with errReason after the last.
func heedless[T any](items ...T) (context.Context, rx.Observable[T]) {
	ctx, cancel := context.WithCancelCause(context.Background())
	return ctx, func(_ context.Context, yield func(T) bool) error {
		for _, v := range items {
			if !yield(v) {
				return nil
			}
		}
		cancel(errReason)
		return nil // a source that does not look
	}
}

// What an operator would emit after its upstream is dropped when the context has ended meanwhile.
func TestCancelDropsWhatWouldComeAtTheEnd(t *testing.T) {
	for name, apply := range map[string]func(rx.Observable[int]) rx.Observable[int]{
		"Reduce": func(src rx.Observable[int]) rx.Observable[int] { return op.Reduce(src, zero, add) },
		"StatefulMap": func(src rx.Observable[int]) rx.Observable[int] {
			return op.Skip(op.StatefulMap(src, zero, addBoth, func(s int) (int, bool) { return s, true }), 2)
		},
		"Last":           op.Last[int],
		"TakeLast":       func(src rx.Observable[int]) rx.Observable[int] { return op.TakeLast(src, 2) },
		"DefaultIfEmpty": func(src rx.Observable[int]) rx.Observable[int] { return op.DefaultIfEmpty(op.Skip(src, 2), 1) },
		"OrElse":         func(src rx.Observable[int]) rx.Observable[int] { return op.OrElse(op.Skip(src, 2), rx.From(1)) },
		"BufferAdjacent": func(src rx.Observable[int]) rx.Observable[int] { return joined(op.BufferAdjacent(src, 9, isOdd)) },
		"SplitWhen":      func(src rx.Observable[int]) rx.Observable[int] { return joined(op.SplitWhen(src, 9, never)) },
		"SplitAfter":     func(src rx.Observable[int]) rx.Observable[int] { return joined(op.SplitAfter(src, 9, never)) },
		"Window": func(src rx.Observable[int]) rx.Observable[int] {
			return numbered(op.Window(src, op.Sessions(1000), second, seed, fold))
		},
		"Repeat": func(src rx.Observable[int]) rx.Observable[int] { return op.Skip(op.Repeat(src, 2, 0), 2) },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, src := heedless(1, 1)
			got, err := apply(src).Collect(ctx)
			require.Empty(t, got)
			require.ErrorIs(t, err, errReason)
			require.ErrorIs(t, err, context.Canceled)
		})
	}
}

// An operator that acts after its upstream remembers that the consumer has left, whatever upstream says.
func TestWhoActsAtTheEndRemembersThatTheConsumerLeft(t *testing.T) {
	src := rude(errSource, 1, 2, 3, 4)
	flushed := func(int) (int, bool) { t.Error("flushed for nobody"); return 0, true }
	leave(t, op.StatefulMap(src, zero, addBoth, flushed), 1)
	leave(t, op.BufferAdjacent(src, 9, isOdd), 1)
	leave(t, op.BufferAdjacent(src, 1, isOdd), 1)
	leave(t, op.SplitWhen(src, 9, always), 1)
	leave(t, op.SplitAfter(src, 9, always), 1)
	leave(t, op.Window(src, op.Tumbling(1), second, seed, fold), 1)
	leave(t, op.Repeat(src, 2, 0), 1)

	// At the flush, which outlives the error.
	leave(t, op.StatefulMap(failing(errSource, 1), zero, addBoth, func(s int) (int, bool) { return s, true }), 2)
	leave(t, op.SplitWhen(failing(errSource, 1, 2, 3), 2, never), 2)
}

func TestReduceMayChangeTheAccumulatorInPlace(t *testing.T) {
	counts := op.Reduce(rx.From("a", "b", "a"),
		func() map[string]int { return map[string]int{} },
		func(m map[string]int, v string) map[string]int { m[v]++; return m })
	for range 2 { // each run has an accumulator of its own
		require.Equal(t, []map[string]int{{"a": 2, "b": 1}}, collect(t, counts))
	}
}

func TestStatefulMapInfersAllTypesWithoutAFlush(t *testing.T) {
	indexed := op.StatefulMap(rx.From("a", "b"), zero,
		func(i int, v string) (int, any) { return i + 1, [2]any{i, v} }, nil)
	require.Equal(t, []any{[2]any{0, "a"}, [2]any{1, "b"}}, collect(t, indexed))
}

func TestUnbatchStopsInTheMiddleOfASlice(t *testing.T) {
	type page []int // any slice type will do
	ctx, cancel := context.WithCancelCause(t.Context())
	var got []int
	err := op.Unbatch(rx.From(page{}, page{1, 2}, nil, page{3, 4, 5}))(ctx, func(v int) bool {
		if got = append(got, v); v == 4 {
			cancel(errReason)
		}
		return true
	})
	require.Equal(t, []int{1, 2, 3, 4}, got)
	require.ErrorIs(t, err, errReason)
}
