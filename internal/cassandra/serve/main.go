// Command serve runs a command with a real Cassandra for the integration tests under it, so that all their packages
// share one:
//
//	go run ./internal/cassandra/serve -- go test -race ./...
//
// With -check it only says, in one line, what is missing to bring Cassandra up.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/rxcql/rxcql/internal/cassandra"
)

func main() {
	check := flag.Bool("check", false, "only say what is missing to bring Cassandra up")
	flag.Parse()
	if *check == (flag.NArg() > 0) {
		fmt.Fprintln(os.Stderr, "usage: serve -- command [argument ...], or serve -check")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var err error
	if *check {
		err = cassandra.Check(ctx)
	} else {
		err = cassandra.Serve(ctx, flag.Args()...)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}
