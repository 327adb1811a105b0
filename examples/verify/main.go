package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/rxcql/rxcql/source"
	"github.com/rxcql/rxcql/source/bar"
)

// Exit codes.
const (
	same    = 0
	differs = 1
	trouble = 2
)

func main() {
	stop, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(stop, release) // who interrupts twice does not want to wait
	code, err := run(stop, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "verify:", err)
	}
	os.Exit(code)
}

// run is the program. It gives the exit code, and why that is trouble.
func run(stop context.Context, args []string, out, log io.Writer) (code int, err error) {
	s, err := parse(args, out)
	switch {
	case err != nil:
		return trouble, err
	case s == nil:
		return same, nil
	}
	first, second, disconnect, err := open(stop, s, log)
	if err != nil {
		return trouble, err
	}
	defer disconnect()

	columns, err := alike(stop, first, second, s.columns)
	if err != nil {
		return trouble, err
	}
	var tracker source.Tracker
	left := first.scan().Columns(columns...).SplitInto(s.splits).Track(&tracker)
	right := second.scan().Columns(columns...)
	ranges, err := left.Splits(stop)
	if err != nil {
		return trouble, err
	}
	shown := bar.Show(log, &tracker) // of the first; the other is about as far
	tallies, err := compare(stop, left.Ranges(ranges...), right.Ranges(ranges...), ranges)
	shown()
	if err != nil {
		return trouble, err
	}
	return report(out, tallies, s.all), nil
}

// report lists the ranges that differ.
func report(out io.Writer, tallies []tally, all bool) (code int) {
	var rows [2]int64
	different := 0
	for _, t := range tallies {
		verdict := "same"
		if t.sums[0] != t.sums[1] {
			verdict = "DIFFERS"
			different++
		}
		rows[0], rows[1] = rows[0]+t.sums[0].rows, rows[1]+t.sums[1].rows
		if all || verdict != "same" {
			fmt.Fprintf(out, "%v %s: %v | %v\n", t.of, verdict, t.sums[0], t.sums[1])
		}
	}
	fmt.Fprintf(out, "%d of %d ranges differ; %d rows | %d rows\n", different, len(tallies), rows[0], rows[1])
	if different > 0 {
		return differs
	}
	return same
}
