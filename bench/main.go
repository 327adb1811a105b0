package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"syscall"

	"github.com/rxcql/rxcql/bench/internal/contest"
	"github.com/rxcql/rxcql/bench/internal/exporting"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cassandra"
	"github.com/rxcql/rxcql/source"
)

// settings are what the command line says.
type settings struct {
	hosts    string
	rows     int
	rounds   int
	jobs     string
	only     string
	warmup   float64
	page     int
	parallel int
	splits   int
	profile  string
	out      string
	doc      string

	// For the processes of the contestants.
	ten  bool
	work string // the directory for files

	args []string // as they were given
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	s := settings{args: args}
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	flags.StringVar(&s.hosts, "hosts", os.Getenv("RXCQL_CASSANDRA_HOSTS"), "contact points, host:port, separated by commas; if there are none, a Cassandra is brought up")
	flags.IntVar(&s.rows, "rows", 1_000_000, "rows in the table and in the file")
	flags.IntVar(&s.rounds, "rounds", 5, "rounds that count; in each, every contestant runs once")
	flags.StringVar(&s.jobs, "jobs", "read,export,load,operators", "what to do, separated by commas")
	flags.StringVar(&s.only, "only", "", "contestants whose names have one of these in them, separated by commas; all if empty")
	flags.Float64Var(&s.warmup, "warmup", 5, "seconds for which a JVM does the same before it is measured; at least once")
	flags.IntVar(&s.page, "page", 5000, "rows in a page")
	flags.IntVar(&s.parallel, "parallel", 8, "ranges at a time, in an export")
	flags.IntVar(&s.splits, "splits", 64, "ranges in all, in an export")
	flags.StringVar(&s.profile, "profile", "", "directory for a CPU profile of the last run of each contestant in Go; it is made if need be")
	flags.StringVar(&s.out, "out", "", "directory for tables and plots; it is made if need be (default results, or docs/benchmarks beside -doc)")
	flags.StringVar(&s.doc, "doc", "", "a document, such as ../BENCHMARKS.md, into which the tables go, with the plots that are in -out")
	flags.BoolVar(&s.ten, "ten", false, "for the program itself: have a contestant ask for ten rows")
	flags.StringVar(&s.work, "work", "", "for the program itself: the directory for files")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || s.rows < 10 || s.rounds < 1 || s.page < 1 || s.parallel < 1 || s.splits < 1 {
		return fmt.Errorf("want flags, of which -rows is at least 10 and other numbers are at least 1; there is %q", flags.Args())
	}
	if s.out == "" && s.doc == "" {
		s.out = "results"
	} else if s.out == "" {
		s.out = filepath.Join(filepath.Dir(s.doc), "docs", "benchmarks")
	}
	if name := contest.Contestant(); name != "" {
		return s.play(ctx, name, out)
	}
	return s.contests(ctx, out)
}

// contests brings up what all need, and does one job after the other.
func (s settings) contests(ctx context.Context, out io.Writer) error {
	var chosen []job
	needsCassandra := false
	for _, name := range strings.Split(s.jobs, ",") {
		j, known := jobs[name]
		if !known {
			return fmt.Errorf("there is no job %q; want some of read, export, load and operators", name)
		}
		chosen = append(chosen, j)
		needsCassandra = needsCassandra || j.contestants != nil
	}
	if err := os.MkdirAll(s.out, 0o755); err != nil {
		return err
	}
	a := arena{settings: s, log: out, unavailable: make(contest.Failures)}
	var err error
	if a.work, err = os.MkdirTemp("", "rxcql-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(a.work)
	if needsCassandra {
		stop, err := a.open(ctx)
		if err != nil {
			return err
		}
		defer stop()
	}
	fmt.Fprintln(out, machine())
	var failed []error
	for _, j := range chosen {
		failed = append(failed, j.run(ctx, &a))
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failed...)
}

// open connects to the cluster, after bringing one up if none was named.
func (a *arena) open(ctx context.Context) (stop func(), err error) {
	down := func() {}
	if a.hosts == "" {
		fmt.Fprintln(a.log, "bringing up a Cassandra …")
		nodes, err := cassandra.Start(ctx, cassandra.Options{})
		if err != nil {
			return nil, err
		}
		down = nodes.Stop
		a.hosts = strings.Join(nodes.Hosts(), ",")
	}
	config, err := a.config()
	if err == nil {
		a.session, err = cql.Connect(ctx, config)
	}
	if err != nil {
		down()
		return nil, err
	}
	if a.dc, err = source.Query[string](a.session, "SELECT data_center FROM system.local").Rows().First(ctx); err != nil {
		a.session.Close()
		down()
		return nil, err
	}
	a.args = append(a.args[:len(a.args):len(a.args)], "-hosts", a.hosts, "-work", a.work)
	return func() { a.session.Close(); down() }, nil
}

// play runs one contestant in this process.
func (s settings) play(ctx context.Context, name string, out io.Writer) error {
	jobName, name, _ := strings.Cut(name, "/")
	for _, c := range jobs[jobName].contestants {
		if c.name == name && c.inGo != nil {
			r, err := c.inGo(ctx, s)
			if err != nil {
				return err
			}
			return contest.Tell(out, r)
		}
	}
	return fmt.Errorf("there is no contestant %q for the job %q", name, jobName)
}

// profiled begins a CPU profile, if there is to be one.
func (s settings) profiled(name string) (stop func(), err error) {
	if s.profile == "" {
		return func() {}, nil
	}
	if err := os.MkdirAll(s.profile, 0o700); err != nil {
		return nil, err
	}
	f, err := os.Create(filepath.Join(s.profile, fileName(name)+".prof"))
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		f.Close()
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); f.Close() }, nil
}

// fileName is a name without what is awkward in a file's.
func fileName(name string) string {
	return strings.Trim(strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-"), "-")
}

func (s settings) plan() exporting.Plan {
	return exporting.Plan{Parallel: s.parallel, Splits: s.splits, Page: s.page, Dir: filepath.Join(s.work, "export")}
}
