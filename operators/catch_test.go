package operators_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func TestCatchGoesOnWithAnotherStream(t *testing.T) {
	got := collect(t, op.Catch(failing(errSource, 1, 2), func(err error) rx.Observable[int] {
		require.Equal(t, errSource, err)
		return rx.From(3, 4)
	}))
	require.Equal(t, []int{1, 2, 3, 4}, got)
}

func TestCatchMayFailInTurn(t *testing.T) {
	_, err := op.Catch(failing(errSource, 1), func(err error) rx.Observable[int] {
		return rx.Fail[int](fmt.Errorf("reading the fallback: %w", err))
	}).Collect(t.Context())
	require.EqualError(t, err, "reading the fallback: the source failed")
	require.ErrorIs(t, err, errSource)
}

func TestCatchIsOnlyForFailures(t *testing.T) {
	fallback := func(err error) rx.Observable[int] {
		t.Errorf("asked about %v", err)
		return rx.Empty[int]()
	}
	t.Run("not for completion", func(t *testing.T) {
		require.Equal(t, []int{1}, collect(t, op.Catch(rx.From(1), fallback)))
	})
	t.Run("not for the consumer's stop", func(t *testing.T) {
		leave(t, op.Catch(rude(errSource, 1, 2), fallback), 1)
	})
	t.Run("not for the consumer's failure", func(t *testing.T) {
		err := op.Catch(rx.From(1, 2), fallback).ForEach(t.Context(), func(int) error { return errConsumer })
		require.Equal(t, errConsumer, err)
	})
	t.Run("not for the end of the context", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errReason)
		_, err := op.Catch(rx.From(1, 2), fallback).Collect(ctx)
		require.ErrorIs(t, err, errReason)
	})
}

func TestCatchStopsInTheFallback(t *testing.T) {
	src := op.Catch(failing(errSource, 1), func(error) rx.Observable[int] { return rx.Range(2, 10) })
	require.Equal(t, []int{1, 2, 3}, leave(t, src, 3))
}
