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

func TestRepeatPausesBetweenRuns(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		var begun []time.Duration
		src := rx.Defer(func(context.Context) (rx.Observable[int], error) {
			begun = append(begun, at())
			time.Sleep(time.Minute)
			return rx.From(len(begun)), nil
		})
		require.Equal(t, []int{1, 2, 3}, collect(t, op.Repeat(src, 3, time.Second)))
		require.Equal(t, []time.Duration{0, 61 * time.Second, 122 * time.Second}, begun)
		require.Equal(t, 182*time.Second, at(), "no pause after the last")
	})
}

func TestRepeatEndsWithAnError(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var begun []time.Duration
		src := op.ResumeWith(op.Take(flaky(&begun, 2), 1), rx.Empty[int]())
		require.Equal(t, []int{1, 2}, collect(t, op.Repeat(src, 2, time.Second)))

		var runs, yielded int
		got, err := op.Repeat(counted(failing(errSource, 1), &runs, &yielded), -1, time.Second).Collect(t.Context())
		require.Equal(t, errSource, err)
		require.Equal(t, []int{1}, got)
		require.Equal(t, 1, runs)
	})
}

func TestRepeatOfNothingForEverEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	runs := 0
	nothing := func(context.Context, func(int) bool) error {
		if runs++; runs == 1000 {
			cancel(errReason)
		}
		return nil // a source that does not look
	}
	_, err := op.Repeat(nothing, -1, 0).Collect(ctx)
	require.ErrorIs(t, err, errReason)
	require.Equal(t, 1000, runs)
}
