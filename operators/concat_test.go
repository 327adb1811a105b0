package operators_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func TestConcatRunsOneAfterTheOther(t *testing.T) {
	require.Equal(t, []int{1, 2, 3}, collect(t, op.Concat(rx.From(1, 2), rx.Empty[int](), rx.From(3))))
	require.Empty(t, collect(t, op.Concat[int]()))
}

func TestConcatStopsAtAnError(t *testing.T) {
	var runs, yielded int
	got, err := op.Concat(rx.From(1), failing(errSource, 2), counted(rx.From(3), &runs, &yielded)).Collect(t.Context())
	require.Equal(t, errSource, err)
	require.Equal(t, []int{1, 2}, got)
	require.Zero(t, runs)
}

func TestConcatRemembersThatTheConsumerStopped(t *testing.T) {
	var runs, yielded int
	after := counted(rx.From(3), &runs, &yielded)
	leave(t, op.Concat(rx.From(1, 2), after), 2) // the first source completes as if nothing had happened
	leave(t, op.Concat(rude(errSource, 1, 2), after), 1)
	require.Zero(t, runs)
}

func TestConcatKeepsItsOwnListOfStreams(t *testing.T) {
	srcs := []rx.Observable[int]{rx.From(1), rx.From(2)}
	all := op.Concat(srcs...)
	srcs[1] = rx.From(42)
	require.Equal(t, []int{1, 2}, collect(t, all))
}

func TestConcatOfNothingEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errReason)
	_, err := op.Concat[int]().Collect(ctx)
	require.ErrorIs(t, err, errReason)
}

// upTo emits 0 to n-1, and fails at 4.
func upTo(n int) rx.Observable[int] {
	if n == 4 {
		return failing(errSource, 0, 1)
	}
	return rx.Range(0, n)
}

func TestConcatMapRunsOneAfterTheOther(t *testing.T) {
	require.Equal(t, []int{0, 0, 1, 0, 1, 2}, collect(t, op.ConcatMap(rx.From(1, 2, 0, 3), upTo)))
}

func TestConcatMapStopsAtAnInnerError(t *testing.T) {
	var runs, yielded int
	outer := counted(rx.From(1, 4, 2), &runs, &yielded)
	got, err := op.ConcatMap(outer, upTo).Collect(t.Context())
	require.Equal(t, errSource, err)
	require.Equal(t, []int{0, 0, 1}, got)
	require.Equal(t, 2, yielded)

	_, err = op.ConcatMap(rude(errConsumer, 4), upTo).Collect(t.Context())
	require.Equal(t, errSource, err, "the operator's own error outranks its upstream's")
}

func TestConcatMapPassesOnAnOuterError(t *testing.T) {
	got, err := op.ConcatMap(failing(errSource, 1, 2), upTo).Collect(t.Context())
	require.Equal(t, errSource, err)
	require.Equal(t, []int{0, 0, 1}, got)
}

func TestConcatMapRemembersThatTheConsumerStopped(t *testing.T) {
	var runs, yielded int
	outer := counted(rx.From(2, 2), &runs, &yielded)
	leave(t, op.ConcatMap(outer, upTo), 2) // at the last item of the first inner stream
	require.Equal(t, 1, yielded)
	leave(t, op.ConcatMap(rude(errConsumer, 1), func(int) rx.Observable[int] { return rude(errSource, 1, 2) }), 1)
}
