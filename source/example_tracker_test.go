package source_test

import (
	"context"
	"fmt"
	"log"
	"sync"
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
