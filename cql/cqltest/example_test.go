package cqltest_test

import (
	"fmt"
	"log"

	"github.com/rxcql/rxcql/cql/cqltest"
)

// A test of one's own pipeline: a server with a table, a query against it, a fault, and what the server was asked.
func Example() {
	srv := cqltest.NewServer()
	defer srv.Close()
	srv.MustExec(`CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	srv.MustExec(`CREATE TABLE shop.orders (day text, id int, total double, PRIMARY KEY (day, id))`)
	for id := range 5 {
		srv.MustExec(`INSERT INTO shop.orders (day, id, total) VALUES (?, ?, ?)`, "monday", id, float64(id)*9.5)
	}

	session, err := srv.Cluster().CreateSession()
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()

	iter := session.Query(`SELECT id, total FROM shop.orders WHERE day = ?`, "monday").PageSize(2).Iter()
	var id int
	var sum, total float64
	for iter.Scan(&id, &total) {
		sum += total
	}
	fmt.Println("sum", sum, iter.Close())

	srv.Inject(cqltest.Fault{Match: cqltest.On("shop.orders"), Times: 1, Err: cqltest.ReadTimeout(0, 1, false)})
	fmt.Println("then", session.Query(`SELECT id FROM shop.orders`).Exec())

	for _, r := range srv.Requests() {
		fmt.Println(r.Op, "page", r.Page, r.Values)
	}
	// Output:
	// sum 95 <nil>
	// then Operation timed out - received only 0 responses.
	// EXECUTE page 1 [monday]
	// EXECUTE page 2 [monday]
	// EXECUTE page 3 [monday]
	// EXECUTE page 1 []
}

// A hundred million rows, made as they are read.
func ExampleServer_Generate() {
	srv := cqltest.NewServer()
	defer srv.Close()
	srv.MustExec(`CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	srv.MustExec(`CREATE TABLE lab.readings (sensor int, n int, value double, PRIMARY KEY (sensor, n))`)
	srv.Generate("lab.readings", cqltest.Generator{
		Partitions: 10_000,
		Rows:       10_000,
		Key:        func(p int) []any { return []any{p} },
		Row:        func(p, r int) []any { return []any{r, float64(r) / 2} },
	})

	session, err := srv.Cluster().CreateSession()
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()
	var value float64
	err = session.Query(`SELECT value FROM lab.readings WHERE sensor = 7 AND n >= 9998 LIMIT 1`).Scan(&value)
	fmt.Println(value, err)
	// Output: 4999 <nil>
}

// Pages of one row, none, and one row: a client that stops at an empty page loses the second row.
func ExampleServer_PageSizes() {
	srv := cqltest.NewServer()
	defer srv.Close()
	srv.MustExec(`CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	srv.MustExec(`CREATE TABLE ks.t (p int, c int, PRIMARY KEY (p, c))`)
	srv.MustExec(`INSERT INTO ks.t (p, c) VALUES (1, 10)`)
	srv.MustExec(`INSERT INTO ks.t (p, c) VALUES (1, 20)`)
	srv.PageSizes("ks.t", 1, 0, 1)

	session, err := srv.Cluster().CreateSession()
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()
	var state []byte
	for {
		iter := session.Query(`SELECT c FROM ks.t WHERE p = 1`).PageState(state).Iter()
		fmt.Println(iter.NumRows(), "rows")
		if state = iter.PageState(); len(state) == 0 {
			break
		}
	}
	// Output:
	// 1 rows
	// 0 rows
	// 1 rows
}
