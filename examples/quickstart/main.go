package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/time/rate"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

func main() {
	stop, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(stop, release) // who interrupts twice does not want to wait
	if err := run(stop, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run is the program. When stop ends, it finishes what it has begun and returns.
func run(stop context.Context, args []string, out io.Writer) (err error) {
	s, err := parse(args, out)
	if err != nil || s == nil {
		return err
	}
	lab, err := open(stop, s, out)
	if err != nil {
		return err
	}
	defer func() {
		if closing := lab.shutdown(); err == nil {
			err = closing
		}
	}()

	// A stream is cold: so far it is only a description, and whatever reads it runs the query anew.
	query := source.Query[Reading](lab.session, "SELECT sensor, at, celsius FROM "+lab.readings).Consistency(lab.consistency)
	rows := op.Until(query.Rows(), stop)
	if err := takeTen(lab, rows, out); err != nil {
		return err
	}
	if err := watch(lab, rows, out); err != nil {
		return err
	}
	if stop.Err() == nil {
		err = surviveFailures(lab, query, stop, out)
	}
	if err == nil && stop.Err() != nil {
		fmt.Fprintln(out, "\nInterrupted: reading ended early, and what had been read was still written.")
	}
	return err
}

// takeTen shows that only those pages are fetched whose rows are wanted.
func takeTen(lab *lab, rows rx.Observable[Reading], out io.Writer) error {
	lab.pages.reset()
	ten, err := op.Take(rows, 10).Collect(context.Background())
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n1. Taking %s fetched %s of %s: the first page is small, those after it grow.\n", plural(len(ten), "row"),
		plural(lab.pages.count.Load(), "page"), plural(lab.pages.rows.Load(), "row"))
	return nil
}

// watch is the job: it reads all rows and writes an alert for every 500 hot ones. Nothing happens before the sink, at
// the end, asks for the first; and while the sink or the throttle is busy, no more is read than the next page.
func watch(lab *lab, rows rx.Observable[Reading], out io.Writer) error {
	fmt.Fprintf(out, "\n2. Taking all: pages of rows → °F → hot ones → batches of 500 → %s → alerts\n", lab.pace())
	progress := newProgress(lab, out)

	readings := op.Tap(rows, op.Hooks[Reading]{OnNext: progress.read})
	measured := op.Map(readings, Reading.Measurement)
	hot := op.Filter(measured, func(m Measurement) bool { return m.Fahrenheit >= 95 })
	batches := op.Buffer(hot, 500)
	paced := op.Throttle(batches, rate.NewLimiter(lab.rate, 1))
	alerts := op.Tap(op.Scan(paced, lab.firstAlert, Alert.next), op.Hooks[Alert]{OnNext: progress.alert})
	insert := sink.Insert[Alert](lab.session, lab.alerts).Consistency(lab.consistency)
	report, err := insert.Write(context.Background(), alerts)
	if err != nil {
		return err
	}

	progress.done()
	if err := lab.readBack(report, progress.hot, out); err != nil {
		return err
	}
	progress.memory()
	return nil
}
