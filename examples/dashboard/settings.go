package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/rxcql/rxcql/examples/internal/connect"
	"github.com/rxcql/rxcql/examples/internal/sample"
)

// settings is what the flags say.
type settings struct {
	cluster  *connect.Cluster
	from, to string // tables
	http     string
	names    string
	rate     float64
	rows     int
	stay     bool
}

// parse reads the flags. The settings are nil if it was only asked for help.
func parse(args []string, out io.Writer) (*settings, error) {
	flags := connect.NewFlags("dashboard",
		"dashboard [flags] copies a table of orders to one of receipts, with a page that shows how that goes. Without -hosts, on a server inside the process.")
	s := &settings{cluster: connect.Bind(flags)}
	flags.StringVar(&s.from, "from", sample.Table, "`table` to read, with the columns customer, number, at, item and cents")
	flags.StringVar(&s.to, "to", receipts, "`table` to write, with the columns customer, number, at, cents and tax")
	flags.StringVar(&s.http, "http", "127.0.0.1:8090", "`address` of the page and of /metrics; port 0 is for any. One that other machines can reach needs -http-names")
	flags.StringVar(&s.names, "http-names", "", "`names` or IP addresses, with commas between them, by which other machines may ask for the page")
	flags.Float64Var(&s.rate, "rate", 2000, "`rows` that are written a second; 0 is for no limit")
	flags.IntVar(&s.rows, "rows", 200_000, "`number` of rows in the table of the server inside the process")
	flags.BoolVar(&s.stay, "stay", true, "keep the page when the job is done, until ^C")
	if help, err := connect.Parse(flags, args, out); help || err != nil {
		return nil, err
	}
	switch {
	case flags.NArg() > 0:
		return nil, fmt.Errorf("%q is no flag; -h lists them", flags.Arg(0))
	case s.rate < 0 || s.rows < 0:
		return nil, errors.New("-rate and -rows must not be negative")
	}
	return s, nil
}
