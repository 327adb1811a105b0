package source_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/source"
)

// Alarm is an item to be joined with lab.readings.
type Alarm struct {
	Sensor, Minute int
}

func (a Alarm) at() time.Time { return time.UnixMilli(int64(a.Minute) * 60_000) }

// Alarms of the same sensor that wait at the same time are looked up with one request.
func ExampleLookup() {
	_, session, done := laboratory()
	defer done()
	ctx := context.Background()

	alarms := rx.From(Alarm{1, 2}, Alarm{7, 0}, Alarm{0, 1})
	query := source.Query[Reading](session, "SELECT sensor, at, value, note FROM lab.readings WHERE sensor = ? AND at = ?")
	joined := source.Lookup(alarms, 16, query, func(a Alarm) []any { return []any{a.Sensor, a.at()} })
	for j, err := range joined.All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(j.Item, j.Found, j.Value.Value)
	}
	// Output:
	// {1 2} true 12
	// {7 0} false 0
	// {0 1} true 1
}
