package operators_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

var plain = op.Backoff{NoJitter: true}

// flaky emits the number of the run and fails, or completes in the given run, and notes when each run began.
func flaky(begun *[]time.Duration, completes int) rx.Observable[int] {
	start := time.Now()
	return func(_ context.Context, yield func(int) bool) error {
		*begun = append(*begun, time.Since(start))
		run := len(*begun)
		if !yield(run) || run == completes {
			return nil
		}
		return errSource
	}
}

func TestRetryWaitsLongerEachTimeAndGivesUp(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var begun []time.Duration
		got, err := op.Retry(flaky(&begun, 0), plain).Collect(t.Context())
		require.Equal(t, errSource, err)
		require.Equal(t, []int{1, 2, 3, 4, 5}, got)
		const ms = time.Millisecond
		require.Equal(t, []time.Duration{0, 100 * ms, 300 * ms, 700 * ms, 1500 * ms}, begun)
	})
}

func TestRetryEndsWithTheFirstSuccess(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var begun []time.Duration
		require.Equal(t, []int{1, 2, 3}, collect(t, op.Retry(flaky(&begun, 3), plain)))
	})
}

func TestRetryRepeatsWhatWasDelivered(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		got, err := op.Retry(failing(errSource, 7, 8), op.Backoff{Attempts: 3}).Collect(t.Context())
		require.Equal(t, errSource, err)
		require.Equal(t, []int{7, 8, 7, 8, 7, 8}, got)
	})
}

func TestRetryWithoutLimit(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var begun []time.Duration
		b := op.Backoff{Attempts: -1, Base: time.Second, Max: time.Minute, NoJitter: true}
		require.Len(t, collect(t, op.Retry(flaky(&begun, 1000), b)), 1000)
		require.Equal(t, time.Minute, begun[999]-begun[998])
	})
}

func TestRetryOnlyWhen(t *testing.T) {
	isSource := func(err error) bool { return errors.Is(err, errSource) }
	isOther := func(err error) bool { return errors.Is(err, errOdd) }
	tests := []struct {
		name string
		when []func(error) bool
		runs int
	}{
		{"any error", nil, 5},
		{"this error", []func(error) bool{isSource}, 5},
		{"another error", []func(error) bool{isOther}, 1},
		{"one of two", []func(error) bool{isOther, isSource}, 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				var runs, yielded int
				_, err := op.Retry(counted(failing[int](errSource), &runs, &yielded), plain, tt.when...).Collect(t.Context())
				require.Equal(t, errSource, err)
				require.Equal(t, tt.runs, runs)
			})
		})
	}
}

func TestRetryIsNotForTheConsumersStop(t *testing.T) {
	var runs, yielded int
	src := counted(rude(errSource, 1, 2, 3), &runs, &yielded)
	leave(t, op.Retry(src, plain), 2)
	require.Equal(t, 1, runs)

	err := op.Retry(src, plain).ForEach(t.Context(), func(int) error { return errConsumer })
	require.Equal(t, errConsumer, err)
	require.Equal(t, 2, runs)
}

func TestRetryIsNotForTheEndOfTheContext(t *testing.T) {
	notAsked := func(err error) bool {
		t.Errorf("asked about %v", err)
		return true
	}
	for name, tt := range map[string]struct {
		src  rx.Observable[int]
		want error
	}{
		"the source ends by it":   {rx.From(1, 2), errReason},
		"the source fails anyway": {failing(errSource, 1), errSource},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			var runs, yielded int
			err := op.Retry(counted(tt.src, &runs, &yielded), plain, notAsked)(ctx, func(int) bool {
				cancel(errReason)
				return true
			})
			require.ErrorIs(t, err, tt.want)
			require.Equal(t, 1, runs)
		})
	}
}

func TestRetryIsForAnInnerDeadline(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var runs, yielded int
		src := counted(failing[int](context.DeadlineExceeded), &runs, &yielded)
		_, err := op.Retry(src, plain).Collect(t.Context())
		require.Equal(t, context.DeadlineExceeded, err)
		require.Equal(t, 5, runs, "another context's deadline is an error like any other")
	})
}

func TestRetryWaitEndsWithTheContext(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 150*time.Millisecond, errReason)
		defer cancel()
		start := time.Now()
		var begun []time.Duration
		got, err := op.Retry(flaky(&begun, 0), plain).Collect(ctx)
		require.ErrorIs(t, err, errReason)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, []int{1, 2}, got)
		require.Equal(t, 150*time.Millisecond, time.Since(start))
	})
}
