package source_test

import (
	"context"
	"fmt"
	"log"

	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/source"
)

// A cursor for callers that are trusted: the paging state itself.
func ExampleSelect_Page() {
	_, session, done := laboratory()
	defer done()
	ctx := context.Background()

	values := source.Query[float64](session, "SELECT value FROM lab.readings WHERE sensor = 1").PageSize(2)
	first, err := values.Page(ctx)
	fmt.Println(first.Rows, err)
	second, err := values.From(first.State).Page(ctx)
	fmt.Println(second.Rows, err, len(second.State))
	// Output:
	// [10 11] <nil>
	// [12] <nil> 0
}

// Cassandra cannot page over partitions that it has to sort into each other.
func ExampleSelect_Unpaged() {
	_, session, done := laboratory()
	defer done()
	ctx := context.Background()

	latest := source.Query[float64](session, "SELECT value FROM lab.readings WHERE sensor IN (0, 1) ORDER BY at DESC LIMIT 3")
	_, err := latest.PageSize(2).Rows().Collect(ctx)
	fmt.Println(err != nil)
	fmt.Println(latest.Unpaged().Rows().Collect(ctx))
	// Output:
	// true
	// [2 12 1] <nil>
}

// What comes with a page besides its rows.
func ExampleSelect_Tracing() {
	server, session, done := laboratory()
	defer done()
	server.Inject(cqltest.Fault{
		Warnings: []string{"Read 3 live rows and 1001 tombstone cells"}, Payload: map[string][]byte{"cost": []byte("7")},
	})

	page, err := source.Query[float64](session, "SELECT value FROM lab.readings WHERE sensor = 1").
		Tracing(true).Payload(map[string][]byte{"proxy-execute": []byte("ann")}).Page(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(page.Warnings)
	fmt.Println(len(page.TraceID), len(page.Host) > 0)
	fmt.Printf("%s\n", page.Payload)
	// Output:
	// [Read 3 live rows and 1001 tombstone cells]
	// 36 true
	// map[cost:7]
}
