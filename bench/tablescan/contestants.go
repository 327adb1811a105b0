package main

import (
	"context"
	"encoding/csv"
	"errors"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/bench/internal/events"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/source"
)

func (s settings) scan(session *cql.Session) source.Scan[*events.Event] {
	return source.Table[*events.Event](session, events.Table).Parallel(s.parallel).SplitInto(s.splits).PageSize(s.pageSize)
}

// toCSV writes every row into a file.
func (s settings) toCSV(ctx context.Context, session *cql.Session) (n int, err error) {
	f, err := os.Create(s.out)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := csv.NewWriter(f)
	line := make([]string, 7)
	err = s.scan(session).Rows().ForEach(ctx, func(e *events.Event) error {
		n++
		line[0], line[1] = strconv.Itoa(e.Bucket), strconv.Itoa(e.ID)
		line[2] = e.TS.UTC().Format(time.RFC3339Nano)
		line[3], line[4] = e.Kind, strconv.FormatFloat(e.Value, 'g', -1, 64)
		line[5], line[6] = e.Ref.String(), e.Payload
		return w.Write(line)
	})
	w.Flush()
	return n, errors.Join(err, w.Error())
}

// pagesOnly is the ceiling: the driver alone fetches the pages of the same ranges, as many at a time, and drops them.
func (s settings) pagesOnly(ctx context.Context, config *gocql.ClusterConfig, session *cql.Session) (int, error) {
	ranges, err := s.scan(session).Splits(ctx)
	if err != nil {
		return 0, err
	}
	driver, err := config.CreateSession()
	if err != nil {
		return 0, err
	}
	defer driver.Close()
	var (
		workers sync.WaitGroup
		next, n atomic.Int64
		failure atomic.Pointer[error]
	)
	for range s.parallel {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(ranges)) && failure.Load() == nil; i = next.Add(1) - 1 {
				rows, err := s.rangePages(ctx, driver, ranges[i])
				if n.Add(int64(rows)); err != nil {
					failure.Store(&err)
				}
			}
		})
	}
	workers.Wait()
	if err := failure.Load(); err != nil {
		return 0, *err
	}
	return int(n.Load()), nil
}

func (s settings) rangePages(ctx context.Context, driver *gocql.Session, r source.Range) (n int, err error) {
	const text = "SELECT " + events.Columns + ", token(bucket) FROM " + events.Table + " WHERE token(bucket) > ? AND token(bucket) <= ?"
	for state := []byte(nil); ; {
		iter := driver.Query(text, r.Start, r.End).WithContext(ctx).PageSize(s.pageSize).PageState(state).Consistency(gocql.LocalQuorum).Iter()
		n += iter.NumRows()
		state = iter.PageState()
		if err := iter.Close(); err != nil || len(state) == 0 {
			return n, err
		}
	}
}
