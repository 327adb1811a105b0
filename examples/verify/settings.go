package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rxcql/rxcql/examples/internal/connect"
)

// settings is what the flags say.
type settings struct {
	first, second *connect.Cluster // the same if there is one only
	tables        [2]string
	columns       []string // nil: all
	splits        int
	rows          int
	all           bool
}

// parse reads the flags, those of the other cluster behind --. The settings are nil when only help was wanted.
func parse(args []string, out io.Writer) (*settings, error) {
	flags := connect.NewFlags("verify",
		"verify [flags] table table, or verify [flags] table -- [flags of the other cluster] table, compares two tables.")
	s := &settings{first: connect.Bind(flags)}
	columns := flags.String("columns", "", "`names` in CQL of the columns to compare, separated by commas; empty is all of the first table")
	flags.IntVar(&s.splits, "splits", 256, "`number` of ranges, about")
	flags.BoolVar(&s.all, "all", false, "list the ranges that are the same, too")
	flags.IntVar(&s.rows, "rows", 50_000, "`number` of rows in the tables of the server inside the process")

	var others []string
	behind := slices.Index(args, "--")
	if behind >= 0 {
		args, others = args[:behind], args[behind+1:]
	}
	if help, err := connect.Parse(flags, args, out); help || err != nil {
		return nil, err
	}
	if s.splits < 1 {
		return nil, fmt.Errorf("-splits: %d ranges; there must be at least 1", s.splits)
	}
	tables := slices.Clone(flags.Args())
	s.second = s.first
	if behind >= 0 {
		flags := connect.NewFlags("verify --", "")
		s.second = connect.Bind(flags)
		if err := flags.Parse(others); err != nil {
			return nil, fmt.Errorf("behind --: %w; -h lists the flags, of which those of the cluster may be there", err)
		}
		if !s.first.Named() || !s.second.Named() {
			return nil, errors.New("to compare two clusters, -hosts must be given before and behind --")
		}
		tables = append(tables, flags.Args()...)
	}
	switch {
	case len(tables) == 0 && !s.first.Named():
		s.tables = [2]string{original, copied}
	case len(tables) == 2:
		s.tables = [2]string(tables)
	default:
		return nil, errors.New("name two tables, as keyspace.table; -h tells where")
	}
	if *columns != "" {
		s.columns = strings.Split(*columns, ",")
	}
	return s, nil
}
