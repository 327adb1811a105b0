package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/rxcql/rxcql/examples/internal/connect"
	"github.com/rxcql/rxcql/examples/internal/sample"
	"github.com/rxcql/rxcql/internal/cqltext"
)

// settings is what the flags say.
type settings struct {
	cluster   *connect.Cluster
	table     string
	file      string
	dir       string
	replay    string
	format    string
	names     []string // of the columns; nil: all
	null      string
	delimiter string
	quote     string
	escape    string
	noHeader  bool
	lenient   bool
	rejected  bool // the file is one of rejected lines
	ttl       time.Duration
	part      int
	window    int
	rate      float64
	bytes     float64
	maxDead   int64
	rows      int
	resume    bool
}

// parse reads the flags. The settings are nil when only help was wanted, which it prints.
func parse(args []string, out io.Writer) (*settings, error) {
	flags := connect.NewFlags("load",
		"load [flags] keyspace.table file writes the rows of a file, - for the standard input, to a table.")
	s := &settings{cluster: connect.Bind(flags), table: sample.Table}
	flags.StringVar(&s.dir, "dir", "", "`directory` for the position, and for what cannot be read or written; it is made if need be")
	flags.StringVar(&s.replay, "replay", "", "`file` of dead letters to write again, instead of one of rows")
	flags.StringVar(&s.format, "format", "", "`format` of the file: csv or jsonl; if not given, its name tells, or of -rejected what is in it")
	columns := flags.String("columns", "", "`names` in CQL of the columns, separated by commas; empty is all of the table")
	flags.StringVar(&s.null, "null", "", "of CSV: what stands for null, where it is not in quotes")
	flags.StringVar(&s.delimiter, "delimiter", ",", "of CSV: the `character` between values")
	flags.StringVar(&s.quote, "quote", `"`, "of CSV: the `character` that values are put in which have a delimiter or the end of a line")
	flags.StringVar(&s.escape, "escape", "", "of CSV: the `character` that makes a quote inside of quotes one of the value; if not given, a quote; cqlsh writes \\")
	flags.BoolVar(&s.rejected, "rejected", false, "the file is a rejected.jsonl whose records have been corrected; they are loaded")
	flags.DurationVar(&s.ttl, "ttl", 0, "`time` to live of what is written, such as 72h; 0 leaves it to the table")
	flags.BoolVar(&s.noHeader, "no-header", false, "of CSV: the first line is a row; columns are in the order of -columns")
	flags.BoolVar(&s.lenient, "lenient", false, "pass over columns that the table does not have, and leave those alone that are missing")
	flags.IntVar(&s.part, "part", 10_000, "`number` of rows that are acknowledged at a time")
	flags.IntVar(&s.window, "window", 0, "`number` of requests under way; 0 is as many as the servers take well")
	flags.Float64Var(&s.rate, "rate", 0, "`rows` a second at most; 0 is as many as possible")
	flags.Float64Var(&s.bytes, "bytes", 0, "`bytes` of values a second at most; 0 is as many as possible")
	flags.Int64Var(&s.maxDead, "max-dead", 100, "`number` of lines and rows together, also of earlier runs of the job, that may be no good; -1 is any number")
	flags.IntVar(&s.rows, "rows", 20_000, "`number` of rows to make up for the server inside the process")
	flags.BoolVar(&s.resume, "resume", false, "go on with the job that is in the directory")

	if help, err := connect.Parse(flags, args, out); help || err != nil {
		return nil, err
	}
	switch {
	case !mark(s.delimiter) || s.delimiter == s.quote:
		return nil, fmt.Errorf("-delimiter: %q is not one character of ASCII that may be there", s.delimiter)
	case !mark(s.quote):
		return nil, fmt.Errorf("-quote: %q is not one character of ASCII that may be there", s.quote)
	case s.escape != "" && !mark(s.escape) || s.escape == s.delimiter:
		return nil, fmt.Errorf("-escape: %q is not one character of ASCII that may be there", s.escape)
	case s.ttl < 0:
		return nil, fmt.Errorf("-ttl: %v; it must not be negative", s.ttl)
	case s.part < 1:
		return nil, fmt.Errorf("-part: %d rows; there must be at least 1", s.part)
	case s.maxDead < -1:
		return nil, errors.New("-max-dead: there cannot be fewer than none; -1 is any number")
	case s.resume && (s.dir == "" || s.replay != ""):
		return nil, errors.New("-resume goes on with a file by what is in -dir, and does not go with -replay")
	case s.noHeader && *columns == "":
		return nil, errors.New("-no-header needs -columns, which says what is in a line")
	}
	if *columns != "" {
		s.names = strings.Split(*columns, ",")
	}
	return s, s.name(flags.Args())
}

// mark tells whether a text may be a delimiter, a quote or an escape.
func mark(s string) bool { return len(s) == 1 && cqltext.CheckMark(s[0]) == nil }

// name finds the table and the file.
func (s *settings) name(args []string) error {
	want := 2
	if s.replay != "" {
		want = 1
	}
	switch {
	case len(args) == want:
		s.table = args[0]
		if want == 2 {
			s.file = args[1]
		}
	case len(args) > 0 || s.cluster.Named():
		return errors.New("name one table, as keyspace.table, and one file, - for the standard input; only a table with -replay; -h lists the flags")
	case s.replay == "":
		s.format = "jsonl" // is made up
	}
	if s.format == "" && s.rejected {
		var err error
		if s.format, err = s.formatOfRejects(); err != nil {
			return err
		}
	}
	if s.format == "" && s.replay == "" {
		name := strings.TrimSuffix(strings.TrimSuffix(s.file, ".gz"), ".zst")
		switch {
		case strings.HasSuffix(name, ".csv"):
			s.format = "csv"
		case strings.HasSuffix(name, ".jsonl"), strings.HasSuffix(name, ".ndjson"), strings.HasSuffix(name, ".json"):
			s.format = "jsonl"
		}
	}
	if s.format != "csv" && s.format != "jsonl" && s.replay == "" {
		return fmt.Errorf("-format is missing: csv or jsonl, for the name of %s does not tell", s.file)
	}
	return nil
}

// formatOfRejects tells by the first of them what rejected records are: those of CSV have its header, unless there was none,
// which -no-header says.
func (s *settings) formatOfRejects() (string, error) {
	file, err := os.Open(s.file)
	if err != nil {
		return "", err
	}
	defer file.Close()
	var first struct {
		Header json.RawMessage `json:"header"`
		Record json.RawMessage `json:"record"`
	}
	switch err := json.NewDecoder(file).Decode(&first); {
	case err == io.EOF: // which is no row of either
	case err != nil || first.Record == nil:
		return "", fmt.Errorf("%s is no file of rejected records: -rejected reads what load has put into its -dir as rejected.jsonl", s.file)
	case first.Header != nil || s.noHeader:
		return "csv", nil
	}
	return "jsonl", nil
}
