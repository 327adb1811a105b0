package contest

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// Results are those of each contestant, in the order of the rounds.
type Results map[string][]Result

// Rounds runs each contestant once in each of n rounds, every other round in the reverse order. A round before these
// warms up, and does not count.
func Rounds(n int, names []string, run func(name string) (Result, error)) (Results, error) {
	results := make(Results)
	order := slices.Clone(names)
	for round := range n + 1 {
		for _, name := range order {
			r, err := run(name)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				results[name] = append(results[name], r)
			}
		}
		slices.Reverse(order)
	}
	return results, nil
}

// String is for people who watch.
func (r Result) String() string {
	return fmt.Sprintf("%.0f rows/s, %.0f ns of CPU time a row, %.0f MiB at most", r.RowsPerSecond, r.CPUPerRow, r.PeakMiB)
}

// Print writes a table of medians, with the least and the most that there were, and of how each one's CPU time compares
// with the first one's.
func (r Results) Print(out io.Writer, names ...string) error {
	rate, cpu, peak := column(func(r Result) float64 { return r.RowsPerSecond }), column(func(r Result) float64 { return r.CPUPerRow }),
		column(func(r Result) float64 { return r.PeakMiB })
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\trows/s\t\tclient CPU, ns/row\t\tof %s's", names[0])
	first, _, _ := cpu.spread(r[names[0]])
	_, _, most := peak.spread(r[names[0]])
	if most > 0 {
		fmt.Fprint(w, "\tpeak memory, MiB\t")
	}
	fmt.Fprintln(w)
	for _, name := range names {
		median, _, _ := cpu.spread(r[name])
		fmt.Fprintf(w, "%s\t%s\t%s\t%.2f", name, rate.cells(r[name]), cpu.cells(r[name]), median/first)
		if most > 0 {
			fmt.Fprintf(w, "\t%s", peak.cells(r[name]))
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

// column is one figure of results.
type column func(Result) float64

// spread gives the median, the least and the most; 0 if there are no results.
func (c column) spread(results []Result) (median, least, most float64) {
	if len(results) == 0 {
		return 0, 0, 0
	}
	values := make([]float64, len(results))
	for i, r := range results {
		values[i] = c(r)
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2, values[0], values[n-1]
}

func (c column) cells(results []Result) string {
	median, least, most := c.spread(results)
	return fmt.Sprintf("%.0f\t%.0f–%.0f", median, least, most)
}
