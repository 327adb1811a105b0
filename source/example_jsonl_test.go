package source_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/rxcql/rxcql/source"
)

// Lines that are no rows are told with their place, and here left out.
func ExampleJSONL() {
	type Measure struct {
		Sensor  int     `json:"sensor"`
		Celsius float64 `json:"celsius"`
	}
	input := source.Reader("measures.jsonl", strings.NewReader(`{"sensor": 1, "celsius": 20.5}
{"sensor": 2, "celsius": "hot"}
{"sensor": 3, "celsius": 31}
`))
	measures := source.JSONL[Measure](input).OnError(func(_ context.Context, e *source.TextError) error {
		fmt.Println(e)
		return nil
	})
	for m, err := range measures.Rows().All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.Sensor, m.Celsius)
	}
	// Output:
	// 1 20.5
	// source: measures.jsonl:2:30: column "celsius": a JSON string does not fit a Go float64
	// 3 31
}

// A job that may be stopped keeps where it got to.
func ExampleLines_From() {
	input := func() source.Opener { return source.Reader("numbers.jsonl", strings.NewReader("1\n2\n3\n4\n")) }
	numbers := source.JSONL[int](input())
	var done source.Position
	for r, err := range numbers.Records().All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		done = r.End
		if r.Row == 2 {
			break
		}
	}
	fmt.Println("stopped behind line", done.Line)
	rest, err := source.JSONL[int](input()).From(done).Rows().Collect(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(rest)
	// Output:
	// stopped behind line 2
	// [3 4]
}
