package rx_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

var errBoom = errors.New("boom")

func TestEmptyConforms(t *testing.T) {
	both(t, func(t *testing.T) {
		rxtest.Source(t, rxtest.Case[int]{New: rx.Empty[int]})
	})
}

func TestFailConforms(t *testing.T) {
	both(t, func(t *testing.T) {
		rxtest.Source(t, rxtest.Case[int]{
			New: func() rx.Observable[int] { return rx.Fail[int](errBoom) },
			Err: errBoom,
		})
	})
}

func TestFailReturnsTheErrorItself(t *testing.T) {
	_, err := rx.Fail[int](errBoom).Collect(t.Context())
	require.True(t, err == errBoom)
}

func TestFailRefusesNil(t *testing.T) {
	require.PanicsWithValue(t, "rx.Fail: nil error; use rx.Empty for a stream that completes", func() { rx.Fail[int](nil) })
}

func TestEndedContextOutranks(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errBoom)
	for name, src := range map[string]rx.Observable[int]{
		"Empty":    rx.Empty[int](),
		"Fail":     rx.Fail[int](errors.New("another")),
		"Never":    rx.Never[int](),
		"Range":    rx.Range(0, 3),
		"From":     rx.From(0, 1, 2),
		"FromChan": rx.FromChan(make(chan int)),
	} {
		t.Run(name, func(t *testing.T) {
			items, err := src.Collect(ctx)
			require.Empty(t, items)
			require.ErrorIs(t, err, errBoom)
			require.ErrorIs(t, err, context.Canceled)
		})
	}
}

func TestNeverConforms(t *testing.T) {
	both(t, func(t *testing.T) {
		rxtest.Source(t, rxtest.Case[int]{New: rx.Never[int], Endless: true})
	})
}

func TestRangeConforms(t *testing.T) {
	both(t, func(t *testing.T) {
		rxtest.Source(t, rxtest.Case[int]{
			New:  func() rx.Observable[int] { return rx.Range(-1, 4) },
			Want: []int{-1, 0, 1, 2},
		})
	})
}

func TestRange(t *testing.T) {
	for _, c := range []struct {
		start, n int
		want     []int
	}{
		{0, 0, nil},
		{5, 1, []int{5}},
		{5, -1, nil},
		{5, math.MinInt, nil},
		{math.MaxInt, 1, []int{math.MaxInt}},
		{math.MinInt, 2, []int{math.MinInt, math.MinInt + 1}},
	} {
		got, err := rx.Range(c.start, c.n).Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, c.want, got, "Range(%d, %d)", c.start, c.n)
	}
}
