package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rxcql/rxcql/bench/internal/contest"
	"github.com/rxcql/rxcql/bench/internal/events"
	"github.com/rxcql/rxcql/bench/internal/frames"
	"github.com/rxcql/rxcql/bench/internal/outside"
	"github.com/rxcql/rxcql/bench/internal/reading"
)

// readJob is about reading a whole table by one query.
func readJob() job {
	j := job{
		name: "read", title: "Reading a table: query → map → filter → buffer(500) → count",
		figures: []contest.Figure{contest.Rate, contest.CPU, contest.Memory, contest.FirstRow, contest.Pages},
		prepare: func(ctx context.Context, a *arena) error { return a.fill(ctx) },
		before:  nothing,
	}
	for _, r := range reading.Readers {
		j.contestants = append(j.contestants, contestant{name: r.Name, inGo: func(ctx context.Context, s settings) (contest.Result, error) {
			config, err := s.config()
			if err != nil {
				return contest.Result{}, err
			}
			config.WriteCoalesceWaitTime = 0 // requests are written at once, as rxcql has it
			if s.ten {
				return contest.Result{}, r.Ten(ctx, config, s.page, func() { time.Sleep(500 * time.Millisecond) })
			}
			return r.Read(ctx, config, s.page, s.rows, func() (func(), error) { return s.profiled("read " + r.Name) })
		}})
	}
	j.contestants = append(j.contestants,
		contestant{name: "Java driver → Reactor", needs: inJava, outside: func(a *arena, o outside.Job) []string {
			return a.java.Run("reactor", "ReactorReader", o)
		}},
		contestant{name: "Pekko connectors", needs: inJava, outside: func(a *arena, o outside.Job) []string {
			return a.java.Run("pekko", "PekkoReader", o)
		}},
		contestant{name: "Python driver", needs: inPython, outside: func(a *arena, o outside.Job) []string { return a.python.Run(o) }},
	)
	return j
}

// fill makes the table that is read.
func (a *arena) fill(ctx context.Context) error { return events.Fill(ctx, a.session, a.rows) }

// countPages has each contestant ask for ten rows through what counts the pages asked for.
func (a *arena) countPages(ctx context.Context, j job, results contest.Results, failures contest.Failures) {
	for _, name := range slices.Sorted(maps.Keys(results)) {
		pages, err := a.pagesForTen(ctx, j, name)
		if err != nil {
			fmt.Fprintf(a.log, "%-26s  FAILED to ask for ten rows: %v\n", name, err)
			failures[name] = err
			continue
		}
		for i := range results[name] {
			results[name][i].Pages = pages
		}
	}
}

func (a *arena) pagesForTen(ctx context.Context, j job, name string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	host, _, _ := strings.Cut(a.hosts, ",")
	counter, err := frames.Count(ctx, host, events.Table)
	if err != nil {
		return 0, err
	}
	defer counter.Close()
	args := append(a.args[:len(a.args):len(a.args)], "-hosts", counter.Addr(), "-ten")
	o := outside.Job{Hosts: counter.Addr(), DC: a.dc, Query: reading.Query, Page: a.page, Ten: true}
	if _, err := j.process(ctx, a, name, args, o); err != nil {
		return 0, err
	}
	return counter.Asked()
}
