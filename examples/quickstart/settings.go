package main

import (
	"fmt"
	"io"
	"regexp"

	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/examples/internal/connect"
)

// settings is what the flags say.
type settings struct {
	cluster     *connect.Cluster
	keyspace    string
	replication int
	sensors     int
	rate        rate.Limit // batches a second
}

// keyspaceName is what may be put into a statement without quotes.
var keyspaceName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,47}$`)

// parse reads the flags. The settings are nil when only help was wanted, which it prints.
func parse(args []string, out io.Writer) (*settings, error) {
	flags := connect.NewFlags("quickstart",
		"Streams a table through operators into a sink. Without -hosts, on a server inside the process.")
	s := &settings{cluster: connect.Bind(flags)}
	flags.StringVar(&s.keyspace, "keyspace", "rxcql_quickstart", "`name` of the keyspace to work in; it is made if need be")
	flags.IntVar(&s.replication, "rf", 1, "replication `factor` of a keyspace that is made")
	rows := flags.Int("rows", 200_000, "`number` of rows in the table, rounded up to a full thousand")
	perSecond := flags.Float64("rate", 20, "`batches` a second at most; 0 is as many as possible")

	if help, err := connect.Parse(flags, args, out); help || err != nil {
		return nil, err
	}
	switch {
	case flags.NArg() > 0:
		return nil, fmt.Errorf("there is nothing to do with %q; -h lists the flags", flags.Arg(0))
	case !keyspaceName.MatchString(s.keyspace):
		return nil, fmt.Errorf("-keyspace: %q is not a name in lower case of at most 48 letters, digits and _", s.keyspace)
	case s.replication < 1:
		return nil, fmt.Errorf("-rf: %d replicas; there must be at least 1", s.replication)
	case *rows < 1 || *rows > 1_000_000_000:
		return nil, fmt.Errorf("-rows: %d is not between 1 and a thousand million", *rows)
	case !(*perSecond >= 0):
		return nil, fmt.Errorf("-rate: %v batches a second; it must not be negative", *perSecond)
	}
	s.sensors = (*rows + perSensor - 1) / perSensor
	s.rate = rate.Limit(*perSecond)
	if *perSecond == 0 {
		s.rate = rate.Inf
	}
	return s, nil
}
