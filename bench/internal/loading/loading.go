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
	open opening
}

// opening connects, and gives what loads a file.
type opening func(ctx context.Context, config *gocql.ClusterConfig) (load func(ctx context.Context, file string) (int, error), disconnect func(), err error)

// Loaders are all of them; the first is what the others are compared with.
var Loaders = []Loader{
	{"gocql, tuned by hand", openTuned},
	{"gocql, simple", openSimple},
	{"rxcql", openRxcql},
}

// Load loads the file, which has that many rows, and tells what it took once a session was there.
func (l Loader) Load(ctx context.Context, config *gocql.ClusterConfig, file string, rows int) (contest.Result, error) {
	load, disconnect, err := l.open(ctx, config)
	if err != nil {
		return contest.Result{}, err
	}
	defer disconnect()
	return contest.Measure(rows, func() (int, error) { return load(ctx, file) })
}
