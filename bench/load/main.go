package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/bench/internal/contest"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cassandra"
)

// names are the contestants; the first is what the others are compared with.
var names = []string{"gocql, tuned by hand", "gocql, simple", "rxcql"}

type settings struct {
	hosts   string
	rows    int
	rounds  int
	batches int
	profile string
	file    string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var s settings
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	flags.StringVar(&s.hosts, "hosts", os.Getenv("RXCQL_CASSANDRA_HOSTS"), "contact points, host:port, separated by commas; if there are none, a Cassandra is brought up")
	flags.IntVar(&s.rows, "rows", 1_000_000, "rows in the file")
	flags.IntVar(&s.rounds, "rounds", 5, "rounds that count; in each, every contestant runs once")
	flags.IntVar(&s.batches, "batches", 8, "batches that the tuned contestant has under way")
	flags.StringVar(&s.profile, "profile", "", "directory for a CPU profile of each contestant's last run; it is made if need be")
	flags.StringVar(&s.file, "file", "", "file of -rows rows that was made before; if there is none, one is made")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if name := contest.Contestant(); name != "" {
		return s.contestant(ctx, name, out)
	}
	return s.contest(ctx, args, out)
}

// contest makes the file and the table, and has all contestants load it.
func (s settings) contest(ctx context.Context, args []string, out io.Writer) error {
	if s.hosts == "" {
		fmt.Fprintln(out, "bringing up a Cassandra …")
		nodes, err := cassandra.Start(ctx, cassandra.Options{})
		if err != nil {
			return err
		}
		defer nodes.Stop()
		s.hosts = strings.Join(nodes.Hosts(), ",")
	}
	if s.file == "" {
		dir, err := os.MkdirTemp("", "rxcql-load-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		s.file = filepath.Join(dir, "readings.csv")
		if err := write(ctx, s.file, s.rows); err != nil {
			return err
		}
	}
	session, err := cql.Connect(ctx, s.config())
	if err != nil {
		return err
	}
	defer session.Close()
	if err := create(ctx, session); err != nil {
		return err
	}
	results, err := contest.Rounds(s.rounds, names, func(name string) (contest.Result, error) {
		if err := truncate(ctx, session); err != nil {
			return contest.Result{}, err
		}
		r, err := contest.Process(ctx, name, append(args, "-hosts", s.hosts, "-file", s.file)...)
		if err != nil {
			return r, err
		}
		fmt.Fprintf(out, "%-20s  %v\n", name, r)
		return r, check(ctx, session, s.rows)
	})
	if err != nil {
		return err
	}
	return results.Print(out, names...)
}

// contestant runs one of them in this process.
func (s settings) contestant(ctx context.Context, name string, out io.Writer) (err error) {
	load := map[string]func() (int, error){
		"rxcql":                func() (int, error) { return byRxcql(ctx, s.config(), s.file) },
		"gocql, simple":        func() (int, error) { return bySimple(ctx, s.config(), s.file) },
		"gocql, tuned by hand": func() (int, error) { return byTuned(ctx, s.config(), s.file, s.batches) },
	}[name]
	if load == nil {
		return fmt.Errorf("there is no contestant %q", name)
	}
	if s.profile != "" {
		if err := os.MkdirAll(s.profile, 0o700); err != nil {
			return err
		}
		f, err := os.Create(filepath.Join(s.profile, strings.NewReplacer(",", "", " ", "-").Replace(name)+".prof"))
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	r, err := contest.Measure(s.rows, load)
	if err != nil {
		return err
	}
	return contest.Tell(out, r)
}

// config is that of each contestant, before it changes it: gocql's own, but patient with a server that has much to do.
func (s settings) config() *gocql.ClusterConfig {
	hosts := strings.Split(s.hosts, ",")
	config := gocql.NewCluster(hosts...)
	config.Timeout, config.ConnectTimeout = time.Minute, time.Minute
	config.RetryPolicy = patience{&gocql.ExponentialBackoffRetryPolicy{NumRetries: 10, Min: 100 * time.Millisecond, Max: 10 * time.Second}}
	if _, port, err := net.SplitHostPort(hosts[0]); err == nil { // for the hosts that the driver discovers
		if n, err := strconv.Atoi(port); err == nil {
			config.Port = n
		}
	}
	return config
}

// patience tries again on the same host: gocql's policies go on to the next one, which a single node does not have. rxcql
// has its own.
type patience struct {
	*gocql.ExponentialBackoffRetryPolicy
}

func (patience) GetRetryType(error) gocql.RetryType { return gocql.Retry }
