package cql_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/rxcql/rxcql/cql"
)

func ExampleSession_Table() {
	server, session := shop()
	defer server.Close()
	defer session.Close()
	ctx := context.Background()

	items, err := session.Table(ctx, "shop.items")
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range items.Columns {
		fmt.Println(c.Name, c.Type, c.Kind == cql.PartitionKey)
	}
	_, err = session.Table(ctx, "shop.orders")
	fmt.Println(errors.Is(err, cql.ErrUndefined))
	// Output:
	// k int true
	// v int false
	// true
}

func ExampleSession_Keyspace() {
	server, session := shop()
	defer server.Close()
	defer session.Close()

	replication, err := session.Keyspace(context.Background(), "shop")
	fmt.Println(replication["replication_factor"], err)
	// Output: 1 <nil>
}

func ExampleQuote() {
	fmt.Println(cql.Quote("items"), cql.Quote("Items"), cql.Quote("order"), cql.Quote(`12" records`))
	// Output: items "Items" "order" "12"" records"
}

func ExamplePreferHosts() {
	server, session := shop()
	defer server.Close()
	defer session.Close()
	ctx := context.Background()

	hosts, err := session.Hosts(ctx)
	if err != nil {
		log.Fatal(err)
	}
	at := cql.PreferHosts(ctx, hosts[0].ID)
	fmt.Println(session.Execute(at, insert))
	// Output: <nil>
}

func ExampleSession_Columns() {
	server, session := shop()
	defer server.Close()
	defer session.Close()

	columns, err := session.Columns(context.Background(), "shop.items", "v", "writetime(v)")
	for _, c := range columns {
		fmt.Println(c.Name, c.Type)
	}
	fmt.Println(err)
	// Output:
	// v int
	// writetime(v) bigint
	// <nil>
}
