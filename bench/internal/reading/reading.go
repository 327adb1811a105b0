// Package reading has the contestants in Go that read a whole table: each doubles the value of every row, keeps those that
// are not negative, puts them together by 500, and counts what comes through. Each is written as its library's
// documentation does it, in a file of its own.
package reading

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/bench/internal/contest"
	"github.com/rxcql/rxcql/bench/internal/events"
)

// Query is what all of them ask.
const Query = "SELECT " + events.Columns + " FROM " + events.Table

const (
	group     = 500
	firstRows = 21 // times that the first row is waited for
)

// Reader reads the table in one way.
type Reader struct {
	Name string
	open func(ctx context.Context, config *gocql.ClusterConfig, page int) (reader, error)
}

// reader is a Reader with a session.
type reader struct {
	all   func(ctx context.Context) (int, error)
	take  func(ctx context.Context, n int, seen func()) error // n rows, of which seen is called at the last one
	close func()
}

// Readers are all of them; the first is what the others are compared with.
var Readers = []Reader{
	{"gocql Scan", overGocql(scan, takeScan)},
	{"gocql Scan, arguments made once", overGocql(scanOnce, takeScan)},
	{"gocql MapScan", overGocql(mapScan, takeMapScan)},
	{"gocql pages, not decoded", overGocql(pagesOnly, nil)},
	{"gocql → rxgo", overGocql(rxgoAll, rxgoTake)},
	{"gocql → samber/ro", overGocql(roAll, roTake)},
	{"gocql → rill", overGocql(rillAll, rillTake)},
	{"gocql → go-streams", overGocql(goStreamsAll, goStreamsTake)},
	{"rxcql rows", overRxcql(false, values)},
	{"rxcql pointers", overRxcql(false, pointers)},
	{"rxcql rows, pages by default", overRxcql(true, values)},
}

// Read reads the whole table, and tells what it took and how long a first row takes, as the median of some queries. What
// opens and ends a profile, if it is not nil, is called around the reading.
func (r Reader) Read(ctx context.Context, config *gocql.ClusterConfig, page, rows int, profile func() (stop func(), err error)) (contest.Result, error) {
	reader, err := r.open(ctx, config, page)
	if err != nil {
		return contest.Result{}, err
	}
	defer reader.close()
	stop, err := profile()
	if err != nil {
		return contest.Result{}, err
	}
	result, err := contest.Measure(rows, func() (int, error) { return reader.all(ctx) })
	stop()
	if err != nil || reader.take == nil {
		return result, err
	}
	took := make([]float64, firstRows)
	for i := range took {
		start := time.Now()
		if err := reader.take(ctx, 1, func() { took[i] = 1000 * time.Since(start).Seconds() }); err != nil {
			return result, err
		}
		if took[i] == 0 {
			return result, fmt.Errorf("no first row came")
		}
	}
	slices.Sort(took)
	result.FirstRowMs = took[firstRows/2]
	return result, nil
}

// Ten asks for ten rows, calls seen when they are there, and leaves the others.
func (r Reader) Ten(ctx context.Context, config *gocql.ClusterConfig, page int, seen func()) error {
	reader, err := r.open(ctx, config, page)
	if err != nil {
		return err
	}
	defer reader.close()
	if reader.take == nil {
		return nil
	}
	return reader.take(ctx, 10, seen)
}
