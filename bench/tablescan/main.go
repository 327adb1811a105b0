package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql"
)

type settings struct {
	hosts    string
	rows     int
	parallel int
	splits   int
	pageSize int
	rounds   int
	run      string
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
	flag.StringVar(&s.run, "run", "", "run one contestant in this process and print its result as JSON: csv or pages")
	flag.Parse()
	if err := s.main(context.Background()); err != nil {
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
	if s.run != "" {
		r, err := s.measure(ctx, config, session)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	if err := load(ctx, session, s.rows); err != nil {
		return err
	}
	names := []string{"csv", "pages"}
	results := map[string][]result{}
	for range s.rounds {
		for _, name := range names {
			r, err := s.process(ctx, name)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			fmt.Printf("%-6s %8.0f rows/s  %6.0f ns CPU/row  %5.0f MiB peak\n", name, r.RowsPerSecond, r.CPUPerRow, r.PeakMiB)
			results[name] = append(results[name], r)
		}
		slices.Reverse(names)
	}
	slices.Sort(names)
	fmt.Println("medians:")
	for _, name := range names {
		of := func(f func(result) float64) float64 { return median(results[name], f) }
		fmt.Printf("%-6s %8.0f rows/s  %6.0f ns CPU/row  %5.0f MiB peak\n", name,
			of(func(r result) float64 { return r.RowsPerSecond }), of(func(r result) float64 { return r.CPUPerRow }),
			of(func(r result) float64 { return r.PeakMiB }))
	}
	return nil
}

// result is one run.
type result struct{ RowsPerSecond, CPUPerRow, PeakMiB float64 }

// process runs one contestant in a process of its own.
func (s settings) process(ctx context.Context, name string) (result, error) {
	self, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	run := exec.CommandContext(ctx, self, append(slices.Clone(os.Args[1:]), "-run", name)...)
	run.Stderr = os.Stderr
	out, err := run.Output()
	if err != nil {
		return result{}, err
	}
	var r result
	return r, json.Unmarshal(out, &r)
}

func (s settings) measure(ctx context.Context, config *gocql.ClusterConfig, session *cql.Session) (result, error) {
	read := map[string]func() (int, error){
		"csv":   func() (int, error) { return s.toCSV(ctx, session) },
		"pages": func() (int, error) { return s.pagesOnly(ctx, config, session) },
	}[s.run]
	if read == nil {
		return result{}, fmt.Errorf("there is no contestant %q", s.run)
	}
	before, start := usage(), time.Now()
	n, err := read()
	took, after := time.Since(start), usage()
	if err == nil && n != s.rows {
		err = fmt.Errorf("%d rows came instead of %d", n, s.rows)
	}
	cpu := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
	return result{float64(n) / took.Seconds(), float64(cpu) / float64(n), float64(after.Maxrss) / 1024}, err
}

func usage() syscall.Rusage {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		log.Fatal(err)
	}
	return u
}

func median(rs []result, of func(result) float64) float64 {
	values := make([]float64, len(rs))
	for i, r := range rs {
		values[i] = of(r)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
