package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/bench/internal/contest"
	"github.com/rxcql/rxcql/bench/internal/events"
	"github.com/rxcql/rxcql/cql"
)

type settings struct {
	hosts    string
	rows     int
	parallel int
	splits   int
	pageSize int
	rounds   int
	out      string
}

func main() {
	var s settings
	flag.StringVar(&s.hosts, "hosts", os.Getenv("RXCQL_CASSANDRA_HOSTS"), "contact points, host:port, separated by commas")
	flag.IntVar(&s.rows, "rows", 1_000_000, "rows in the table")
	flag.IntVar(&s.parallel, "parallel", 4, "ranges at a time")
	flag.IntVar(&s.splits, "splits", 64, "ranges in all")
	flag.IntVar(&s.pageSize, "page", 5000, "rows in a page")
	flag.IntVar(&s.rounds, "rounds", 5, "runs of each contestant")
	flag.StringVar(&s.out, "out", filepath.Join(os.TempDir(), "tablescan.csv"), "the CSV file; it is written anew by each run")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := s.main(ctx); err != nil {
		log.Fatal(err)
	}
}

func (s settings) main(ctx context.Context) error {
	config := gocql.NewCluster(strings.Split(s.hosts, ",")...)
	config.WriteCoalesceWaitTime = 0
	config.Timeout = 2 * time.Minute
	session, err := cql.Connect(ctx, config)
	if err != nil {
		return err
	}
	defer session.Close()
	if name := contest.Contestant(); name != "" {
		return s.run(ctx, name, config, session)
	}
	if err := events.Fill(ctx, session, s.rows); err != nil {
		return err
	}
	names := []string{"pages", "csv"}
	results, err := contest.Rounds(s.rounds, names, func(name string) (contest.Result, error) {
		r, err := contest.Process(ctx, name, os.Args[1:]...)
		fmt.Printf("%-5s %v\n", name, r)
		return r, err
	})
	if err != nil {
		return err
	}
	return results.Print(os.Stdout, names...)
}

// run runs one contestant in this process.
func (s settings) run(ctx context.Context, name string, config *gocql.ClusterConfig, session *cql.Session) error {
	read := map[string]func() (int, error){
		"csv":   func() (int, error) { return s.toCSV(ctx, session) },
		"pages": func() (int, error) { return s.pagesOnly(ctx, config, session) },
	}[name]
	if read == nil {
		return fmt.Errorf("there is no contestant %q", name)
	}
	r, err := contest.Measure(s.rows, read)
	if err != nil {
		return err
	}
	return contest.Tell(os.Stdout, r)
}
