package main

import (
	"context"
	"os"

	"github.com/rxcql/rxcql/bench/internal/contest"
	"github.com/rxcql/rxcql/bench/internal/events"
	"github.com/rxcql/rxcql/bench/internal/exporting"
	"github.com/rxcql/rxcql/bench/internal/outside"
)

// exportJob is about writing a whole table to a file.
func exportJob() job {
	j := job{
		name: "export", title: "Exporting a table to a file",
		figures: []contest.Figure{contest.Rate, contest.CPU, contest.Memory},
		prepare: func(ctx context.Context, a *arena) error { return a.fill(ctx) },
		before: func(_ context.Context, a *arena) error {
			if err := os.RemoveAll(a.plan().Dir); err != nil {
				return err
			}
			return os.MkdirAll(a.plan().Dir, 0o700)
		},
	}
	check := func(_ context.Context, a *arena) error { return exporting.Check(a.plan().Dir, a.rows) }
	unload := func(name string, settings func(a *arena) []string) {
		j.contestants = append(j.contestants, contestant{name: name, needs: inJava, after: check, outside: func(a *arena, o outside.Job) []string {
			return a.java.Unload(o, events.Table, a.plan().Dir, settings(a)...)
		}})
	}
	unload("dsbulk unload", func(a *arena) []string { return outside.OneFile(a.splits, a.parallel, a.page) })
	unload("dsbulk unload, as it comes", func(*arena) []string { return nil })
	for _, e := range exporting.Exporters {
		after := check
		if !e.Writes {
			after = nil
		}
		j.contestants = append(j.contestants, contestant{name: e.Name, after: after, inGo: func(ctx context.Context, s settings) (contest.Result, error) {
			config, err := s.config()
			if err != nil {
				return contest.Result{}, err
			}
			config.WriteCoalesceWaitTime = 0
			return e.Export(ctx, config, s.plan(), s.rows, func() (func(), error) { return s.profiled("export " + e.Name) })
		}})
	}
	return j
}
