package operators_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/rx"
)

var (
	errSource   = errors.New("the source failed")
	errConsumer = errors.New("the consumer failed")
	errOdd      = errors.New("the item is odd")
	errReason   = errors.New("the reason for cancelling")
)

// failing emits items and then fails with err.
func failing[T any](err error, items ...T) rx.Observable[T] {
	return func(ctx context.Context, yield func(T) bool) error {
		for _, v := range items {
			if !yield(v) {
				return nil
			}
		}
		return err
	}
}

// rude emits items and fails with err even when the consumer has stopped, against rule 3 of the contract.
func rude[T any](err error, items ...T) rx.Observable[T] {
	return func(ctx context.Context, yield func(T) bool) error {
		for _, v := range items {
			if !yield(v) {
				break
			}
		}
		return err
	}
}

// counted adds the items that src has yielded to *yielded and its runs to *runs.
func counted[T any](src rx.Observable[T], runs, yielded *int) rx.Observable[T] {
	return func(ctx context.Context, yield func(T) bool) error {
		*runs++
		return src(ctx, func(v T) bool {
			*yielded++
			return yield(v)
		})
	}
}

// leave runs src and stops at the k-th item, counted from 1.
func leave[T any](t *testing.T, src rx.Observable[T], k int) []T {
	t.Helper()
	var got []T
	err := src(t.Context(), func(v T) bool {
		require.Less(t, len(got), k, "yield was called after it had returned false")
		got = append(got, v)
		return len(got) < k
	})
	require.NoError(t, err)
	require.Len(t, got, k)
	return got
}

// collect returns all items of a stream that must complete.
func collect[T any](t *testing.T, src rx.Observable[T]) []T {
	t.Helper()
	items, err := src.Collect(t.Context())
	require.NoError(t, err)
	return items
}
