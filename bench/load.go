package main

import (
	"context"

	"github.com/rxcql/rxcql/bench/internal/contest"
	"github.com/rxcql/rxcql/bench/internal/loading"
	"github.com/rxcql/rxcql/bench/internal/outside"
)

// loadJob is about loading a CSV file into an empty table.
func loadJob() job {
	j := job{
		name: "load", title: "Loading a CSV file",
		figures: []contest.Figure{contest.Rate, contest.CPU, contest.Memory},
		prepare: func(ctx context.Context, a *arena) error {
			if err := loading.Write(ctx, a.csv(), a.rows); err != nil {
				return err
			}
			return loading.Create(ctx, a.session)
		},
		before: func(ctx context.Context, a *arena) error { return loading.Truncate(ctx, a.session) },
	}
	check := func(ctx context.Context, a *arena) error { return loading.Check(ctx, a.session, a.rows) }
	for _, l := range loading.Loaders {
		j.contestants = append(j.contestants, contestant{name: l.Name, after: check, inGo: func(ctx context.Context, s settings) (contest.Result, error) {
			config, err := s.config()
			if err != nil {
				return contest.Result{}, err
			}
			stop, err := s.profiled("load " + l.Name)
			if err != nil {
				return contest.Result{}, err
			}
			defer stop()
			return l.Load(ctx, config, s.csv(), s.rows)
		}})
	}
	j.contestants = append(j.contestants, contestant{name: "dsbulk load", needs: inJava, after: check, outside: func(a *arena, o outside.Job) []string {
		return a.java.Load(o, loading.Table, loading.WarmTable, a.csv())
	}})
	return j
}
