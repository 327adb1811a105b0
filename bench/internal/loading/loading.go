// Package loading has the contestants in Go that load a CSV file into an empty table, and the file: rows of seven columns,
// a hundred of each partition one after the other.
package loading

import (
	"context"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/bench/internal/contest"
)

// Loader loads the file in one way.
type Loader struct {
	Name string
	load func(ctx context.Context, config *gocql.ClusterConfig, file string) (int, error)
}

// Loaders are all of them; the first is what the others are compared with.
var Loaders = []Loader{
	{"gocql, tuned by hand", byTuned},
	{"gocql, simple", bySimple},
	{"rxcql", byRxcql},
}

// Load loads the file, which has that many rows, and tells what it took.
func (l Loader) Load(ctx context.Context, config *gocql.ClusterConfig, file string, rows int) (contest.Result, error) {
	return contest.Measure(rows, func() (int, error) { return l.load(ctx, config, file) })
}
