package operators_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func TestTryMapStopsAtTheFirstErrorByDefault(t *testing.T) {
	var runs, yielded int
	src := counted(rx.From(2, 4, 5, 6), &runs, &yielded)
	got, err := op.TryMap(src, failOdd).Collect(t.Context())
	require.ErrorIs(t, err, errOdd)
	require.Equal(t, []int{2, 4}, got)
	require.Equal(t, 3, yielded, "the item after the bad one was asked for")
}

func TestTryMapAsksItsRules(t *testing.T) {
	stop := func(context.Context, *op.Failure[int]) op.Decision { return op.Stop }
	unknown := func(context.Context, *op.Failure[int]) op.Decision { return op.Decision(42) }
	tests := []struct {
		name  string
		rules []op.OnError[int]
		want  []int
		err   error
	}{
		{"none", nil, []int{0}, errOdd},
		{"stop", []op.OnError[int]{stop}, []int{0}, errOdd},
		{"resume", []op.OnError[int]{resume}, []int{0, 2, 4}, nil},
		{"the first that does not say stop", []op.OnError[int]{stop, resume}, []int{0, 2, 4}, nil},
		{"none after that", []op.OnError[int]{resume, unknown}, []int{0, 2, 4}, nil},
		{"unknown is stop", []op.OnError[int]{unknown}, []int{0}, errOdd},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := op.TryMap(rx.Range(0, 6), failOdd, tt.rules...).Collect(t.Context())
			require.Equal(t, tt.err, err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestTryMapTriesAgain(t *testing.T) {
	calls := map[int]int{}
	flaky := func(_ context.Context, v int) (int, error) { // succeeds with v at its v-th call
		calls[v]++
		if calls[v] < v {
			return -1, errOdd
		}
		return 10 * v, nil
	}
	var asked []int
	again := func(_ context.Context, f *op.Failure[int]) op.Decision {
		require.ErrorIs(t, f.Err, errOdd)
		asked = append(asked, f.Item)
		if f.Attempts >= 4 {
			return op.Resume // give up
		}
		return op.Again
	}
	got := collect(t, op.TryMap(rx.From(1, 2, 3, 5, 1), flaky, again))
	require.Equal(t, []int{10, 20, 30, 10}, got)
	require.Equal(t, []int{2, 3, 3, 5, 5, 5, 5}, asked)
}

func TestTryMapTellsItsRulesHowOftenItTriedAndTakesTheirError(t *testing.T) {
	var attempts []int
	fail := func(context.Context, int) (int, error) { return 0, errOdd }
	tell := func(_ context.Context, f *op.Failure[int]) op.Decision {
		require.Equal(t, errOdd, f.Err)
		attempts = append(attempts, f.Attempts)
		if f.Attempts < 3 {
			f.Err = errReason // must not outlive the attempt
			return op.Again
		}
		f.Err = fmt.Errorf("item %d: %w", f.Item, f.Err)
		return op.Stop
	}
	_, err := op.TryMap(rx.From(7), fail, tell).Collect(t.Context())
	require.EqualError(t, err, "item 7: the item is odd")
	require.Equal(t, []int{1, 2, 3}, attempts)

	forget := func(_ context.Context, f *op.Failure[int]) op.Decision { f.Err = nil; return op.Stop }
	_, err = op.TryMap(rx.From(7), fail, forget).Collect(t.Context())
	require.Equal(t, errOdd, err, "a failure was lost")
}

func TestTryMapEndsWithTheContext(t *testing.T) {
	t.Run("while f works", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		blocked := func(ctx context.Context, _ int) (int, error) {
			cancel(errReason)
			<-ctx.Done()
			return 0, errors.New("some driver's own word for it")
		}
		never := func(context.Context, *op.Failure[int]) op.Decision {
			t.Error("a rule was asked about the end of the context")
			return op.Resume
		}
		_, err := op.TryMap(rx.From(1, 2), blocked, never).Collect(ctx)
		require.ErrorIs(t, err, errReason)
		require.ErrorIs(t, err, context.Canceled)
	})
	for name, decision := range map[string]op.Decision{"stop": op.Stop, "resume": op.Resume, "again": op.Again} {
		t.Run("while a rule waits that then says "+name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			calls := 0
			fail := func(context.Context, int) (int, error) { calls++; return 0, errOdd }
			wait := func(ctx context.Context, _ *op.Failure[int]) op.Decision {
				cancel(errReason)
				<-ctx.Done()
				return decision
			}
			_, err := op.TryMap(failing[int](nil, 1, 2), fail, wait).Collect(ctx)
			require.ErrorIs(t, err, errReason)
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, 1, calls)
		})
	}
}

func TestTryMapOutranksItsUpstream(t *testing.T) {
	_, err := op.TryMap(rude(errSource, 1), failOdd).Collect(t.Context())
	require.Equal(t, errOdd, err)
}
