package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/rxcql/rxcql/source"
)

func main() {
	stop, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(stop, release) // who interrupts twice does not want to wait
	code, err := run(stop, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "migrate:", err)
	}
	os.Exit(code)
}

// run is the program. It gives the exit code, and why that is not 0.
func run(stop context.Context, args []string, out, log io.Writer) (code int, err error) {
	s, err := parse(args, out)
	if err != nil || s == nil {
		return codeOf(err), err
	}
	from, to, disconnect, err := open(stop, s, log)
	if err != nil {
		return failed, err
	}
	defer disconnect()

	var tracker source.Tracker
	scan, found, err := s.scan(stop, from, &tracker)
	if err != nil {
		return failed, err
	}
	target, err := s.check(stop, from, to, found)
	if err != nil {
		return failed, err
	}
	tell(log, found, to)
	if err := s.tellOfTTLs(stop, from, found, log); err != nil {
		return failed, err
	}
	if s.dryRun {
		return complete, nil
	}
	defer s.release()
	store, err := s.openState(target)
	if err != nil {
		return failed, err
	}
	written, err := migrate(stop, s, scan.Resume(store), to, log, &tracker)
	err = errors.Join(err, store.Close())
	r := newReport(s, tracker.Progress(), written, err)
	code = r.code
	if r.Dead != "" {
		fmt.Fprintf(log, "Rows that were not written: in %s; the example load writes them again, by -replay.\n", r.Dead)
	}
	if code == stopped && stop.Err() != nil {
		err = nil // as was asked for
	}
	return code, errors.Join(err, r.write(out), s.cleanUp())
}

// tell says what is going to be read.
func tell(log io.Writer, found source.Preflight, to side) {
	fmt.Fprintf(log, "Copying %v to %s: %d columns, %d ranges, %d at a time, from %d nodes; about %.1f MiB by the servers' estimates.\n",
		found.Table, to.table, len(found.Columns), found.Ranges, found.Parallel, found.Nodes, float64(found.Bytes)/(1<<20))
	for _, w := range found.Warnings {
		fmt.Fprintln(log, "Note:", w)
	}
}
