package source_test

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/source"
)

// tens is a Subscriber that asks for 10 rows at a time.
type tens struct {
	rx.Subscription
	server *cqltest.Server
	rows   int
}

func (s *tens) OnSubscribe(sub rx.Subscription) {
	s.Subscription = sub
	s.Request(10)
}

func (s *tens) OnNext(int) {
	s.rows++
	if s.rows%10 == 0 {
		fmt.Println(s.rows, "rows, pages fetched:", s.server.Pages("lab.counts"))
		s.Request(10)
	}
}

func (s *tens) OnError(err error) { fmt.Println("failed:", err) }
func (s *tens) OnComplete()       { fmt.Println("complete:", s.rows, "rows") }

// Under Subscribe, a query asks the server for a page only when the subscriber has requested a row of it.
func ExampleSelect_Rows_subscribe() {
	server := cqltest.NewServer()
	defer server.Close()
	server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE lab.counts (p int, n int, PRIMARY KEY (p, n))")
	for n := range 45 {
		server.MustExec("INSERT INTO lab.counts (p, n) VALUES (0, ?)", n)
	}
	ctx := context.Background()
	session, err := cql.Connect(ctx, server.Cluster())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer session.Close()

	counts := source.Query[int](session, "SELECT n FROM lab.counts").PageSize(20).Rows()
	err = counts.Subscribe(ctx, &tens{server: server})
	fmt.Println(err)
	// Output:
	// 10 rows, pages fetched: 1
	// 20 rows, pages fetched: 1
	// 30 rows, pages fetched: 2
	// 40 rows, pages fetched: 2
	// complete: 45 rows
	// <nil>
}
