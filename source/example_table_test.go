package source_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/rxcql/rxcql/source"
)

// A whole table, read in parallel: rows come in no order, at the pace of the loop.
func ExampleTable() {
	_, session, done := laboratory()
	defer done()
	warmest := 0.0
	for r, err := range source.Table[Reading](session, "lab.readings").Rows().All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		warmest = max(warmest, r.Value)
	}
	fmt.Println(warmest)
	// Output: 12
}

// Only the columns that T has fields for are read; WRITETIME and TTL of a column are columns, too.
func ExampleTable_columns() {
	_, session, done := laboratory()
	defer done()
	type stamped struct {
		Sensor  int
		Written int64 `cql:"writetime(value)"`
	}
	rows, err := source.Table[stamped](session, "lab.readings").Where("value >= ?", 10.0).Rows().Collect(context.Background())
	fmt.Println(len(rows), rows[0].Written > 0, err)
	// Output: 3 true <nil>
}

// Each is for jobs: pages are dealt with several at a time, and a page whose function returned nil is done with.
func ExampleScan_Each() {
	_, session, done := laboratory()
	defer done()
	err := source.Table[source.Row](session, "lab.readings").SplitInto(1).PageSize(2).
		Each(context.Background(), 1, func(_ context.Context, p source.TablePage[source.Row]) error {
			fmt.Println(len(p.Rows), "rows, the last page of its range:", p.Last)
			return nil
		})
	fmt.Println(err)
	// Output:
	// 2 rows, the last page of its range: false
	// 2 rows, the last page of its range: false
	// 2 rows, the last page of its range: true
	// <nil>
}

// Ranges can be handed to workers elsewhere. What is left of a range behind a page is a range, too.
func ExampleScan_Ranges() {
	_, session, done := laboratory()
	defer done()
	ctx := context.Background()
	table := source.Table[Reading](session, "lab.readings")
	ranges, err := table.SplitInto(32).Splits(ctx)
	if err != nil {
		log.Fatal(err)
	}
	var counts []int
	for _, r := range ranges {
		message, _ := json.Marshal(r) // to a worker

		var mine source.Range
		_ = json.Unmarshal(message, &mine)
		rows, err := table.Ranges(mine).Rows().Collect(ctx)
		if err != nil {
			log.Fatal(err)
		}
		if len(rows) > 0 {
			counts = append(counts, len(rows))
		}
	}
	fmt.Println(counts)
	// Output: [3 3]
}

func ExampleScan_Count() {
	_, session, done := laboratory()
	defer done()
	fmt.Println(source.Table[Reading](session, "lab.readings").Where("value >= ?", 2.0).Count(context.Background()))
	// Output: 4 <nil>
}
