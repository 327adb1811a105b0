package operators_test

import (
	"context"
	"fmt"
	"time"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func ExampleKillable() {
	stop := op.NewKillSwitch()
	ids := op.Killable(rx.Range(1, 1_000_000), stop)
	batches := op.Buffer(ids, 2)
	err := batches.ForEach(context.Background(), func(batch []int) error {
		fmt.Println(batch)
		if batch[0] == 3 {
			stop.Shutdown() // from wherever it is known that it is time
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// [1 2]
	// [3 4]
	// <nil>
}

func ExampleKillSwitch_Abort() {
	stop := op.NewKillSwitch()
	stop.Abort(fmt.Errorf("the disk is full"))
	_, err := op.Killable(rx.Range(1, 10), stop).Collect(context.Background())
	fmt.Println(err)
	// Output: the disk is full
}

func ExampleBroadcast() {
	readings := rx.From(20, 21, 25, 19)
	var highest, count int
	err := op.Broadcast(context.Background(), readings,
		func(ctx context.Context, src rx.Observable[int]) error { // the highest
			return src.ForEach(ctx, func(v int) error { highest = max(highest, v); return nil })
		},
		func(ctx context.Context, src rx.Observable[int]) error { // how many are below 21
			return op.Filter(src, func(v int) bool { return v < 21 }).ForEach(ctx, func(int) error { count++; return nil })
		},
	)
	fmt.Println(highest, count, err)
	// Output: 25 2 <nil>
}

// One of the sinks is a live view, which must not hold up the archive.
func ExampleBroadcast_policies() {
	var archived, shown int
	var missed op.Dropped
	archive := func(ctx context.Context, src rx.Observable[int]) error {
		return src.ForEach(ctx, func(int) error { archived++; return nil })
	}
	show := func(ctx context.Context, src rx.Observable[int]) error {
		latest := op.OnOverflow(src, 1, op.Latest, &missed)
		return latest.ForEach(ctx, func(int) error { shown++; return nil })
	}
	err := op.Broadcast(context.Background(), rx.Range(0, 1000), archive, show)
	fmt.Println(archived, shown+int(missed.Count()), err)
	// Output: 1000 1000 <nil>
}

func ExampleHub() {
	ctx := context.Background()
	changes := op.NewHub[int]()
	fed := make(chan error)
	go func() { // by the program, once
		err := changes.Await(ctx, 1) // what is fed before somebody is there is lost
		if err == nil {
			err = changes.Feed(ctx, rx.Interval(time.Millisecond))
		}
		fed <- err
	}()

	var missed op.Dropped
	watch := changes.Stream(100, op.DropOldest, &missed) // by each request
	seen, err := op.Take(watch, 3).Collect(ctx)
	fmt.Println(seen, err)

	changes.Close(nil)
	fmt.Println(<-fed)
	// Output:
	// [0 1 2] <nil>
	// operators: the hub is closed
}
