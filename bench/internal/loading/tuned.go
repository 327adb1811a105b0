package loading

import (
	"context"
	"encoding/csv"
	"io"
	"os"
	"sync/atomic"

	"github.com/gocql/gocql"
	"golang.org/x/sync/errgroup"
)

const batches = 8 // that the tuned program has under way

func openTuned(_ context.Context, config *gocql.ClusterConfig) (func(context.Context, string) (int, error), func(), error) {
	config.WriteCoalesceWaitTime = 0
	config.Consistency = gocql.LocalQuorum
	config.PoolConfig.HostSelectionPolicy = gocql.TokenAwareHostPolicy(gocql.RoundRobinHostPolicy())
	session, err := config.CreateSession()
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context, file string) (int, error) { return byTuned(ctx, session, file) }, session.Close, nil
}

// byTuned is what one arrives at who knows Cassandra, gocql and the file: rows of one partition, which are one after the
// other in it, go together in unlogged batches of a hundred, several at a time, to a replica, and each is written to the
// connection without waiting for others to join it.
func byTuned(ctx context.Context, session *gocql.Session, file string) (int, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()

	var n atomic.Int64
	partitions := make(chan []reading, batches)
	g, ctx := errgroup.WithContext(ctx)
	for range batches {
		g.Go(func() error {
			for rows := range partitions {
				batch := session.NewBatch(gocql.UnloggedBatch).WithContext(ctx)
				batch.Entries = make([]gocql.BatchEntry, 0, len(rows))
				for i := range rows {
					r := &rows[i]
					batch.Query(insert, r.Sensor, r.At, r.Value, r.Label, r.ID, r.Valid, r.Hits)
				}
				if err := session.ExecuteBatch(batch); err != nil {
					return err
				}
				n.Add(int64(len(rows)))
			}
			return nil
		})
	}
	g.Go(func() error {
		defer close(partitions)
		return readPartitions(f, func(rows []reading) bool {
			select {
			case partitions <- rows:
				return true
			case <-ctx.Done():
				return false
			}
		})
	})
	err = g.Wait()
	return int(n.Load()), err
}

// readPartitions gives the rows of one partition after the other, at most a hundred at a time.
func readPartitions(f io.Reader, yield func([]reading) bool) error {
	text := csv.NewReader(f)
	text.ReuseRecord = true
	if _, err := text.Read(); err != nil { // the header
		return err
	}
	rows := make([]reading, 0, perPartition)
	for {
		record, err := text.Read()
		if err == io.EOF {
			if len(rows) > 0 {
				yield(rows)
			}
			return nil
		}
		if err != nil {
			return err
		}
		r, err := parse(record)
		if err != nil {
			return err
		}
		if len(rows) == perPartition || len(rows) > 0 && rows[0].Sensor != r.Sensor {
			if !yield(rows) {
				return nil
			}
			rows = make([]reading, 0, perPartition)
		}
		rows = append(rows, r)
	}
}
