package operators_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

var errRelease = errors.New("the resource could not be released")

// noted makes a Using over src that notes what happens, and whose release fails with err.
func noted(src rx.Observable[int], err error) (rx.Observable[int], *[]string) {
	log := &[]string{}
	note := func(s string) { *log = append(*log, s) }
	tapped := op.Finally(src, func() { note("end") })
	return op.Using(
		func(context.Context) (string, error) { note("acquire"); return "resource", nil },
		func(r string) rx.Observable[int] { note("build of " + r); return tapped },
		func(r string) error { note("release " + r); return err },
	), log
}

var wholeLife = []string{"acquire", "build of resource", "end", "release resource"}

func TestUsingReleasesAfterUpstreamHasEnded(t *testing.T) {
	src, log := noted(rx.From(1, 2), nil)
	collect(t, src)
	require.Equal(t, wholeLife, *log)

	src, log = noted(failing(errSource, 1), nil)
	_, err := src.Collect(t.Context())
	require.Equal(t, errSource, err)
	require.Equal(t, wholeLife, *log)

	src, log = noted(rx.From(1, 2), nil)
	leave(t, src, 1)
	leave(t, src, 2)
	require.Equal(t, append(wholeLife, wholeLife...), *log, "each run has its own")
}

func TestUsingAndFinallyOutliveAPanicAndGoexit(t *testing.T) {
	src, log := noted(rx.From(1, 2), errRelease)
	require.PanicsWithValue(t, errConsumer, func() { _ = src(t.Context(), func(int) bool { panic(errConsumer) }) })
	require.Equal(t, wholeLife, *log)

	src, log = noted(rx.From(1, 2), errRelease)
	out := escape(func() { _ = src(t.Context(), func(int) bool { runtime.Goexit(); return true }) })
	require.True(t, out.exited)
	require.Equal(t, wholeLife, *log)
}

func TestUsingWhoseReleaseFails(t *testing.T) {
	src, _ := noted(rx.From(1, 2), errRelease)
	got, err := src.Collect(t.Context())
	require.Equal(t, errRelease, err)
	require.Equal(t, []int{1, 2}, got)

	src, _ = noted(failing(errSource, 1), errRelease)
	_, err = src.Collect(t.Context())
	require.ErrorIs(t, err, errSource)
	require.ErrorIs(t, err, errRelease)

	src, _ = noted(rx.From(1, 2), errRelease)
	leave(t, src, 2) // whose result is nil

	ctx, cancel := context.WithCancelCause(t.Context())
	src, _ = noted(rx.From(1, 2), errRelease)
	err = src(ctx, func(int) bool { cancel(errReason); return true })
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, errReason)
	require.ErrorIs(t, err, errRelease)
}

func TestUsingWhoseAcquireFails(t *testing.T) {
	unused := func(int) rx.Observable[int] { t.Error("built"); return rx.Empty[int]() }
	held := func(int) error { t.Error("released"); return nil }
	_, err := op.Using(func(context.Context) (int, error) { return 0, errSource }, unused, held).Collect(t.Context())
	require.Equal(t, errSource, err)

	ctx, cancel := context.WithCancelCause(t.Context())
	_, err = op.Using(func(context.Context) (int, error) { cancel(errReason); return 0, errSource }, unused, held).Collect(ctx)
	require.ErrorIs(t, err, errReason)
	require.ErrorIs(t, err, context.Canceled)

	_, err = op.Using(func(context.Context) (int, error) { t.Error("acquired"); return 0, nil }, unused, held).Collect(ctx)
	require.ErrorIs(t, err, errReason)
}

func TestUsingReleasesWhatItGotAfterTheContextsEnd(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	released := 0
	_, err := op.Using(
		func(context.Context) (int, error) { cancel(errReason); return 7, nil },
		func(int) rx.Observable[int] { t.Error("built"); return rx.Empty[int]() },
		func(r int) error { released += r; return nil },
	).Collect(ctx)
	require.ErrorIs(t, err, errReason)
	require.Equal(t, 7, released)
}

func TestFinallyIsCalledOncePerRun(t *testing.T) {
	calls := 0
	src := op.Finally(failing(errSource, 1, 2), func() { calls++ })
	leave(t, src, 1)
	_, err := src.Collect(t.Context())
	require.Equal(t, errSource, err)
	require.Equal(t, 2, calls)
}
