package contest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/bench/internal/contest"
)

func TestRoundsAlternateAndTheFirstDoesNotCount(t *testing.T) {
	var ran []string
	results, err := contest.Rounds(2, []string{"a", "b"}, func(name string) (contest.Result, error) {
		ran = append(ran, name)
		return contest.Result{CPUPerRow: float64(len(ran))}, nil
	})
	require.NoError(t, err)
	require.Equal(t, "a b b a a b", strings.Join(ran, " "))
	require.Equal(t, contest.Results{"a": {{CPUPerRow: 4}, {CPUPerRow: 5}}, "b": {{CPUPerRow: 3}, {CPUPerRow: 6}}}, results)

	failure := errors.New("no node")
	_, err = contest.Rounds(2, []string{"a"}, func(string) (contest.Result, error) { return contest.Result{}, failure })
	require.ErrorIs(t, err, failure)
}

func TestPrintShowsMediansAndSpreads(t *testing.T) {
	var out strings.Builder
	results := contest.Results{
		"mine":  {{100, 10, 1}, {300, 30, 3}, {200, 20, 2}},
		"yours": {{10, 40, 7}, {20, 60, 8}},
	}
	require.NoError(t, results.Print(&out, "yours", "mine"))
	require.Equal(t, strings.Join([]string{
		"       rows/s           client CPU, ns/row         of yours's  peak memory, MiB  ",
		"yours  15      10–20    50                  40–60  1.00        8                 7–8",
		"mine   200     100–300  20                  10–30  0.40        2                 1–3", "",
	}, "\n"), out.String())
}

func TestMeasureCountsRows(t *testing.T) {
	r, err := contest.Measure(1000, func() (int, error) { return 1000, nil })
	require.NoError(t, err)
	require.Positive(t, r.RowsPerSecond)
	require.Positive(t, r.PeakMiB)
	_, err = contest.Measure(1000, func() (int, error) { return 999, nil })
	require.ErrorContains(t, err, "999 rows came through instead of 1000")
}
