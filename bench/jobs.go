package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/bench/internal/cluster"
	"github.com/rxcql/rxcql/bench/internal/contest"
	"github.com/rxcql/rxcql/bench/internal/outside"
	"github.com/rxcql/rxcql/bench/internal/reading"
	"github.com/rxcql/rxcql/bench/internal/report"
	"github.com/rxcql/rxcql/cql"
)

// job is what a contest is about.
type job struct {
	name, title string
	figures     []contest.Figure
	contestants []contestant
	prepare     func(ctx context.Context, a *arena) error // once
	before      func(ctx context.Context, a *arena) error // each run
	alone       func(ctx context.Context, a *arena) error // instead of all that
}

// contestant runs in a process of this program, or as another one.
type contestant struct {
	name    string
	inGo    func(ctx context.Context, s settings) (contest.Result, error)
	outside func(a *arena, o outside.Job) []string    // the command line
	needs   string                                    // what has to be installed for that
	after   func(ctx context.Context, a *arena) error // checks what came of it, if there is anything to check
}

// arena is what all jobs share.
type arena struct {
	settings
	log     io.Writer
	session *cql.Session
	dc      string

	java        outside.Java
	python      outside.Python
	unavailable contest.Failures // of what contestants need; nil for what is there
}

// config is that of a client, before it changes it.
func (s settings) config() (*gocql.ClusterConfig, error) { return cluster.Config(s.hosts) }

// run has all contestants do the job, and reports.
func (j job) run(ctx context.Context, a *arena) error {
	if j.alone != nil {
		return j.alone(ctx, a)
	}
	fmt.Fprintf(a.log, "\n## %s\n\n", j.title)
	var names, others []string
	missing := make(contest.Failures)
	for _, c := range j.contestants {
		if !a.chosen(c.name) {
			others = append(others, c.name)
			continue
		}
		if err := a.install(ctx, c.needs); err != nil {
			missing[c.name] = err
		}
		names = append(names, c.name)
	}
	if len(names) == 0 {
		return nil
	}
	if err := j.prepare(ctx, a); err != nil {
		return err
	}
	present := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return missing[name] != nil })
	results, failures, err := contest.Rounds(ctx, a.rounds, present, func(name string) (contest.Result, error) {
		r, err := j.one(ctx, a, name)
		if err != nil {
			fmt.Fprintf(a.log, "%-26s  FAILED: %v\n", name, err)
		} else {
			fmt.Fprintf(a.log, "%-26s  %v\n", name, r)
		}
		return r, err
	})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(j.figures, func(f contest.Figure) bool { return f.Name == contest.Pages.Name }) {
		a.countPages(ctx, j, results, failures)
	}
	all := report.Report{Title: j.title, Names: names, Figures: j.figures, Results: results, Failures: missing, NotRun: others}
	for name, err := range failures {
		all.Failures[name] = err
	}
	if err := a.write(j.name, all); err != nil {
		return err
	}
	if len(failures) > 0 {
		return fmt.Errorf("%s: %d contestants failed, see above", j.name, len(failures))
	}
	return nil
}

// one has a contestant do the job once.
func (j job) one(ctx context.Context, a *arena, name string) (contest.Result, error) {
	if err := j.before(ctx, a); err != nil {
		return contest.Result{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	r, err := j.process(ctx, a, name, a.args, outside.Job{Hosts: a.hosts, DC: a.dc, Query: reading.Query, Page: a.page, Warmup: a.warmup})
	if err == nil && r.Rows != a.rows {
		err = fmt.Errorf("%s: %d rows came through instead of %d", name, r.Rows, a.rows)
	}
	if after := j.contestant(name).after; err == nil && after != nil {
		err = after(ctx, a)
	}
	return r, err
}

func (j job) contestant(name string) contestant {
	return j.contestants[slices.IndexFunc(j.contestants, func(c contestant) bool { return c.name == name })]
}

// process runs a contestant as it is to be run.
func (j job) process(ctx context.Context, a *arena, name string, args []string, o outside.Job) (contest.Result, error) {
	c := j.contestant(name)
	if c.inGo != nil {
		return contest.Process(ctx, j.name+"/"+name, args...)
	}
	command := c.outside(a, o)
	return contest.Command(ctx, name, command[0], command[1:]...)
}

func (s settings) chosen(name string) bool {
	return s.only == "" || slices.ContainsFunc(strings.Split(s.only, ","), func(part string) bool {
		return strings.Contains(strings.ToLower(name), strings.ToLower(strings.TrimSpace(part)))
	})
}

// install sees that something is there, once.
func (a *arena) install(ctx context.Context, what string) error {
	err, known := a.unavailable[what]
	if known || what == "" {
		return err
	}
	fmt.Fprintf(a.log, "building what runs in %s …\n", what)
	switch what {
	case inJava:
		a.java, err = outside.BuildJava(ctx, "java")
	case inPython:
		a.python, err = outside.InstallPython(ctx, "python")
	}
	a.unavailable[what] = err
	return err
}

const (
	inJava   = "Java"
	inPython = "Python"
)

func (s settings) csv() string { return filepath.Join(s.work, "readings.csv") }

func nothing(context.Context, *arena) error { return nil }

var jobs = map[string]job{"read": readJob(), "export": exportJob(), "load": loadJob(), "operators": {name: "operators", alone: runOperators}}
