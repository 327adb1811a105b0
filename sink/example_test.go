package sink_test

import (
	"context"
	"fmt"
	"log"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
)

func ExampleInsert() {
	server := cqltest.NewServer()
	defer server.Close()
	server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE lab.squares (n int PRIMARY KEY, square int)")
	ctx := context.Background()
	session, err := cql.Connect(ctx, server.Cluster())
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()

	type Square struct{ N, Square int }
	squares := operators.Map(rx.Range(1, 100), func(n int) Square { return Square{n, n * n} })
	report, err := sink.Insert[Square](session, "lab.squares").Window(8).Write(ctx, squares)
	fmt.Println(report.Written, err)
	// Output: 100 <nil>
}

func ExampleForEach() {
	show := sink.ForEach(func(_ context.Context, n int) error {
		fmt.Println(n)
		return nil
	})
	fmt.Println(show(context.Background(), rx.From(1, 2)))
	// Output:
	// 1
	// 2
	// <nil>
}

func ExampleSlice() {
	var numbers []int
	err := sink.Slice(&numbers)(context.Background(), rx.From(1, 2, 3))
	fmt.Println(numbers, err)
	// Output: [1 2 3] <nil>
}
