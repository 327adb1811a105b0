package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/gocql/gocql"

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

// contestant reads the whole table and returns how many rows came through.
type contestant struct {
	name string
	read func(ctx context.Context) (int, error)
}

// result is one run.
type result struct {
	rowsPerSecond float64
	cpuPerRow     float64 // ns, user and system time of this process
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
	if err := load(ctx, session, rows); err != nil {
		return err
	}

	contestants := []contestant{
		{"gocql Scan loop by hand", func(context.Context) (int, error) { return byHand(driver) }},
		{"rxcql rows", func(ctx context.Context) (int, error) { return values(ctx, session) }},
		{"rxcql pointers to rows", func(ctx context.Context) (int, error) { return pointers(ctx, session) }},
		{"gocql pages, undecoded", func(context.Context) (int, error) { return pagesOnly(driver) }},
	}
	results := make(map[string][]result)
	for round := range rounds + 1 { // the first warms up
		for _, c := range contestants {
			r, err := measure(ctx, c, rows)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if round > 0 {
				results[c.name] = append(results[c.name], r)
			}
		}
		slices.Reverse(contestants)
	}
	slices.SortFunc(contestants, func(a, b contestant) int { return cmp.Compare(a.name, b.name) })
	report(contestants, results, "gocql Scan loop by hand")
	return nil
}

func measure(ctx context.Context, c contestant, rows int) (result, error) {
	cpu, start := cpuTime(), time.Now()
	n, err := c.read(ctx)
	took, used := time.Since(start), cpuTime()-cpu
	if err == nil && n != rows {
		err = fmt.Errorf("%d rows came through instead of %d", n, rows)
	}
	return result{rowsPerSecond: float64(n) / took.Seconds(), cpuPerRow: float64(used) / float64(n)}, err
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		log.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func report(contestants []contestant, results map[string][]result, peer string) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\trows/s\tclient CPU/row\tspread\tof the loop by hand")
	base := median(results[peer], func(r result) float64 { return r.cpuPerRow })
	for _, c := range contestants {
		rs := results[c.name]
		cpu := func(r result) float64 { return r.cpuPerRow }
		sorted := slices.SortedFunc(slices.Values(rs), func(a, b result) int { return cmp.Compare(a.cpuPerRow, b.cpuPerRow) })
		fmt.Fprintf(w, "%s\t%.0f\t%.0f ns\t%.0f–%.0f ns\t%.2f\n", c.name,
			median(rs, func(r result) float64 { return r.rowsPerSecond }), median(rs, cpu),
			sorted[0].cpuPerRow, sorted[len(sorted)-1].cpuPerRow, median(rs, cpu)/base)
	}
	w.Flush()
}

func median(rs []result, of func(result) float64) float64 {
	values := make([]float64, len(rs))
	for i, r := range rs {
		values[i] = of(r)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
