package source_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rxcql/rxcql/source"
)

func ExampleSelect_BindMap() {
	_, session, done := laboratory()
	defer done()

	values := source.Query[float64](session, "SELECT value FROM lab.readings WHERE sensor = :sensor AND at >= :since").
		BindMap(map[string]any{"sensor": 1, "since": time.UnixMilli(60_000)})
	fmt.Println(values.Rows().Collect(context.Background()))
	// Output: [11 12] <nil>
}

func ExampleSelect_BindStruct() {
	_, session, done := laboratory()
	defer done()

	type Span struct {
		Since time.Time
		End   time.Time `cql:"before"`
	}
	type Filter struct {
		Sensor int
		Span
	}
	filter := Filter{Sensor: 1, Span: Span{time.UnixMilli(0), time.UnixMilli(120_000)}}
	values := source.Query[float64](session, "SELECT value FROM lab.readings WHERE sensor = :sensor AND at >= :since AND at < :before").
		BindStruct(filter)
	fmt.Println(values.Rows().Collect(context.Background()))
	// Output: [10 11] <nil>
}

// A name that was mistyped is found before anything is sent.
func ExampleBindError() {
	server, session, done := laboratory()
	defer done()

	_, err := source.Query[float64](session, "SELECT value FROM lab.readings WHERE sensor = :sensor").
		BindMap(map[string]any{"senser": 1}).Rows().Collect(context.Background())
	var wrong *source.BindError
	if errors.As(err, &wrong) {
		fmt.Println(wrong.Marker)
		fmt.Println(wrong.Err)
	}
	fmt.Println(server.Pages("lab.readings"))
	// Output:
	// sensor
	// no value is given for it; there are values for :senser
	// 0
}
