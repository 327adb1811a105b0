package operators_test

import (
	"context"
	"fmt"
	"time"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func ExampleConflate() {
	one := func(time.Duration) int { return 1 }
	count := func(n int, _ time.Duration) int { return n + 1 }
	latencies := rx.From(3*time.Millisecond, 5*time.Millisecond, 4*time.Millisecond)
	total := 0
	for n, err := range op.Conflate(latencies, one, count).All(context.Background()) {
		total += n // 1, 1, 1 or 1, 2 or 3, as slow as this loop is
		if err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(total)
	// Output: 3
}

func ExampleBatch() {
	rows := rx.Range(0, 1000)
	requests, written := 0, 0
	err := op.Batch(rows, 100).ForEach(context.Background(), func(batch []int) error {
		requests++ // while this one is made, the next batch gathers
		written += len(batch)
		return nil
	})
	fmt.Println(written, requests >= 10, err)
	// Output: 1000 true <nil>
}

func ExampleSample() {
	positions := rx.Range(0, 1000) // as they come, far too many to draw
	drawn, err := op.Sample(positions, time.Minute).Collect(context.Background())
	fmt.Println(drawn, err) // the stream ends before the first minute does
	// Output: [999] <nil>
}

func ExampleDebounce() {
	typed := rx.From("c", "ca", "cas", "cass")
	searched, err := op.Debounce(typed, 300*time.Millisecond).Collect(context.Background())
	fmt.Println(searched, err)
	// Output: [cass] <nil>
}

func ExampleThrottleFirst() {
	alarms := rx.From("disk full", "disk full", "disk full")
	sent, err := op.ThrottleFirst(alarms, time.Hour).Collect(context.Background())
	fmt.Println(sent, err)
	// Output: [disk full] <nil>
}

func ExampleThrottleLast() {
	progress := rx.Range(1, 100) // percent
	shown, err := op.ThrottleLast(progress, time.Minute).Collect(context.Background())
	fmt.Println(shown, err)
	// Output: [100] <nil>
}

func ExampleOnOverflow() {
	var missed op.Dropped
	ticks := op.OnOverflow(rx.Range(0, 1000), 10, op.DropOldest, &missed)
	seen := 0
	err := ticks.ForEach(context.Background(), func(int) error {
		seen++ // however slow this is, the source does not wait for it
		return nil
	})
	fmt.Println(seen+int(missed.Count()), err)
	// Output: 1000 <nil>
}
