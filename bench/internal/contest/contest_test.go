package contest_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/bench/internal/contest"
)

func TestRoundsAlternateAndTheFirstDoesNotCount(t *testing.T) {
	var ran []string
	results, failures, err := contest.Rounds(t.Context(), 2, []string{"a", "b"}, func(name string) (contest.Result, error) {
		ran = append(ran, name)
		return contest.Result{CPUPerRow: float64(len(ran))}, nil
	})
	require.NoError(t, err)
	require.Empty(t, failures)
	require.Equal(t, "a b b a a b", strings.Join(ran, " "))
	require.Equal(t, contest.Results{"a": {{CPUPerRow: 4}, {CPUPerRow: 5}}, "b": {{CPUPerRow: 3}, {CPUPerRow: 6}}}, results)
}

func TestWhoFailsIsOut(t *testing.T) {
	failure := errors.New("no node")
	var ran []string
	results, failures, err := contest.Rounds(t.Context(), 2, []string{"a", "b"}, func(name string) (contest.Result, error) {
		ran = append(ran, name)
		if len(ran) == 4 {
			return contest.Result{}, failure
		}
		return contest.Result{CPUPerRow: 1}, nil
	})
	require.NoError(t, err)
	require.Equal(t, "a b b a b", strings.Join(ran, " "))
	require.Equal(t, contest.Failures{"a": failure}, failures)
	require.Equal(t, contest.Results{"b": {{CPUPerRow: 1}, {CPUPerRow: 1}}}, results)

	ctx, cancel := context.WithCancel(t.Context())
	_, _, err = contest.Rounds(ctx, 2, []string{"a"}, func(string) (contest.Result, error) { cancel(); return contest.Result{}, failure })
	require.ErrorIs(t, err, context.Canceled)
}

func TestSpread(t *testing.T) {
	results := []contest.Result{{RowsPerSecond: 10}, {RowsPerSecond: 40}, {RowsPerSecond: 20}}
	median, least, most := contest.Rate.Spread(results)
	require.Equal(t, []float64{20, 10, 40}, []float64{median, least, most})
	median, _, _ = contest.Rate.Spread(results[:2])
	require.Equal(t, 25.0, median)
	median, least, most = contest.Rate.Spread(nil)
	require.Equal(t, []float64{0, 0, 0}, []float64{median, least, most})
}

// Others may print before they tell; and what they said when they failed is in the error.
func TestCommandTells(t *testing.T) {
	r, err := contest.Command(t.Context(), "other", "sh", "-c", `echo hello; echo '{"Rows":3,"PeakMiB":1.5}'`)
	require.NoError(t, err)
	require.Equal(t, contest.Result{Rows: 3, PeakMiB: 1.5}, r)
	_, err = contest.Command(t.Context(), "other", "sh", "-c", `echo no such class >&2; exit 3`)
	require.ErrorContains(t, err, "other: exit status 3\nno such class")
	_, err = contest.Command(t.Context(), "other", "sh", "-c", `echo what`)
	require.ErrorContains(t, err, "other did not tell what it took")
}

func TestMeasureCountsRows(t *testing.T) {
	r, err := contest.Measure(1000, func() (int, error) { return 1000, nil })
	require.NoError(t, err)
	require.Positive(t, r.RowsPerSecond)
	require.Positive(t, r.PeakMiB)
	_, err = contest.Measure(1000, func() (int, error) { return 999, nil })
	require.ErrorContains(t, err, "999 rows came through instead of 1000")
}
