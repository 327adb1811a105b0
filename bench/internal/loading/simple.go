package loading

import (
	"context"
	"encoding/csv"
	"io"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gocql/gocql"
	"golang.org/x/sync/errgroup"
)

const writers = 16

func openSimple(_ context.Context, config *gocql.ClusterConfig) (func(context.Context, string) (int, error), func(), error) {
	session, err := config.CreateSession()
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context, file string) (int, error) { return bySimple(ctx, session, file) }, session.Close, nil
}

// bySimple is what one writes first: 16 goroutines, each of which inserts one row after the other.
func bySimple(ctx context.Context, session *gocql.Session, file string) (int, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	text := csv.NewReader(f)
	if _, err := text.Read(); err != nil { // the header
		return 0, err
	}

	var n atomic.Int64
	records := make(chan []string, writers)
	g, ctx := errgroup.WithContext(ctx)
	for range writers {
		g.Go(func() error {
			for record := range records {
				r, err := parse(record)
				if err != nil {
					return err
				}
				if err := session.Query(insert, r.Sensor, r.At, r.Value, r.Label, r.ID, r.Valid, r.Hits).WithContext(ctx).Exec(); err != nil {
					return err
				}
				n.Add(1)
			}
			return nil
		})
	}
	g.Go(func() error {
		defer close(records)
		for {
			record, err := text.Read()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			select {
			case records <- record:
			case <-ctx.Done():
				return nil
			}
		}
	})
	err = g.Wait()
	return int(n.Load()), err
}

// parse reads the fields of a record.
func parse(record []string) (r reading, err error) {
	if r.Sensor, err = strconv.Atoi(record[0]); err != nil {
		return r, err
	}
	if r.At, err = time.Parse("2006-01-02 15:04:05.000-0700", record[1]); err != nil {
		return r, err
	}
	if r.Value, err = strconv.ParseFloat(record[2], 64); err != nil {
		return r, err
	}
	r.Label = record[3]
	if r.ID, err = gocql.ParseUUID(record[4]); err != nil {
		return r, err
	}
	if r.Valid, err = strconv.ParseBool(record[5]); err != nil {
		return r, err
	}
	r.Hits, err = strconv.ParseInt(record[6], 10, 64)
	return r, err
}
