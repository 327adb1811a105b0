package operators_test

import (
	"context"
	"fmt"

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
