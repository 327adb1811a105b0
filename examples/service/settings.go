package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/rxcql/rxcql/examples/internal/connect"
	"github.com/rxcql/rxcql/examples/internal/sample"
	"github.com/rxcql/rxcql/source"
)

// settings is what the flags say.
type settings struct {
	cluster       *connect.Cluster
	listen        string
	table         string // as it was given
	keys          source.Keys
	streams       int
	notice, grace time.Duration
	rows          int
}

// parse reads the flags. The settings are nil if it was only asked for help.
func parse(args []string, out io.Writer) (*settings, error) {
	flags := connect.NewFlags("service",
		"service [flags] serves a table of orders over HTTP. Without -hosts, from a server inside the process.")
	s := &settings{cluster: connect.Bind(flags)}
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8080", "`address` to listen on; only this machine can reach the default")
	flags.StringVar(&s.table, "table", sample.Table, "`table` with the columns customer, number, at, item and cents, by customer and number")
	secret := flags.String("secret-file", "", "`file` with 32 random bytes or more that cursors are signed with; without it they end with the process")
	flags.IntVar(&s.streams, "streams", 1000, "`number` of streams at a time")
	flags.DurationVar(&s.notice, "notice", time.Second, "`time` to go on after /readyz says that it is not ready, so that nobody is sent here any more")
	flags.DurationVar(&s.grace, "grace", 20*time.Second, "`time` in which what is under way may end")
	flags.IntVar(&s.rows, "rows", 200_000, "`number` of rows in the table of the server inside the process")
	if help, err := connect.Parse(flags, args, out); help || err != nil {
		return nil, err
	}
	switch {
	case flags.NArg() > 0:
		return nil, fmt.Errorf("%q is no flag; -h lists them", flags.Arg(0))
	case s.streams <= 0 || s.notice < 0 || s.grace < 0:
		return nil, errors.New("-streams must be positive, -notice and -grace not negative")
	}
	var err error
	s.keys, err = keys(*secret)
	return s, err
}

// keys reads the secret for cursors, or makes one up.
func keys(path string) (source.Keys, error) {
	secret := make([]byte, 32)
	if path == "" {
		rand.Read(secret) // never fails
		return source.NewKeys(secret)
	}
	secret, err := os.ReadFile(path)
	if err != nil {
		return source.Keys{}, fmt.Errorf("-secret-file: %w", err)
	}
	k, err := source.NewKeys(secret)
	if err != nil {
		return source.Keys{}, fmt.Errorf("-secret-file: %w", err)
	}
	return k, nil
}
