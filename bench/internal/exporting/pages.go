package exporting

import (
	"context"
	"sync/atomic"

	"github.com/gocql/gocql"
	"golang.org/x/sync/errgroup"

	"github.com/rxcql/rxcql/bench/internal/events"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/source"
)

// openPages is the ceiling: the driver alone fetches the pages of the same ranges, as many at a time, and drops them.
func openPages(ctx context.Context, config *gocql.ClusterConfig, p Plan) (func() (int, error), func(), error) {
	ranges, err := splits(ctx, config, p)
	if err != nil {
		return nil, nil, err
	}
	session, err := config.CreateSession()
	if err != nil {
		return nil, nil, err
	}
	return func() (int, error) {
		var n atomic.Int64
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(p.Parallel)
		for _, r := range ranges {
			g.Go(func() error {
				rows, err := rangePages(ctx, session, r, p.Page)
				n.Add(int64(rows))
				return err
			})
		}
		err := g.Wait()
		return int(n.Load()), err
	}, session.Close, nil
}

func splits(ctx context.Context, config *gocql.ClusterConfig, p Plan) ([]source.Range, error) {
	session, err := cql.Connect(ctx, config)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	return source.Table[*events.Event](session, events.Table).SplitInto(p.Splits).Splits(ctx)
}

func rangePages(ctx context.Context, session *gocql.Session, r source.Range, page int) (n int, err error) {
	const text = "SELECT " + events.Columns + ", token(bucket) FROM " + events.Table + " WHERE token(bucket) > ? AND token(bucket) <= ?"
	for state := []byte(nil); ; {
		iter := session.Query(text, r.Start, r.End).WithContext(ctx).PageSize(page).PageState(state).Iter()
		n += iter.NumRows()
		state = iter.PageState()
		if err := iter.Close(); err != nil || len(state) == 0 {
			return n, err
		}
	}
}
