package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/checkpoint"
	"github.com/rxcql/rxcql/examples/internal/sample"
	"github.com/rxcql/rxcql/source"
	"github.com/rxcql/rxcql/source/bar"
)

func main() {
	stop, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(stop, release) // who interrupts twice does not want to wait
	code, err := run(stop, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "export:", err)
	}
	os.Exit(code)
}

// run is the program. It gives the exit code, and why that is not 0.
func run(stop context.Context, args []string, out, log io.Writer) (code int, err error) {
	s, err := parse(args, out)
	if err != nil || s == nil {
		return codeOf(err), err
	}
	session, disconnect, err := sample.Open(stop, s.cluster, s.rows, log)
	if err != nil {
		return failed, err
	}
	defer disconnect()

	var tracker source.Tracker
	scan := source.Table[source.Row](session, s.table).Consistency(s.cluster.Consistency).Track(&tracker)
	if s.where != "" {
		scan = scan.Where(s.where)
	}
	if s.columns != nil {
		scan = scan.Columns(s.columns...)
	}
	if s.parallel > 0 {
		scan = scan.Parallel(s.parallel)
	}
	if s.pageSize > 0 {
		scan = scan.PageSize(s.pageSize)
	}
	if s.rate > 0 {
		scan = scan.Throttle(rate.NewLimiter(rate.Limit(s.rate), 1+int(s.rate/10)))
	}
	found, err := scan.Preflight(stop)
	if err != nil {
		return failed, err
	}
	tell(log, found)
	if s.dryRun {
		return complete, nil
	}
	started := time.Now()
	files, err := export(stop, s, scan, found, log, &tracker)
	if files == nil {
		return failed, err
	}
	code = codeOf(err)
	if code == stopped && stop.Err() != nil {
		err = nil // as was asked for
	}
	return code, errors.Join(err, newReport(s, files, tracker.Progress(), time.Since(started), code, err).write(out))
}

// export reads the table into files. The files are nil if it did not come to that.
func export(
	stop context.Context, s *settings, scan source.Scan[source.Row], found source.Preflight, log io.Writer, tracker *source.Tracker,
) (*parts, error) {
	if err := s.prepare(); err != nil {
		return nil, err
	}
	store, err := checkpoint.File(filepath.Join(s.to, "checkpoint"))
	if err != nil {
		return nil, err
	}
	defer store.Close()
	saved, err := store.Load(stop)
	if err != nil {
		return nil, err
	}
	format, err := newFormat(s.format, found.Columns)
	if err != nil {
		return nil, err
	}
	files, err := openParts(s.to, format, saved)
	if err != nil {
		return nil, err
	}
	defer files.close()

	// One page at a time: writing is faster than reading, and so a range's pages come to its file in their order. A page
	// that is being written when stop ends is still acknowledged.
	shown := bar.Show(log, tracker)
	err = scan.Resume(store).Each(stop, 1, func(_ context.Context, p source.TablePage[source.Row]) error { return files.write(p) })
	shown()
	if err == nil {
		err = files.finish(s.single, s.table)
	}
	return files, err
}

// tell says what is going to be read.
func tell(log io.Writer, found source.Preflight) {
	fmt.Fprintf(log, "Reading %v: %d columns, %d ranges, %d at a time, from %d nodes; about %.1f MiB by the servers' estimates.\n",
		found.Table, len(found.Columns), found.Ranges, found.Parallel, found.Nodes, float64(found.Bytes)/(1<<20))
	for _, w := range found.Warnings {
		fmt.Fprintln(log, "Note:", w)
	}
}
