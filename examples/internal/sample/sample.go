// Package sample lets an example that works on a table run with nothing but Go installed: where no cluster is named, it
// starts a server inside the process that has a table of orders.
package sample

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/examples/internal/connect"
)

// Table is the name of the table of orders.
const Table = "shop.orders"

// perCustomer is the number of orders that each customer has.
const perCustomer = 100

// Open connects to the cluster that is named; where none is, to a server of its own, which has the table [Table] with
// that many rows, rounded up to a full hundred. close disconnects and ends the server.
func Open(ctx context.Context, cluster *connect.Cluster, rows int, out io.Writer) (session *cql.Session, close func(), err error) {
	return OpenTables(ctx, cluster, out, func(server *cqltest.Server) { Fill(server, Table, rows) }, Table)
}

// OpenTables is Open for other tables than that one: fill makes them on the server, and their names are told.
func OpenTables(
	ctx context.Context, cluster *connect.Cluster, out io.Writer, fill func(*cqltest.Server), tables ...string,
) (session *cql.Session, close func(), err error) {
	if cluster.Named() {
		session, err := cluster.Open(ctx)
		if err != nil {
			return nil, nil, err
		}
		return session, session.Close, nil
	}
	server := cqltest.NewServer(cqltest.LogSize(0))
	fill(server)
	session, err = cql.Connect(ctx, server.Cluster())
	if err != nil {
		server.Close()
		return nil, nil, err
	}
	with := "a table "
	if len(tables) > 1 {
		with = "the tables "
	}
	fmt.Fprintf(out, "Running against a test server inside this process, with %s; -hosts 10.0.0.1 uses your cluster.\n",
		with+strings.Join(tables, " and "))
	return session, func() { session.Close(); server.Close() }, nil
}

// Fill makes a table of orders, in keyspace shop, whose rows are made up as they are read.
func Fill(server *cqltest.Server, table string, rows int) {
	create(server, table)
	server.Generate(table, cqltest.Generator{
		Partitions: (rows + perCustomer - 1) / perCustomer, Rows: perCustomer,
		Key: func(p int) []any { return []any{p} },
		Row: row,
	})
}

// Write is Fill for a table that can be written to, for which the server needs memory.
func Write(server *cqltest.Server, table string, rows int) {
	create(server, table)
	columns := []string{"customer", "number", "at", "item", "cents", "note"}
	for i := range (rows + perCustomer - 1) / perCustomer * perCustomer {
		values := append([]any{i / perCustomer}, row(i/perCustomer, i%perCustomer)...)
		server.MustExec("INSERT INTO "+table+" ("+strings.Join(columns[:len(values)], ", ")+
			") VALUES (?"+strings.Repeat(", ?", len(values)-1)+")", values...)
	}
}

func create(server *cqltest.Server, table string) {
	server.MustExec("CREATE KEYSPACE IF NOT EXISTS shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE " + table + " (customer int, number int, at timestamp, item text, cents int, note text, PRIMARY KEY (customer, number))")
}

var (
	firstDay = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	items    = []string{"tea", "coffee", `cocoa, "dark"`, "milk"}
)

// row makes up a customer's order: the columns behind customer, note only in every tenth.
func row(customer, number int) []any {
	row := []any{
		number, firstDay.Add(time.Duration(customer*number) * time.Minute), items[(customer+number)%len(items)], 100 + (7*customer+13*number)%900,
	}
	if number%10 == 0 {
		row = append(row, fmt.Sprintf("order %d\nof customer %d", number, customer))
	}
	return row
}
