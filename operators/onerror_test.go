package operators_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// balky fails the given number of times with each item, and notes when it is called.
func balky(fails int, called *[]time.Duration) func(context.Context, int) (int, error) {
	at, failed := clock(), map[int]int{}
	return func(_ context.Context, v int) (int, error) {
		*called = append(*called, at())
		if failed[v]++; failed[v] <= fails {
			return 0, errOdd
		}
		return v, nil
	}
}

func TestRetryItemWaitsLongerEachTime(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var called []time.Duration
		src := op.TryMap(rx.From(1, 2), balky(2, &called), op.RetryItem[int](plain))
		require.Equal(t, []int{1, 2}, collect(t, src))
		const ms = time.Millisecond
		require.Equal(t, []time.Duration{0, 100 * ms, 300 * ms, 300 * ms, 400 * ms, 600 * ms}, called)
	})
}

func TestRetryItemLeavesTheDecisionToTheNextRuleWhenItGivesUp(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var called []time.Duration
		thrice := op.RetryItem[int](op.Backoff{Attempts: 3})
		require.Empty(t, collect(t, op.TryMap(rx.From(1), balky(9, &called), thrice, op.SkipItem)))
		require.Len(t, called, 3)

		_, err := op.TryMap(rx.From(1), balky(9, &called), thrice).Collect(t.Context())
		require.Equal(t, errOdd, err)
		require.Len(t, called, 6)
	})
}

func TestRetryItemOnlyWhen(t *testing.T) {
	var called []time.Duration
	isSource := func(err error) bool { return err == errSource }
	_, err := op.TryMap(rx.From(1), balky(1, &called), op.RetryItem[int](plain, isSource)).Collect(t.Context())
	require.Equal(t, errOdd, err)
	require.Len(t, called, 1)
}

func TestRetryItemsWaitEndsWithTheContext(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 150*time.Millisecond, errReason)
		defer cancel()
		at := clock()
		var called []time.Duration
		src := op.MapAsync(rx.From(1), 2, balky(9, &called), op.RetryItem[int](plain), op.SkipItem)
		_, err := src.Collect(ctx)
		require.ErrorIs(t, err, errReason)
		require.Len(t, called, 2)
		require.Equal(t, 150*time.Millisecond, at())
	})
}
