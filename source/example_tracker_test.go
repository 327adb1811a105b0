package source_test

import (
	"context"
	"fmt"
	"log"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/source"
)

func ExampleTracker() {
	_, session, done := laboratory()
	defer done()

	var tracker source.Tracker
	var watcher sync.WaitGroup
	watcher.Go(func() {
		err := tracker.Watch(time.Minute).ForEach(context.Background(), func(p source.Progress) error {
			fmt.Println(p.Done == p.Ranges, p.Share, p.Rows, p.Ended)
			return nil
		})
		if err != nil {
			log.Print(err)
		}
	})
	if _, err := source.Table[Reading](session, "lab.readings").Track(&tracker).Count(context.Background()); err != nil {
		log.Fatal(err)
	}
	watcher.Wait()
	// Output: true 1 6 true
}

// A job that deals with pages, 4 at a time, and says every second how far it has got.
func ExampleTracker_Watch() {
	_, session, done := laboratory()
	defer done()
	ctx := context.Background()

	var tracker source.Tracker
	var watcher sync.WaitGroup
	watcher.Go(func() {
		for p, err := range tracker.Watch(time.Second).All(ctx) {
			if err != nil {
				log.Print(err)
				return
			}
			log.Print(p) // such as: 42.0%, 27 of 64 ranges, 420000 rows, 35000 rows/s, 17s left
		}
	})
	var rows atomic.Int64
	job := source.Table[Reading](session, "lab.readings").Track(&tracker)
	err := job.Each(ctx, 4, func(_ context.Context, p source.TablePage[Reading]) error {
		rows.Add(int64(len(p.Rows)))
		return nil
	})
	watcher.Wait() // the watch ends with the run
	fmt.Println(rows.Load(), err, tracker.Progress().Ended)
	// Output: 6 <nil> true
}

// The limiter may be changed while the scan runs; a limit of 0 is a pause.
func ExampleScan_Throttle() {
	_, session, done := laboratory()
	defer done()

	limiter := rate.NewLimiter(1000, 100) // rows a second, and how many may come at once after a pause
	readings := source.Table[Reading](session, "lab.readings").PageSize(1).Throttle(limiter)
	n := 0
	err := readings.Rows().ForEach(context.Background(), func(Reading) error {
		if n++; n == 3 {
			limiter.SetLimit(0)
			time.AfterFunc(10*time.Millisecond, func() { limiter.SetLimit(rate.Inf) })
		}
		return nil
	})
	fmt.Println(n, err)
	// Output: 6 <nil>
}
