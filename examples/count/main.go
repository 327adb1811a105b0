// Count counts the rows of a table of any size, which SELECT COUNT(*) cannot: it would time out.
//
//	go run ./examples/count
//	go run ./examples/count -hosts 10.0.0.1 -dc dc1 -where 'cents > 500' shop.orders
//
// Without -hosts it starts a Cassandra server inside its own process and counts a table there.
//
// The ring of tokens is split into ranges, several of which are read at a time, each from a node that has it. Only the
// partitions' tokens come over the wire, and are counted here. -rate bounds the rows a second, so that a cluster that has
// other work is left in peace. ^C ends it.
//
// The number is written to standard output, how far it has got to standard error: as a bar on a terminal, else as a line
// every five seconds.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/examples/internal/connect"
	"github.com/rxcql/rxcql/examples/internal/sample"
	"github.com/rxcql/rxcql/source"
	"github.com/rxcql/rxcql/source/bar"
)

func main() {
	stop, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(stop, release) // who interrupts twice does not want to wait
	if err := run(stop, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "count:", err)
		os.Exit(1)
	}
}

// run is the program.
func run(stop context.Context, args []string, out, log io.Writer) error {
	flags := connect.NewFlags("count",
		"count [flags] keyspace.table counts the rows of a table. Without -hosts, on a server inside the process.")
	cluster := connect.Bind(flags)
	where := flags.String("where", "", "`condition` in CQL of the rows to count; the servers check every row")
	parallel := flags.Int("parallel", 0, "`number` of ranges to read at a time; 0 is two for each node")
	perSecond := flags.Float64("rate", 0, "`rows` a second at most; 0 is as many as possible")
	rows := flags.Int("rows", 200_000, "`number` of rows in the table of the server inside the process")
	if help, err := connect.Parse(flags, args, out); help || err != nil {
		return err
	}
	if flags.NArg() > 1 || flags.NArg() == 0 && cluster.Named() {
		return errors.New("name one table, as keyspace.table; -h lists the flags")
	}

	session, disconnect, err := sample.Open(stop, cluster, *rows, log)
	if err != nil {
		return err
	}
	defer disconnect()
	table := sample.Table
	if flags.NArg() == 1 {
		table = flags.Arg(0)
	}

	var tracker source.Tracker
	scan := source.Table[source.Row](session, table).Consistency(cluster.Consistency).Track(&tracker)
	if *where != "" {
		scan = scan.Where(*where)
	}
	if *parallel > 0 {
		scan = scan.Parallel(*parallel)
	}
	if *perSecond > 0 {
		scan = scan.Throttle(rate.NewLimiter(rate.Limit(*perSecond), 1+int(*perSecond/10)))
	}
	shown := bar.Show(log, &tracker)
	n, err := scan.Count(stop)
	shown()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, n)
	return nil
}
