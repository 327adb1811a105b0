package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	stop, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(stop, release) // who interrupts twice does not want to wait
	code, err := run(stop, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
	}
	os.Exit(code)
}

// run is the program. It gives the exit code, and why that is not 0.
func run(stop context.Context, args []string, out, log io.Writer) (code int, err error) {
	s, err := parse(args, out)
	if err != nil || s == nil {
		return codeOf(err), err
	}
	to, disconnect, err := open(stop, s, log)
	if err != nil {
		return failed, err
	}
	defer disconnect()

	j := &job{settings: s, to: to, log: share(log)}
	defer j.release()
	switch err = j.check(stop); {
	case err != nil:
		return codeOf(err), err
	case s.replay != "":
		err = j.again(stop)
	default:
		err = j.load(stop)
	}
	r := j.report(err)
	code = r.code
	r.tell(log)
	if code == stopped && stop.Err() != nil {
		err = nil // as was asked for
	}
	return code, errors.Join(err, r.write(out))
}
