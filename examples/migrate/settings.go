package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/rxcql/rxcql/examples/internal/connect"
	"github.com/rxcql/rxcql/internal/files"
)

// settings is what the flags say.
type settings struct {
	from, to *connect.Cluster // the same if there is one only
	tables   [2]string
	state    string
	passing  bool // state is of this run only
	lock     *files.Lock
	began    time.Time // the first run of the job
	where    string
	columns  []string // nil: all
	rename   *renaming
	renames  string
	times    bool
	parallel int
	pageSize int
	pages    int
	window   int
	rate     float64
	maxDead  int64
	rows     int
	resume   bool
	dryRun   bool
}

// parse reads the flags, those of the other cluster behind --. The settings are nil when only help was wanted.
func parse(args []string, out io.Writer) (*settings, error) {
	flags := connect.NewFlags("migrate",
		"migrate [flags] table table, or migrate [flags] table -- [flags of the other cluster] table, copies a table.")
	s := &settings{from: connect.Bind(flags), began: time.Now()}
	flags.StringVar(&s.state, "state", "", "`directory` for the checkpoint and the dead letters; it is made if need be")
	flags.StringVar(&s.where, "where", "", "`condition` in CQL of the rows to copy; the servers check every row")
	columns := flags.String("columns", "", "`names` in CQL of the columns, separated by commas; empty is all")
	flags.StringVar(&s.renames, "rename", "", "columns that have other `names` in the table that is written: old=new,old=new")
	flags.BoolVar(&s.times, "times", false, "keep the WRITETIME and the TTL of each column")
	flags.IntVar(&s.parallel, "parallel", 0, "`number` of ranges to read at a time; 0 is two for each node")
	flags.IntVar(&s.pageSize, "page-size", 0, "`number` of rows in a page; 0 is as many as make about 1 MiB")
	flags.IntVar(&s.pages, "pages", 4, "`number` of pages to write at a time")
	flags.IntVar(&s.window, "window", 0, "`number` of requests under way; 0 is as many as the servers take well")
	flags.Float64Var(&s.rate, "rate", 0, "`rows` a second at most; 0 is as many as possible")
	flags.Int64Var(&s.maxDead, "max-dead", 100, "`number` of rows that may go to the dead letters in one run; -1 is any number")
	flags.IntVar(&s.rows, "rows", 20_000, "`number` of rows in the table of the server inside the process")
	flags.BoolVar(&s.resume, "resume", false, "go on with the job that is in the directory")
	flags.BoolVar(&s.dryRun, "dry-run", false, "find what does not fit, tell what would be read, and copy nothing")

	var others []string
	behind := slices.Index(args, "--")
	if behind >= 0 {
		args, others = args[:behind], args[behind+1:]
	}
	if help, err := connect.Parse(flags, args, out); help || err != nil {
		return nil, err
	}
	if s.pages < 1 {
		return nil, fmt.Errorf("-pages: %d pages; there must be at least 1", s.pages)
	}
	if err := s.name(slices.Clone(flags.Args()), others, behind >= 0); err != nil {
		return nil, err
	}
	if s.state == "" && !s.dryRun && s.from.Named() {
		return nil, errors.New("-state is missing: the directory for the checkpoint and the dead letters")
	}
	if *columns != "" {
		s.columns = strings.Split(*columns, ",")
	}
	var err error
	s.rename, err = parseRenaming(s.renames)
	return s, err
}

// name finds the tables, and the cluster of the one that is written.
func (s *settings) name(tables, others []string, behind bool) error {
	s.to = s.from
	if behind {
		flags := connect.NewFlags("migrate --", "")
		s.to = connect.Bind(flags)
		if err := flags.Parse(others); err != nil {
			return fmt.Errorf("behind --: %w; -h lists the flags, of which those of the cluster may be there", err)
		}
		if !s.from.Named() || !s.to.Named() {
			return errors.New("to copy to another cluster, -hosts must be given before and behind --")
		}
		tables = append(tables, flags.Args()...)
	}
	switch {
	case len(tables) == 0 && !s.from.Named():
		s.tables = [2]string{original, copied}
	case len(tables) == 2:
		s.tables = [2]string(tables)
	default:
		return errors.New("name two tables, as keyspace.table; -h tells where")
	}
	return nil
}
