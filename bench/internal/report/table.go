// Package report writes what a contest gave as a table in Markdown and as plots.
package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/rxcql/rxcql/bench/internal/contest"
)

// Report is what a contest of several contestants gave.
type Report struct {
	Title    string
	Names    []string // of the contestants; the others are compared with the first that has results
	Figures  []contest.Figure
	Results  contest.Results
	Failures contest.Failures
	NotRun   []string // who was not asked to
}

// Table writes the medians in Markdown, with the least and the most where they differ, and how each one's CPU time compares
// with that of the first in the same round. Below it is why a contestant has no figures, and who was not run.
func (r Report) Table(out io.Writer) error {
	var text strings.Builder
	first := r.first()
	text.WriteString("| |")
	for _, f := range r.Figures {
		fmt.Fprintf(&text, " %s |", f.Name)
		if f.Name == contest.CPU.Name {
			fmt.Fprintf(&text, " of %s's |", first)
		}
	}
	text.WriteString("\n|---|" + strings.Repeat("---:|", strings.Count(text.String(), "|")-2) + "\n")
	for _, name := range r.Names {
		results := r.Results[name]
		if len(results) == 0 {
			continue
		}
		fmt.Fprintf(&text, "| %s |", name)
		for _, f := range r.Figures {
			fmt.Fprintf(&text, " %s |", Cell(f.Digits)(f.Spread(results)))
			if f.Name == contest.CPU.Name {
				fmt.Fprintf(&text, " %s |", Cell(2)(f.Ratio(results, r.Results[first])))
			}
		}
		text.WriteByte('\n')
	}
	for _, name := range r.Names {
		if err := r.Failures[name]; err != nil {
			line, _, _ := strings.Cut(err.Error(), "\n")
			fmt.Fprintf(&text, "\nLeft out: %s: %s\n", name, line)
		}
	}
	if len(r.NotRun) > 0 {
		fmt.Fprintf(&text, "\nNot run this time: %s.\n", strings.Join(r.NotRun, ", "))
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// first is whom the others are compared with.
func (r Report) first() string {
	for _, name := range r.Names {
		if len(r.Results[name]) > 0 {
			return name
		}
	}
	return ""
}

// Cell is for medians with the least and the most, with so many digits after the point.
func Cell(digits int) func(median, least, most float64) string {
	return func(median, least, most float64) string {
		if most == 0 {
			return "–"
		}
		m, l, h := Number(median, digits), Number(least, digits), Number(most, digits)
		if l == h {
			return m
		}
		return fmt.Sprintf("%s (%s–%s)", m, l, h)
	}
}

// Number has commas between thousands.
func Number(v float64, digits int) string {
	text := strconv.FormatFloat(v, 'f', digits, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return whole
}
