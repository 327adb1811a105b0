package cql_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
)

// shop is a server with a table of two columns, and a session to it.
func shop() (*cqltest.Server, *cql.Session) {
	server := cqltest.NewServer()
	server.MustExec("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE shop.items (k int PRIMARY KEY, v int)")
	session, err := cql.Connect(context.Background(), server.Cluster())
	if err != nil {
		log.Fatal(err)
	}
	return server, session
}

var insert = cql.Statement{CQL: "INSERT INTO shop.items (k, v) VALUES (?, ?)", Args: []any{1, 2}}

func ExampleConnect() {
	server, session := shop()
	defer server.Close()
	defer session.Close()

	fmt.Println(session.Execute(context.Background(), insert))
	// Output: <nil>
}

// After Shutdown or Close, operations get ErrClosed.
func ExampleSession_Shutdown() {
	server, session := shop()
	defer server.Close()
	ctx := context.Background()

	fmt.Println(session.Shutdown(ctx))
	fmt.Println(errors.Is(session.Execute(ctx, insert), cql.ErrClosed))
	// Output:
	// <nil>
	// true
}

// A job under Work is let through to its end, though the session is shutting down.
func ExampleSession_Work() {
	server, session := shop()
	defer server.Close()

	shut := make(chan error)
	err := session.Work(context.Background(), func(ctx context.Context) error {
		go func() { shut <- session.Shutdown(context.Background()) }()
		for range 3 {
			if err := session.Execute(ctx, insert); err != nil {
				return err
			}
		}
		return nil
	})
	fmt.Println(err, <-shut)
	// Output: <nil> <nil>
}

func ExampleClass() {
	server, session := shop()
	defer server.Close()
	defer session.Close()
	server.Inject(cqltest.Fault{Err: cqltest.Unavailable(2, 1)})

	err := session.Execute(context.Background(), insert)
	fmt.Println(errors.Is(err, cql.Unavailable), cql.ClassOf(err).Retryable(true))
	// Output: true true
}
