package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/rxcql/rxcql/examples/internal/connect"
	"github.com/rxcql/rxcql/examples/internal/sample"
)

// settings is what the flags say.
type settings struct {
	cluster  *connect.Cluster
	flags    *flag.FlagSet
	table    string
	to       string
	format   string
	where    string
	columns  []string // nil: all
	parallel int
	pageSize int
	rate     float64
	rows     int
	single   bool
	resume   bool
	dryRun   bool
}

// parse reads the flags. The settings are nil when only help was wanted, which it prints.
func parse(args []string, out io.Writer) (*settings, error) {
	flags := connect.NewFlags("export",
		"export [flags] keyspace.table writes a table to files. Without -hosts, from a server inside the process.")
	s := &settings{cluster: connect.Bind(flags), flags: flags, table: sample.Table}
	flags.StringVar(&s.to, "to", "", "`directory` to write to; it is made if need be")
	flags.StringVar(&s.format, "format", "jsonl", "`format` of the files: jsonl or csv")
	flags.StringVar(&s.where, "where", "", "`condition` in CQL of the rows to export; the servers check every row")
	columns := flags.String("columns", "", "`names` in CQL of the columns, separated by commas, also writetime(name) and ttl(name); empty is all")
	flags.IntVar(&s.parallel, "parallel", 0, "`number` of ranges to read at a time; 0 is two for each node")
	flags.IntVar(&s.pageSize, "page-size", 0, "`number` of rows in a page; 0 is as many as make about 1 MiB")
	flags.Float64Var(&s.rate, "rate", 0, "`rows` a second at most; 0 is as many as possible")
	flags.IntVar(&s.rows, "rows", 200_000, "`number` of rows in the table of the server inside the process")
	flags.BoolVar(&s.single, "single", false, "also join the files of the ranges to one at the end")
	flags.BoolVar(&s.resume, "resume", false, "go on with the export that is in the directory")
	flags.BoolVar(&s.dryRun, "dry-run", false, "tell what would be read, and read nothing")

	if help, err := connect.Parse(flags, args, out); help || err != nil {
		return nil, err
	}
	switch {
	case flags.NArg() > 1 || flags.NArg() == 0 && s.cluster.Named():
		return nil, errors.New("name one table, as keyspace.table; -h lists the flags")
	case s.to == "" && !s.dryRun:
		return nil, errors.New("-to is missing: the directory to write to")
	case s.format != "jsonl" && s.format != "csv":
		return nil, fmt.Errorf("-format: %q is neither jsonl nor csv", s.format)
	}
	if flags.NArg() == 1 {
		s.table = flags.Arg(0)
	}
	if *columns != "" {
		s.columns = strings.Split(*columns, ",")
	}
	return s, nil
}

// prepare makes the directory, and sees to it that nothing that is there is mixed with something else.
func (s *settings) prepare() error {
	if err := os.MkdirAll(s.to, 0o700); err != nil {
		return err
	}
	_, err := os.Stat(filepath.Join(s.to, "checkpoint"))
	switch begun := err == nil; {
	case begun && !s.resume:
		return fmt.Errorf("%s has an export already: add -resume to go on with it, or choose another directory", s.to)
	case !begun && s.resume:
		return fmt.Errorf("%s has no export to go on with: %w", s.to, err)
	}
	return nil
}

// again is the command that goes on, without a password.
func (s *settings) again() string {
	command := "export -resume"
	s.flags.Visit(func(f *flag.Flag) {
		if f.Name != "resume" && f.Name != "password" {
			command += " " + quote("-"+f.Name+"="+f.Value.String())
		}
	})
	return command + " " + quote(s.table)
}

// quote writes an argument as a shell reads it.
func quote(arg string) string {
	if strings.ContainsAny(arg, " \t\n'\"$`\\&|;<>()*?[]#~!{}") {
		return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	return arg
}
