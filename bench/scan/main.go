package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/bench/internal/contest"
	"github.com/rxcql/rxcql/bench/internal/events"
	"github.com/rxcql/rxcql/cql"
)

func main() {
	hosts := flag.String("hosts", os.Getenv("RXCQL_CASSANDRA_HOSTS"), "contact points, host:port, separated by commas")
	rows := flag.Int("rows", 1_000_000, "rows in the table")
	rounds := flag.Int("rounds", 7, "rounds; in each, every contestant runs once")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, strings.Split(*hosts, ","), *rows, *rounds); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, hosts []string, rows, rounds int) error {
	// Both get a session of their own, set up alike: written at once, answered by the only replica.
	config := gocql.NewCluster(hosts...)
	config.WriteCoalesceWaitTime = 0
	config.Timeout = 2 * time.Minute
	driver, err := config.CreateSession()
	if err != nil {
		return err
	}
	defer driver.Close()
	session, err := cql.Connect(ctx, config)
	if err != nil {
		return err
	}
	defer session.Close()
	if err := events.Fill(ctx, session, rows); err != nil {
		return err
	}

	// Each reads the whole table and returns how many rows came through.
	contestants := map[string]func() (int, error){
		"a Scan loop by hand": func() (int, error) { return byHand(driver) },
		"rxcql rows":          func() (int, error) { return values(ctx, session) },
		"rxcql pointers":      func() (int, error) { return pointers(ctx, session) },
		"pages, undecoded":    func() (int, error) { return pagesOnly(driver) },
	}
	names := []string{"a Scan loop by hand", "rxcql rows", "rxcql pointers", "pages, undecoded"}
	results, err := contest.Rounds(rounds, names, func(name string) (contest.Result, error) {
		r, err := contest.Measure(rows, contestants[name])
		if err != nil {
			return r, fmt.Errorf("%s: %w", name, err)
		}
		r.PeakMiB = 0 // they share a process
		return r, nil
	})
	if err != nil {
		return err
	}
	return results.Print(os.Stdout, names...)
}
