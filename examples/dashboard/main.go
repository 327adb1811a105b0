package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/rxcql/rxcql/rx/flow"
)

func main() {
	stop, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(stop, release) // who interrupts twice does not want to wait
	if err := run(stop, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "dashboard:", err)
		os.Exit(1)
	}
}

// run is the program.
func run(stop context.Context, args []string, out, log io.Writer) error {
	s, err := parse(args, out)
	if err != nil || s == nil {
		return err
	}
	session, disconnect, err := connected(stop, s, log)
	if err != nil {
		return err
	}
	defer disconnect()

	monitor := flow.NewMonitor(flow.Options{})
	page, err := serve(s.http, s.names, monitor)
	if err != nil {
		return fmt.Errorf("-http: %w", err)
	}
	defer page.Close()
	fmt.Fprintf(out, "Watch it on %s, and on %smetrics.\n", page.URL(), page.URL())

	report, err := write(flow.With(stop, monitor), session, s)
	fmt.Fprintf(out, "%d receipts are written.\n", report.Written)
	for _, ended := range monitor.Snapshot().Runs {
		fmt.Fprint(out, ended.Text())
	}
	if s.stay && stop.Err() == nil {
		fmt.Fprintln(out, "The page stays until ^C.")
		<-stop.Done()
	}
	return err
}
