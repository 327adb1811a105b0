package contest

import (
	"context"
	"fmt"
	"slices"
)

// Results are those of each contestant, in the order of the rounds.
type Results map[string][]Result

// Failures say why a contestant was left out.
type Failures map[string]error

// Rounds runs each contestant once in each of n rounds, every other round in the reverse order. A round before these
// warms up the server, and does not count. A contestant that fails once is out, with all its results; the others go on.
func Rounds(ctx context.Context, n int, names []string, run func(name string) (Result, error)) (Results, Failures, error) {
	results, failures := make(Results), make(Failures)
	order := slices.Clone(names)
	for round := range n + 1 {
		for _, name := range order {
			if failures[name] != nil {
				continue
			}
			r, err := run(name)
			if ctx.Err() != nil {
				return nil, nil, context.Cause(ctx)
			}
			if err != nil {
				failures[name] = err
				delete(results, name)
			} else if round > 0 {
				results[name] = append(results[name], r)
			}
		}
		slices.Reverse(order)
	}
	return results, failures, nil
}

// String is for people who watch.
func (r Result) String() string {
	return fmt.Sprintf("%.0f rows/s, %.0f ns of CPU time a row, %.0f MiB at most", r.RowsPerSecond, r.CPUPerRow, r.PeakMiB)
}

// Figure is one of the figures of a result.
type Figure struct {
	Name   string // with its unit
	Of     func(Result) float64
	Digits int  // after the point
	Less   bool // is better
}

// The figures that there are. A contestant that has none of one has 0 there.
var (
	Rate     = Figure{"rows/s", func(r Result) float64 { return r.RowsPerSecond }, 0, false}
	CPU      = Figure{"client CPU, ns/row", func(r Result) float64 { return r.CPUPerRow }, 0, true}
	Memory   = Figure{"peak memory, MiB", func(r Result) float64 { return r.PeakMiB }, 0, true}
	FirstRow = Figure{"first row, ms", func(r Result) float64 { return r.FirstRowMs }, 2, true}
	Pages    = Figure{"pages asked for, for 10 rows", func(r Result) float64 { return float64(r.Pages) }, 0, true}
)

// Spread gives the median, the least and the most; 0 if there are no results.
func (f Figure) Spread(results []Result) (median, least, most float64) {
	values := make([]float64, len(results))
	for i, r := range results {
		values[i] = f.Of(r)
	}
	return Spread(values)
}

// Ratio is the Spread of how the figure compares with another's of the same round, which drifts less than either.
func (f Figure) Ratio(results, others []Result) (median, least, most float64) {
	values := make([]float64, min(len(results), len(others)))
	for i := range values {
		values[i] = f.Of(results[i]) / f.Of(others[i])
	}
	return Spread(values)
}

// Spread gives the median, the least and the most of values; 0 if there are none. It sorts them.
func Spread(values []float64) (median, least, most float64) {
	n := len(values)
	if n == 0 {
		return 0, 0, 0
	}
	slices.Sort(values)
	return (values[(n-1)/2] + values[n/2]) / 2, values[0], values[n-1]
}
