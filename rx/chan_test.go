package rx_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

func filled(items ...int) chan int {
	ch := make(chan int, len(items))
	for _, v := range items {
		ch <- v
	}
	return ch
}

func closed(ch chan int) chan int {
	close(ch)
	return ch
}

func TestFromChanConforms(t *testing.T) {
	both(t, func(t *testing.T) {
		rxtest.Source(t, rxtest.Case[int]{
			New:  func() rx.Observable[int] { return rx.FromChan(closed(filled(1, 2, 3))) },
			Want: []int{1, 2, 3},
			Mode: rxtest.Once,
		})
		rxtest.Source(t, rxtest.Case[int]{
			New:     func() rx.Observable[int] { return rx.FromChan(filled(1, 2, 3)) },
			Want:    []int{1, 2, 3},
			Mode:    rxtest.Once,
			Endless: true,
		})
		rxtest.Source(t, rxtest.Case[int]{
			New:  func() rx.Observable[int] { return rx.FromChan(closed(filled())) },
			Mode: rxtest.Once,
		})
	})
}

func TestFromChanRunsOnce(t *testing.T) {
	src := rx.FromChan(closed(filled(1, 2)))
	items, err := src.Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{1, 2}, items)
	for range 2 {
		items, err = src.Collect(t.Context())
		require.ErrorIs(t, err, rx.ErrConsumed)
		require.Empty(t, items)
	}
}

func TestFromChanIsConsumedByACanceledRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ch := filled(1, 2)
	src := rx.FromChan(ch)
	_, err := src.Collect(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, ch, 2)
	_, err = src.Collect(t.Context())
	require.ErrorIs(t, err, rx.ErrConsumed)
}

func TestFromChanLeavesTheRest(t *testing.T) {
	t.Run("when the consumer stops", func(t *testing.T) {
		ch := filled(1, 2, 3)
		first, err := rx.FromChan(ch).First(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, first)
		require.Len(t, ch, 2)
	})
	t.Run("when the context ends", func(t *testing.T) {
		for range 50 { // a select would take an item half of the time
			ctx, cancel := context.WithCancel(t.Context())
			ch := filled(1, 2, 3)
			err := rx.FromChan(ch)(ctx, func(int) bool { cancel(); return true })
			require.ErrorIs(t, err, context.Canceled)
			require.Len(t, ch, 2)
		}
	})
}

func TestFromChanWaits(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		ch := make(chan int)
		var sender sync.WaitGroup
		sender.Go(func() {
			defer close(ch)
			for i := range 3 {
				time.Sleep(time.Second)
				ch <- i
			}
			time.Sleep(time.Second)
		})
		start := time.Now()
		items, err := rx.FromChan(ch).Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{0, 1, 2}, items)
		require.Equal(t, 4*time.Second, time.Since(start))
		sender.Wait()
	})
}

func TestFromChanIsCanceledWhileItWaits(t *testing.T) {
	for name, ch := range map[string]func() chan int{
		"for an item":      func() chan int { return make(chan int) },
		"on a nil channel": func() chan int { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errBoom)
				defer cancel()
				start := time.Now()
				_, err := rx.FromChan(ch()).Collect(ctx)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorIs(t, err, errBoom)
				require.Equal(t, time.Minute, time.Since(start))
			})
		})
	}
}
