package source_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/source"
)

// Alarm is an item to be joined with lab.readings.
type Alarm struct {
	Sensor, Minute int
}

func (a Alarm) at() time.Time { return time.UnixMilli(int64(a.Minute) * 60_000) }

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

// Keys of the same partition can be looked up with one request, by IN on the last clustering column. Here they come
// sorted by sensor, so that most of a batch is of one.
func ExampleLookup_batched() {
	_, session, done := laboratory()
	defer done()
	ctx := context.Background()

	alarms := rx.From(Alarm{0, 0}, Alarm{0, 2}, Alarm{0, 9}, Alarm{1, 1})
	find := func(ctx context.Context, asked []Alarm) (map[Alarm]Reading, error) {
		times := map[int][]time.Time{} // by sensor
		for _, a := range asked {
			times[a.Sensor] = append(times[a.Sensor], a.at())
		}
		found := map[Alarm]Reading{}
		for sensor, at := range times {
			rows := source.Query[Reading](session, "SELECT sensor, at, value, note FROM lab.readings WHERE sensor = ? AND at IN ?", sensor, at).Rows()
			err := rows.ForEach(ctx, func(r Reading) error {
				found[Alarm{sensor, int(r.At.Unix() / 60)}] = r
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
		return found, nil
	}
	itself := func(a Alarm) Alarm { return a }
	joined := operators.LookupJoin(alarms, 4, operators.Limit{Count: 100}, itself, find)
	for j, err := range joined.All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(j.Item, j.Found, j.Value.Value)
	}
	// Output:
	// {0 0} true 0
	// {0 2} true 2
	// {0 9} false 0
	// {1 1} true 11
}
